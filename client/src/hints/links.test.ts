import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HostList, hostsIn, named } from "./links.ts";

const list = HostList.read(readFileSync(new URL("../../public/hints/links", import.meta.url)));
const ascii = (text: string): string[] => hostsIn(text).map((host) => host.ascii);

describe("hosts in a text", () => {
  it.each([
    ["See https://www.Example.org/jobs?x=1.", ["example.org"]],
    ["scam.test/apply or lure.example, now", ["scam.test", "lure.example"]],
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
    expect(list?.size).toBe(4);
    for (const text of ["https://scam.test/x", "www.jobs-abroad.example", "pay.deep.lure.example"]) expect(await list?.knows(hostsIn(text)), text).toBe(true);
    for (const text of ["https://notscam.test", "scam.test.org", "https://example.org", ""]) expect(await list?.knows(hostsIn(text)), text).toBe(false);
  });

  it("is read whole or not at all", () => {
    const whole = new Uint8Array([0x4b, 0x48, 0x4c, 0x31, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(HostList.read(whole)?.size).toBe(1);
    for (const part of [whole.subarray(0, 15), whole.subarray(0, 4), new Uint8Array(), new Uint8Array(16), new TextEncoder().encode("<!doctype html>")]) expect(HostList.read(part)).toBeNull();
  });
});
