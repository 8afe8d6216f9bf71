import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";

const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());

const room = (id: string, scene = ""): Promise<Page> => stage.inside({ name: "room", room: id }, scene);
const pinAgain = at("screenPin", '[data-step="again"]');
/** What the keyboard is on: its name for screen readers, or its text. */
const focused = (page: Page): Promise<string> => page.eval(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "");
const screenNow = (page: Page): Promise<string> =>
  page.eval(() => [...document.querySelectorAll<HTMLElement>('[data-testid^="screen-"]')].find((one) => one.checkVisibility({ visibilityProperty: true }))?.dataset["testid"] ?? "");

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.press("Tab");
    if ((await focused(page)).startsWith(name)) return;
  }
  throw new Error(`Tab does not reach “${name}”`);
}

describe("the keyboard alone", () => {
  test("someone joins with nothing but keys", async () => {
    const page = await stage.look("phase=fresh#i.abcd1234.ef");
    await page.waitFor(at("inviteStart"));
    await tabTo(page, "Start");
    await page.press("Enter");
    await page.waitFor(at("nameInput"));
    await tabTo(page, "Continue");
    await page.press("Enter");
    await page.waitFor(at("screenPin"));
    await puppetOf(page).keyboard.type("274951");
    await page.waitFor(pinAgain);
    await puppetOf(page).keyboard.type("274951");
    await page.waitFor(at("conductAgree"));
    await tabTo(page, "I agree");
    await page.press("Enter");
    await page.waitFor(at("screenChats"));
  });

  test("messages are walked through, answered and reacted to", async () => {
    const page = await room("group-1");
    await page.waitFor(at("message"));
    await page.eval((wanted) => document.querySelector<HTMLElement>(`${wanted}[tabindex="0"]`)?.focus(), at("message"));
    for (let step = 0; step < 3; step++) await page.press("ArrowUp");
    await until(async () => (await focused(page)).startsWith("Mira, "), patience, () => "the focus does not go to the message");
    await page.press("Enter");
    await page.waitFor(at("menuReact"));
    await page.press("Enter");
    await page.waitFor(at("reaction", '[aria-pressed="true"]'));
    await until(async () => (await focused(page)).startsWith("Mira, "), patience, () => "the focus did not come back to the message");
    await page.press("Enter");
    await page.waitFor(at("menuReply"));
    await page.press("Escape");
    await page.waitGone(at("messageMenu"));
    expect(await screenNow(page)).toBe("screen-room");
  });

  test("under a question nothing else can be reached, except the exit", async () => {
    const page = await stage.inside({ name: "settings" });
    await page.click(at("settingsErase"));
    await page.waitFor(at("confirmNo"));
    const reached = new Set<string>();
    for (let presses = 0; presses < 12; presses++) {
      await page.press("Tab");
      reached.add(await focused(page));
    }
    expect([...reached].filter((name) => !/^(Go back|Forget everything|Exit this page quickly|Forget everything on this device\?|Kindred|)$/u.test(name) && name.length < 60)).toEqual([]);
    expect(reached).toContain("Exit this page quickly");
  });
});

describe("the PIN", () => {
  test("is tapped, typed or pasted, and said to be different when it is", async () => {
    const page = await stage.look("phase=fresh#i.abcd1234.ef");
    await page.click(at("inviteStart"));
    await page.click(at("nameNext"));
    await page.waitFor(at("pinInput"));
    for (const digit of "274951") await page.click(`[data-testid="pin-key-${digit}"]`);
    await page.waitFor(pinAgain);
    await page.eval(() => {
      const input = document.querySelector<HTMLInputElement>('[data-testid="pin-input"]');
      input?.focus();
      document.execCommand("insertText", false, "27 49 52");
    });
    await page.waitFor("text=The two PINs were not the same");
    await puppetOf(page).keyboard.type("274951");
    await page.waitFor(pinAgain);
    await puppetOf(page).keyboard.type("2749");
    await page.click(at("pinDelete"));
    await puppetOf(page).keyboard.type("951");
    await page.waitFor(at("conductAgree"));
  });

  test("is never in the page as text", async () => {
    const page = await stage.look("phase=locked");
    await page.type(at("pinInput"), "27495");
    expect(await page.eval(() => document.body.innerText + document.body.innerHTML.replace(/data-testid="[^"]*"/gu, ""))).not.toContain("27495");
  });
});

describe("back, as Android has it", () => {
  test("closes a menu first, then the screen, and never leaves a conversation behind in the history", async () => {
    const page = await room("group-1");
    await page.click(at("roomDetails"));
    await page.click(at("groupRename"));
    await page.waitFor(at("renameInput"));
    const puppet = puppetOf(page);
    await puppet.evaluate(() => history.back());
    await page.waitGone(at("renameInput"));
    expect(await screenNow(page)).toBe("screen-group");
    await puppet.evaluate(() => history.back());
    await until(async () => (await screenNow(page)) === "screen-room", patience, () => "not back in the room");
    await puppet.evaluate(() => history.back());
    await until(async () => (await screenNow(page)) === "screen-chats", patience, () => "not back in the chats");
  });

  test("a menu that opened a screen is gone when one comes back", async () => {
    const page = await stage.look();
    await page.click(at("add"));
    await page.click(at("addWrite"));
    await page.waitFor(at("personChoice"));
    await page.click(at("back"));
    await until(async () => (await screenNow(page)) === "screen-chats", patience, () => "not back in the chats");
    expect(await page.has(at("addWrite"))).toBe(false);
    expect(await page.eval(() => (history.state as { depth: number }).depth)).toBe(0);
  });

  test("a question that opens while another is still going away leaves every way back", async () => {
    const page = await stage.inside({ name: "console", id: "3" });
    await page.click(at("caseHand"));
    await page.waitFor(at("caseHanding"));
    await page.eval(async (cancel, next) => {
      const turn = (): Promise<void> => new Promise((done) => setTimeout(done));
      document.querySelector<HTMLElement>(cancel)?.click();
      for (let turns = 0; turns < 3; turns++) await turn();
      document.querySelector<HTMLElement>(next)?.click();
    }, `${at("caseHanding")} .plain`, at("caseClose"));
    await page.waitFor(at("caseClosing"));
    await until(() => page.eval(() => (history.state as { depth: number }).depth === 2), patience, () => "the question has no place of its own");
    await page.press("Escape");
    await page.waitGone(at("caseClosing"));
    await page.click(at("back"));
    await until(async () => (await screenNow(page)) === "screen-chats", patience, () => "not back in the chats");
    await until(() => page.eval(() => (history.state as { depth: number }).depth === 0), patience, () => "something is left behind");
  });
});

describe("leaving quickly", () => {
  /** Answers for the page that one leaves to, after a while, and tells what was asked for. */
  async function elsewhere(page: Page): Promise<string[]> {
    const asked: string[] = [];
    const puppet = puppetOf(page);
    await puppet.setRequestInterception(true);
    puppet.on("request", (request) => {
      if (request.url().startsWith(stage.origin)) return void request.continue();
      asked.push(request.url());
      setTimeout(() => void request.respond({ status: 200, contentType: "text/html", body: "<title>Weather</title>Sunny" }), 300);
    });
    return asked;
  }

  test.each([
    ["the button", (page: Page) => page.click(at("exit"))],
    ["Shift three times", async (page: Page) => { for (let press = 0; press < 3; press++) await page.press("Shift"); }],
    ["the button, over a question", async (page: Page) => { await page.click(at("add")); await page.waitFor(at("addWrite")); await page.click(at("exit")); }],
  ])("by %s hides everything at once and leaves no way back to it", async (_how, leave) => {
    const page = await stage.look();
    const asked = await elsewhere(page);
    const before = await page.eval(() => history.length);
    const said: string[] = [];
    puppetOf(page).on("console", (message) => said.push(message.text()));
    // A page that is being left answers no questions any more, so it tells by itself.
    await page.eval(() => {
      const look = (): void => console.info(`${document.title}, ${getComputedStyle(document.body).display}`);
      new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["class"] });
    });
    await leave(page);
    await until(() => Promise.resolve(said.length > 0), patience, () => "nothing was hidden");
    expect(said).toEqual(["Loading, none"]);
    await until(() => puppetOf(page).title().then((title) => title === "Weather", () => false), patience, () => "the weather did not come");
    expect(asked[0]).toMatch(/^https:\/\/www\.bbc\.com\/weather/u);
    // The page itself was replaced; what a menu put on top of it stays as an empty entry at most.
    expect(await page.eval(() => history.length)).toBeLessThanOrEqual(before + 1);
    await page.close();
  });

  test("two presses are announced, and capital letters do not count", async () => {
    const page = await room("group-1");
    await page.press("Shift");
    await page.press("Shift");
    await page.waitFor(() => document.querySelector("aside [role=status]")?.textContent?.includes("1 more"));
    await page.type(at("composer"), "A B C D");
    await page.idle(300);
    expect(await page.eval(() => document.title)).toBe("Kindred");
  });

  test("the link itself tells nothing about where one was", async () => {
    const page = await stage.look();
    expect(await page.eval(() => document.querySelector('[data-testid="exit"]')?.getAttribute("rel"))).toBe("nofollow noreferrer");
  });
});

test("a second tab offers to take over", async () => {
  const page = await stage.look("phase=elsewhere");
  await page.click(at("takeOver"));
  await page.waitFor(at("screenUnlock"));
});

test("what lies open is gone when the device is locked", async () => {
  const page = await room("group-1");
  await page.eval(() => window.fake.lock());
  await page.waitFor(at("screenUnlock"));
  expect(await page.eval(() => document.body.innerText)).not.toContain("Tuesday");
});
