import { describe, expect, test } from "vitest";
import { inviteIn, ownInvite, piecesOf } from "./links.ts";

const addresses = (text: string): string[] => piecesOf(text).flatMap((piece) => (piece.href === null ? [] : [piece.href]));

describe("links in messages", () => {
  test("the pieces together are the text, unchanged", () => {
    for (const text of ["", "no link", "see https://a.example/x?y=1 and www.b.example.", "(https://en.example/wiki/A_(b))", "https://", "a https://ü.example b"])
      expect(piecesOf(text).map((piece) => piece.text).join("")).toBe(text);
  });

  test("http, https and www become addresses", () => {
    expect(addresses("go to https://a.example/x, www.b.example or http://c.example")).toEqual(["https://a.example/x", "https://www.b.example/", "http://c.example/"]);
  });

  test("the end of a sentence is not part of an address, a paired bracket is", () => {
    expect(addresses("Is it https://a.example/x?")).toEqual(["https://a.example/x"]);
    expect(addresses("(see https://a.example/b_(c))")).toEqual(["https://a.example/b_(c)"]);
  });

  test("nothing but the web becomes a link", () => {
    expect(addresses("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://a.example mailto:a@b.example tel:123")).toEqual([]);
  });

  test("an address that hides another behind a user name stays plain text", () => {
    expect(addresses("https://bank.example@evil.example/")).toEqual([]);
  });

  test("a look-alike host is shown as what it really is", () => {
    const [piece] = piecesOf("https://аpple.example/");
    expect(piece?.href !== null && piece?.host.startsWith("xn--")).toBe(true);
  });
});

describe("invite links", () => {
  test("a whole link, a bare fragment and a link inside a message are all understood", () => {
    expect(inviteIn("https://k.example/#i.abcd1234.efgh")).toEqual({ fragment: "#i.abcd1234.efgh", kind: "network" });
    expect(inviteIn("  #r.abcd-_34.ef  ")).toEqual({ fragment: "#r.abcd-_34.ef", kind: "room" });
    expect(inviteIn("i.abcd1234.ef")).toEqual({ fragment: "#i.abcd1234.ef", kind: "network" });
    expect(inviteIn("Come in: https://k.example/#i.abcd1234.efgh see you")?.fragment).toBe("#i.abcd1234.efgh");
  });

  test("anything else is not", () => {
    for (const text of ["", "hello", "https://k.example/", "#x.abcd", "#i."]) expect(inviteIn(text)).toBeNull();
  });

  test("only this origin's links open inside", () => {
    expect(ownInvite("https://k.example/#r.abcd1234.ef", "https://k.example")).toBe("#r.abcd1234.ef");
    expect(ownInvite("https://k.example.evil.example/#r.abcd1234.ef", "https://k.example")).toBeNull();
  });
});
