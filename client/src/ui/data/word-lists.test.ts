import { expect, it } from "vitest";
import { likelyList } from "./word-lists.ts";

it("finds the words' language by what the phone wants most", () => {
  expect(likelyList(["fr-CA", "en"])).toBe("fr");
  expect(likelyList(["uk-UA", "pt-BR", "en-US"])).toBe("pt");
  expect(likelyList(["zh-TW"])).toBe("zh-Hant");
  expect(likelyList(["zh-HK"])).toBe("zh-Hant");
  expect(likelyList(["zh-Hans-HK"])).toBe("zh-Hans");
  expect(likelyList(["zh"])).toBe("zh-Hans");
  expect(likelyList(["zh-Hant"])).toBe("zh-Hant");
  expect(likelyList(["ar", "uk"])).toBe("en");
  expect(likelyList(["not a tag", "ja"])).toBe("ja");
  expect(likelyList([])).toBe("en");
});
