import { describe, expect, test } from "vitest";
import { type Contact, fits } from "../../contract/index.ts";
import { changed, first, hrefOf, lackOf, shownOf, tidied } from "./contacts.ts";

const line: Contact = { name: "Night line", way: "tel", to: "0800 123 45 67", line: "" };
const page: Contact = { name: "Harbour House", way: "web", to: "https://harbour.example/help", line: "" };
const other: Contact = { ...line, name: "Day line", way: "sms", to: "+49 170 1234567" };

// The same as in tests/http/test_contacts.py.
const NO_NUMBERS = ["", "1", "+", "1".repeat(16), "0800  1", " 112", "112 ", "*#06#", "**21*112#", "112;ext=1", "0800/1", "(0)30 1", "٠١٢", "call", "112\n"];
const NO_PAGES = [
  "http://harbour.example", "javascript:alert(1)", "https://harbour", "https://1.2.3.4", "https://user@harbour.example", "https://harbour.example\\@other.example",
  "https://Harbour.example", "https://härbour.example", "https://harbour.example/a b", "https://harbour.example/\n", `https://harbour.example/${"a".repeat(200)}`,
];

describe("what leads to somebody", () => {
  test.each(["112", "15", "0800 123 45 67", "+49 30 1234567", "1-888-373-7888"])("the number %s", (to) => {
    expect([fits({ way: "tel", to }), fits({ way: "sms", to }), fits({ way: "web", to })]).toEqual([true, true, false]);
  });

  test.each(["https://harbour.example", "https://a-b.harbour.example:8443/help/?a=1#b"])("the page %s", (to) => {
    expect([fits({ way: "web", to }), fits({ way: "tel", to })]).toEqual([true, false]);
  });

  test.each(NO_NUMBERS)("but not the number %j", (to) => {
    expect([fits({ way: "tel", to }), fits({ way: "sms", to })]).toEqual([false, false]);
  });

  test.each(NO_PAGES)("but not the page %j", (to) => {
    expect(fits({ way: "web", to })).toBe(false);
  });
});

test("one press leads to the dialler, to a message or to the page, and a page is shown by its name", () => {
  expect([line, other, page].map(hrefOf)).toEqual(["tel:08001234567", "sms:+491701234567", "https://harbour.example/help"]);
  expect([line, page].map(shownOf)).toEqual(["0800 123 45 67", "harbour.example"]);
});

test("what people type is put into the one spelling, and then lacks nothing", () => {
  const typed: [Contact, Contact][] = [
    [{ ...line, name: "  Night \u00a0 line ", to: " 0800\u00a0123  45 67 " }, line],
    [{ ...line, to: "0800–123–45" }, { ...line, to: "0800-123-45" }],
    [{ ...page, to: " Harbour.example/help" }, page],
    [{ ...page, to: "https://härbour.example/é" }, { ...page, to: "https://xn--hrbour-bua.example/%C3%A9" }],
  ];
  for (const [one, kept] of typed) {
    expect(tidied(one)).toEqual(kept);
    expect(lackOf(tidied(one))).toBeNull();
  }
});

test("what is wrong is said, the name first", () => {
  const lacks = (more: Partial<Contact>): string | null => lackOf(tidied({ ...line, ...more }));
  expect(lacks({ name: " ", to: "" })).toBe("name");
  expect(lacks({ to: "call us" })).toBe("number");
  expect(lacks({ way: "web", to: "http://harbour.example" })).toBe("page");
  expect(lacks({ way: "web", to: "" })).toBe("page");
  expect(lacks({ way: "web", to: "javascript:alert(1)" })).toBe("page");
  expect([lacks({ name: "n".repeat(81) }), lacks({ line: "🌙".repeat(121) }), lacks({ line: "🌙".repeat(120) })]).toEqual(["long", "long", null]);
});

test("one is changed in its place, taken out, added last or put first, and nobody else is lost", () => {
  const all = [line, page];
  expect(changed(all, { ...line }, other)).toEqual([other, page]);
  expect(changed(all, line, null)).toEqual([page]);
  expect(changed(all, null, other)).toEqual([line, page, other]);
  expect(changed([page], line, other)).toEqual([page, other]);
  expect(changed([page], line, null)).toEqual([page]);
  expect(first(all, { ...page })).toEqual([page, line]);
});
