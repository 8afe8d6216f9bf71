import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HostList, hostsIn, named } from "./links.ts";

const shipped = readFileSync(new URL("../../public/hints/links", import.meta.url));
const list = HostList.read(shipped);
const ascii = (text: string): string[] => hostsIn(text).map((host) => host.ascii);

describe("hosts in a text", () => {
  it.each([
    ["See https://www.Example.org/jobs?x=1.", ["example.org"]],
    ["scam.test/apply or lure.example, now", ["scam.test", "lure.example"]],
    ["(www.lure.example), https://scam.test, «https://jobs-abroad.example»… https://phishing.invalid!", ["lure.example", "scam.test", "jobs-abroad.example", "phishing.invalid"]],
    ["**https://lure.example/** and https://scam.test؟", ["lure.example", "scam.test"]],
    ["http://user:word@lure.example:8080/", ["lure.example"]],
    ["https://bücher.example", ["xn--bcher-kva.example"]],
    ["mail me at mira@lure.example", []],
    ["Yes.No and 3.5 euros at http://192.0.2.1/ or http://localhost/", ["yes.no"]],
    ["https://", []],
  ])("%s", (text, expected) => {
    expect(ascii(text)).toEqual(expected);
  });

  it("that mix two alphabets, or pass on to elsewhere, are told by their names alone", () => {
    expect(named(hostsIn("https://exаmple.org"))).toEqual(["lookAlikeLink"]);
    expect(named(hostsIn("https://пример.example and https://example.org and bücher.example"))).toEqual([]);
    expect(named(hostsIn("bit.ly/3xYz and https://tinyurl.com/abc"))).toEqual(["shortLink"]);
  });
});

describe("the list of hashes", () => {
  it("knows its hosts and whatever is below them", async () => {
    for (const text of ["https://scam.test/x", "www.jobs-abroad.example", "pay.deep.lure.example"]) expect(await list?.knows(hostsIn(text)), text).toBe(true);
    for (const text of ["https://notscam.test", "scam.test.org", "https://example.org", ""]) expect(await list?.knows(hostsIn(text)), text).toBe(false);
  });

  it("is read whole or not at all", () => {
    const whole = new Uint8Array([0x4b, 0x48, 0x4c, 0x31, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(HostList.read(whole)?.size).toBe(1);
    for (const part of [whole.subarray(0, 15), whole.subarray(0, 4), new Uint8Array(), new Uint8Array(16), new TextEncoder().encode("<!doctype html>")]) expect(HostList.read(part)).toBeNull();
  });
});

describe("the list that is shipped", () => {
  interface Source {
    hosts: number;
    shipped_sha256: string;
    samples: string[];
  }
  const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
  const source = JSON.parse(read("hints-links-source.json")) as Source;
  const left = (name: string): string[] => read(name).split("\n").map((line) => line.replace(/#.*/u, "").trim()).filter((line) => line !== "");
  const examples = left("hints-links-example.txt");

  it("is the one whose source is written down, with the names for examples", () => {
    expect(createHash("sha256").update(shipped).digest("hex")).toBe(source.shipped_sha256);
    expect(list?.size).toBe(source.hosts + examples.length);
    expect(examples.length).toBe(4);
  });

  it("knows hosts of its source, and what is below them, but nothing that only looks like one", async () => {
    expect(source.samples.length).toBeGreaterThanOrEqual(3);
    for (const host of source.samples) {
      for (const text of [`https://${host}/apply?x=1`, `see www.${host}, soon`, `http://login.pay.${host}`]) expect(await list?.knows(hostsIn(text)), text).toBe(true);
      for (const text of [`https://x${host}`, `https://${host}.example.org`, `https://example.org/${host}`, `me@${host}`]) expect(await list?.knows(hostsIn(text)), text).toBe(false);
    }
  });

  it.each([...left("../client/test/hints/hosts-ordinary.txt"), ...left("hints-links-left-out.txt")])("does not know %s", async (host) => {
    const hosts = hostsIn(`https://www.${host}/`);
    expect(hosts.map((one) => one.ascii)).toEqual([host]);
    expect(await list?.knows(hosts)).toBe(false);
  });

  it("is so short, with so long hashes, that it knows a host by chance once in more than a thousand million million", () => {
    // Seven names at most are looked up for a host (the address pattern has six dots), each as likely as there are hashes.
    expect((7 * (list?.size ?? 0)) / 2 ** 64).toBeLessThan(1e-15);
    expect(shipped.length).toBeLessThan(300_000);
  });
});
