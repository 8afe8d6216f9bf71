import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "../../support/browsers/page.ts";
import { puppetOf } from "../../support/browsers/puppeteer.ts";
import { at, type Id } from "../app.ts";
import { tap } from "../scene.ts";
import { Stage } from "../stage.ts";

/** Whoever writes by an input method, as Chinese or Korean is written, ends each word with Enter. */
const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());

/** Puts letters together in a field, as an input method does, and presses Enter before the word is done. */
async function put(page: Page, id: Id, letters: string): Promise<void> {
  await page.click(at(id));
  const session = await puppetOf(page).createCDPSession();
  await session.send("Input.imeSetComposition", { text: letters, selectionStart: letters.length, selectionEnd: letters.length });
  await page.eval(() => {
    addEventListener("keydown", ({ isComposing }) => (document.documentElement.dataset["composing"] = String(isComposing)), { once: true, capture: true });
  });
  await page.press("Enter");
  expect(await page.eval(() => document.documentElement.dataset["composing"]), "the browser is in the middle of a word").toBe("true");
}

/** The Enter that Safari tells of when the word is already done. True when the page lets it do what Enter does. */
function late(selector: string): boolean {
  const event = new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true });
  return document.querySelector(selector)?.dispatchEvent(event) ?? false;
}

test("Enter that ends a word sends no message, and the next one does", async () => {
  const page = await stage.look();
  await puppetOf(page).setViewport({ width: 1280, height: 800 });
  await page.waitFor(at("screenChats"));
  await page.eval(() => window.go({ name: "room", room: "group-1" }));
  await page.waitFor(at("message"));
  const sent = (): Promise<string[]> => page.eval(() => window.fake.rooms().flatMap(({ id, last }) => (id === "group-1" ? [last?.text ?? ""] : [])));
  const before = await sent();
  await put(page, "composer", "nihao");
  await page.eval(late, at("composer"));
  expect(await sent()).toEqual(before);
  await page.fill(at("composer"), "你好");
  await page.press("Enter");
  await page.waitFor("text=你好");
  expect(await sent()).toEqual(["你好"]);
});

test("Enter that ends a word of the recovery words hands nothing in, and the next one takes the word", async () => {
  const page = await stage.look("phase=fresh");
  await tap("recoverStart")(page);
  await put(page, "enterWord", "lega");
  expect(await page.eval(late, at("enterWord"))).toBe(false);
  expect(await page.has(at("enteredWord"))).toBe(false);
  await page.fill(at("enterWord"), "legal");
  await page.press("Enter");
  await page.waitFor(at("enteredWord"));
});

test("Enter that ends a word while the words are checked hands nothing in", async () => {
  const page = await stage.inside({ name: "newWords" });
  await tap("newWordsNext")(page);
  await page.waitFor(at("newWord"));
  await tap("newWordsNext")(page);
  await put(page, "checkWord", "wago");
  expect(await page.eval(late, at("checkWord"))).toBe(false);
  expect(await page.has("text=Look at your paper again")).toBe(false);
  await page.fill(at("checkWord"), "wagon");
  await page.press("Enter");
  await page.waitFor("text=Look at your paper again");
});
