import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Screen } from "../../../client/src/ui/router.svelte.ts";
import { en } from "../../../client/src/ui/words/en.ts";
import { patience, type Page } from "../../support/browsers/page.ts";
import { puppetOf } from "../../support/browsers/puppeteer.ts";
import { until } from "../../support/processes.ts";
import { at } from "../app.ts";
import { Stage } from "../stage.ts";

const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());

const room = (id: string, scene = ""): Promise<Page> => stage.inside({ name: "room", room: id }, scene);

async function swipe(page: Page, selector: string, distance: number): Promise<void> {
  let before: { x: number; y: number } | null = null;
  const box = await until(async () => {
    const now = (await (await puppetOf(page).$(selector))?.boundingBox()) ?? null;
    // The screen slides in.
    const still = now !== null && now.x === before?.x && now.y === before.y;
    before = now;
    return still ? now : null;
  }, patience, () => `${selector} is not there, or moves`);
  const y = box.y + box.height / 2;
  const finger = await puppetOf(page).touchscreen.touchStart(box.x + 20, y);
  for (let moved = 8; moved <= distance; moved += 8) await finger.move(box.x + 20 + moved, y);
  await finger.end();
}

describe("a conversation of 5,000 messages", () => {
  /** Where the message in the middle of the view stands. */
  const middle = (): { key: string; top: number | null } => {
    const list = document.querySelector('[role="log"]')?.getBoundingClientRect();
    const centre = ((list?.top ?? 0) + (list?.bottom ?? 0)) / 2;
    const line = [...document.querySelectorAll<HTMLElement>("[data-key]")].find((one) => one.getBoundingClientRect().bottom > centre);
    const { top = 9999 } = line?.getBoundingClientRect() ?? {};
    return { key: line?.dataset["key"] ?? "", top: top < centre ? top : null };
  };
  const topOf = (key: string): number | null => document.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().top ?? null;
  /** The same once there is something in the middle. */
  const reading = (page: Page): Promise<{ key: string; top: number }> =>
    until(async () => {
      const { key, top } = await page.eval(middle);
      return top === null ? null : { key, top };
    }, patience, () => "nothing is drawn in the middle");
  const lines = (): number => document.querySelectorAll("[data-key]").length;

  test("is read backwards to its beginning without a jump, with few lines in the page", async () => {
    const page = await room("open-1", "rooms=many");
    await page.waitFor(at("message"));
    let most = 0;
    let jump = 0;
    for (let turn = 0; turn < 60; turn++) {
      await page.eval(() => document.querySelector('[role="log"]')?.scrollBy(0, -1500));
      const before = await reading(page);
      await page.idle(100);
      const top = await page.eval(topOf, before.key);
      jump = Math.max(jump, top === null ? 9999 : Math.abs(top - before.top));
      most = Math.max(most, await page.eval(lines));
    }
    expect(jump).toBeLessThanOrEqual(1);
    expect(most).toBeLessThan(90);
    await page.click(at("jumpNewest"));
    await page.waitFor("text=Back in an hour");
  });

  test("stays where one reads when new messages come, and counts them", async () => {
    const page = await room("open-1", "rooms=many");
    await page.waitFor(at("message"));
    await page.eval(() => document.querySelector('[role="log"]')?.scrollBy(0, -2500));
    await page.idle(300);
    const before = await reading(page);
    await page.eval(() => {
      for (const text of ["one", "two", "three"]) window.fake.receive("open-1", `New ${text}. ${"It is a long one. ".repeat(12)}`);
    });
    await page.waitFor(() => document.querySelector('[data-testid="jump-newest"]')?.textContent?.trim() === "6");
    expect(Math.abs(((await page.eval(topOf, before.key)) ?? 9999) - before.top)).toBeLessThanOrEqual(1);
    await page.click(at("jumpNewest"));
    await page.waitFor("text=New three");
    await page.waitGone(at("jumpNewest"));
  });

  test("goes to the first of many unread messages", async () => {
    const page = await room("group-long");
    await page.click(at("jumpUnread"));
    await page.waitFor(at("unreadLine"));
    expect(await page.text(`${at("unreadLine")}`)).toBe("New since you were here");
    await page.waitGone(at("jumpUnread"));
  });
});

/** Waits until this stands in the composer. */
async function holds(page: Page, draft: string): Promise<void> {
  await until(async () => (await page.texts(at("composer"))).join() === draft, patience, async () => `the composer has ${(await page.texts(at("composer"))).join()}`);
}

describe("in a conversation", () => {
  test("a swipe answers, and what is sent says that it arrived", async () => {
    const page = await room("group-1");
    await page.waitFor("text=I will keep a chair");
    await page.eval(() => [...document.querySelectorAll<HTMLElement>("article .bubble")].find((one) => one.innerText.includes("a chair"))?.setAttribute("id", "swiped"));
    await swipe(page, "#swiped", 80);
    await page.waitFor("text=Reply to Mira");
    await page.type(at("composer"), "Thank you");
    await page.click(at("send"));
    await page.waitFor("text=Delivered");
    expect(await page.texts(at("messageReply"))).toContainEqual(expect.stringContaining("I will keep a chair"));
    expect(await page.has(at("composerCancel"))).toBe(false);
  });

  test("a short swipe does nothing", async () => {
    const page = await room("group-1");
    await page.waitFor("text=I will keep a chair");
    await page.eval(() => [...document.querySelectorAll<HTMLElement>("article .bubble")].find((one) => one.innerText.includes("a chair"))?.setAttribute("id", "swiped"));
    await swipe(page, "#swiped", 32);
    await page.idle(200);
    expect(await page.has(at("composerCancel"))).toBe(false);
  });

  test("deleting for everyone is asked twice, and a double tap is one answer", async () => {
    const page = await room("group-1");
    const own = at("message", ".mine[data-state=delivered]");
    await page.longPress(`${own} .bubble`);
    await page.click(at("menuDelete"));
    await page.click(at("confirmYes"));
    await page.eval((yes) => document.querySelector<HTMLElement>(yes)?.click(), at("confirmYes"));
    expect(await page.text(at("confirmYes"))).toBe("Yes, delete it");
    await page.click(at("confirmYes"));
    await page.waitGone(at("confirmYes"));
    await page.waitFor(".mine .deleted");
  });

  test("a message is changed in the composer, and a draft waits meanwhile", async () => {
    const page = await room("group-1");
    await page.type(at("composer"), "A thought for later");
    await page.longPress(`${at("message", ".mine[data-state=delivered]")} .bubble`);
    await page.click(at("menuEdit"));
    await page.waitFor("text=Changing your message");
    await page.fill(at("composer"), "Changed words");
    await page.click(at("send"));
    await page.waitFor("text=Changed words");
    await holds(page, "A thought for later");
  });

  test("a draft stays with its conversation", async () => {
    const page = await room("group-1");
    await page.type(at("composer"), "Half a thou");
    await page.click(at("back"));
    await page.waitFor("text=Half a thou");
    await page.click(at("chatItem", '[data-room="group-1"]'));
    await holds(page, "Half a thou");
  });

  test("a message that did not go out can be tried again or removed", async () => {
    const page = await room("group-1");
    await page.click(at("messageRetry"));
    await page.waitGone(at("messageRetry"));
  });

  test("what is written without a network waits", async () => {
    const page = await room("group-1", "net=offline");
    await page.waitFor(at("connectionLine"));
    await page.type(at("composer"), "Later then");
    await page.click(at("send"));
    await page.waitFor("text=Later then");
    expect((await page.texts(at("messageState"))).at(-1)).toContain("Waiting");
  });

  test("a link asks first, opens nothing but the web, and takes nothing along", async () => {
    const page = await room("open-1");
    await page.eval(() => window.fake.receive("open-1", "javascript:alert(1) <img src=x onerror=alert(1)> https://a.example/path"));
    await page.waitFor("text=onerror");
    const link = await page.eval(() => {
      const all = [...document.querySelectorAll<HTMLAnchorElement>("article a")].map((one) => `${one.href} ${one.rel} ${one.target}`);
      [...document.querySelectorAll<HTMLAnchorElement>("article a")].at(-1)?.click();
      return all.at(-1);
    });
    expect(link).toBe("https://a.example/path noopener noreferrer nofollow _blank");
    await page.waitFor("text=This opens a.example");
    await page.click(at("confirmNo"));
    await page.waitGone(at("linkOpen"));
    expect(await page.eval(() => document.querySelectorAll("article img").length)).toBe(0);
  });

  test("a reaction is added and taken back by touch", async () => {
    const page = await room("group-1");
    await page.longPress(`${at("message", ".mine[data-state=delivered]")} .bubble`);
    await page.click(at("menuReact", '[data-emoji="🙏"]'));
    const given = at("reaction", '[aria-label^="🙏"][aria-pressed="true"]');
    await page.waitFor(given);
    await page.click(given);
    await page.waitGone(given);
  });

  test("one that somebody is no longer in says so, and does not count its people", async () => {
    const page = await room("group-left");
    await page.waitFor(at("systemLine"));
    expect(await page.text(at("roomDetails"))).toContain(en.room.notIn);
    expect(await page.text(at("roomDetails"))).not.toMatch(/\d/u);
    await page.click(at("roomDetails"));
    await page.waitFor(at("groupForget"));
    expect(await page.texts(`${at("screenGroup")} h2`)).toContain(en.group.membersThen);
  });

  test("an open conversation rests: it is looked at again for what changed in it, and not for being looked at", async () => {
    const page = await room("open-1");
    await page.waitFor(at("message"));
    await page.eval(() => {
      const { fake } = window;
      const messages = fake.messages.bind(fake);
      fake.messages = (...asked) => {
        document.documentElement.dataset["looks"] = String(Number(document.documentElement.dataset["looks"] ?? 0) + 1);
        return messages(...asked);
      };
      fake.receive("open-1", "Something new");
    });
    await page.waitFor("text=Something new");
    const looks = (): Promise<number> => page.eval(() => Number(document.documentElement.dataset["looks"]));
    await until(async () => (await looks()) > 0, patience, () => "it was not looked at");
    await until(async () => {
      const before = await looks();
      await page.idle(1000);
      return (await looks()) === before;
    }, patience, () => "it does not come to rest");
  });

  test.each<[string, Screen, string]>([
    ["a chat", { name: "room", room: "open-1" }, "open-1"],
    ["a talk about a decision", { name: "decisionTalk", room: "case-d2", about: "Amal" }, "case-d2"],
  ])("%s shows what came while it opened and after, also when another one changed in the same moment", async (_, screen, shown) => {
    const page = await stage.inside({ name: "settings" });
    await page.eval((here) => {
      const { fake } = window;
      const messages = fake.messages.bind(fake);
      let first = true;
      // What was read is without what comes now.
      fake.messages = async (...asked) => {
        const found = await messages(...asked);
        if (first && asked[0] === here) {
          first = false;
          fake.receive(here, "While it opened");
          fake.receive("open-2", "Elsewhere");
        }
        return found;
      };
    }, shown);
    await page.eval((to) => window.go(to), screen);
    await page.waitFor("text=While it opened");
    await page.eval((here) => {
      window.fake.receive(here, "And after it");
      window.fake.receive("open-2", "Elsewhere again");
    }, shown);
    await page.waitFor("text=And after it");
  });
});
