import { expect, test } from "vitest";
import { testid } from "../../../client/src/ui/testids.ts";
import { en } from "../../../client/src/ui/words/en.ts";
import { puppetOf } from "../../support/browsers/puppeteer.ts";
import { at } from "../app.ts";
import { lookAtScenes } from "../looking.ts";
import { room, tap } from "../scene.ts";
import { toReview } from "../scenes.ts";

const stage = lookAtScenes(1);

test("a question is asked in five touches, and says what happens now and by when", async () => {
  const page = await stage.inside(room("group-1"));
  await page.waitFor(at("message"));
  await toReview(page); // the message, its menu, what is ticked already, the worry
  await tap("askSend")(page);
  await page.waitFor(at("questionState"));
  expect(await page.text(at("questionState"))).toMatch(/What happens now.*Someone should look at it by \d\d:\d\d/su);
  await page.close();
});

test("rights are taken from moderators alone: of coordinators it says that they may do everything", async () => {
  const page = await stage.inside({ name: "rights" });
  await page.waitFor(at("rightsOf"));
  const people = await page.eval(({ screen, of }) => [...document.querySelectorAll(`[data-testid="${screen}"] section`)].filter((one) => one.querySelector("h3")).map((one) => [one.querySelector("p")?.textContent ?? "", one.querySelectorAll(`[data-testid="${of}"]`).length]), { screen: testid.screenRights, of: testid.rightsOf });
  const coordinator = [`${en.roles.coordinator}. ${en.decisions.may.all}`, 0];
  expect(people).toEqual([coordinator, coordinator, [en.roles.moderator, 8]]);
  await page.close();
});

test("a number of the report that is left out is said to be, and an older report reads as it was", async () => {
  const said = en.openness;
  const page = await stage.inside({ name: "openness" });
  const show = async (month: string, text: string): Promise<string> => {
    await page.click(`label:has([name="quarter"][value$="-${month}-01"])`);
    await page.waitFor(`text=${text}`);
    return page.text(at("screenOpenness"));
  };
  const label = (total: string): string => said.codes.totals[total] ?? "";
  const left = await show("04", said.withheld(label("lifted")));
  expect(left.split(label("lifted")), "it stands in the sentence alone").toHaveLength(2);
  expect(left).toContain(said.counted);
  expect(left).toContain(label("appeals_answered"));
  const older = await show("01", said.codes.appeals_by_outcome["open"] ?? "");
  for (const text of [said.counted, label("appeals_answered")]) expect(older).not.toContain(text);
  await page.close();
});

test("older decisions come when they are asked for", async () => {
  const page = await stage.inside({ name: "decisions" });
  await page.click(`text=${en.decisions.list.all}`);
  await page.waitFor(at("decisionsOlder"));
  const count = (wanted: number): Promise<unknown> => page.waitFor(`li:nth-child(${wanted}):last-child ${at("decision")}`);
  // The first is a branch that waits for a second person.
  await count(3);
  await page.click(at("decisionsOlder"));
  await count(5);
  await page.close();
});

test("what was decided about whoever asked without a name in a forgotten question names nobody, and leads to no page about them", async () => {
  const page = await stage.inside({ name: "decisions", only: "d6" });
  await page.waitFor(at("decision"));
  const text = await page.text(at("screenDecisions"));
  expect(text).toContain(en.helping.asker);
  expect(text).not.toContain("Tala");
  expect(await page.has(at("decisionAbout"))).toBe(false);
  await page.close();
});

test("whoever needs an answer now has numbers to call, whatever worries them", async () => {
  const page = await stage.inside(room("group-1"));
  await page.waitFor(at("message"));
  await toReview(page);
  await page.click(at("back"));
  await page.click(at("askConcern", "[data-concern=threats]"));
  await page.waitFor(at("askWish"));
  expect(await page.has(at("emergency"))).toBe(false);
  await page.click('label:has([name="urgency"][value="now"])');
  await page.waitFor(at("emergencyContact"));
  // They stand before everything else, and in sight, wherever the person was.
  const place = await page.eval((id) => {
    const card = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    const before = [...(card?.parentElement?.children ?? [])].filter((one) => card && one.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING && one.checkVisibility() && one.clientHeight > 1);
    return { before: before.length, top: card?.getBoundingClientRect().top ?? -1, hrefs: [...(card?.querySelectorAll("a") ?? [])].map((link) => link.getAttribute("href")) };
  }, testid.emergency);
  expect(place.before).toBe(0);
  expect(place.top).toBeGreaterThan(0);
  expect(place.top).toBeLessThan(120);
  expect(place.hrefs).toEqual(expect.arrayContaining(["tel:08001234567", "sms:+491701234567"]));
  await page.click(at("back"));
  expect(await page.has(at("emergencyContact"))).toBe(true);
  await page.close();
});

test("numbers that come up under a finger call nobody at a hurried second touch", async () => {
  const page = await stage.inside(room("group-1"));
  await page.waitFor(at("message"));
  await toReview(page);
  await page.click(at("back"));
  await page.click(at("askConcern", "[data-concern=threats]"));
  await page.waitFor(at("askWish"));
  const opens = await page.eval(async (id) => {
    const touch = (): boolean => {
      // Whatever comes as far as this would be opened.
      addEventListener("click", (event) => event.preventDefault(), { once: true });
      let opened = false;
      addEventListener("click", () => (opened = true), { once: true });
      document.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.click();
      return opened;
    };
    const pause = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
    document.querySelector<HTMLElement>('[name="urgency"][value="now"]')?.click();
    await pause(0);
    const there = document.querySelector(`[data-testid="${id}"]`) !== null;
    const hurried = touch();
    await pause(600);
    return { there, hurried, later: touch() };
  }, testid.emergencyContact);
  expect(opens).toEqual({ there: true, hurried: false, later: true });
  await page.close();
});

test("keys lead through the moderators' questions, take, hand over and close them and list themselves, and do nothing while somebody writes", async () => {
  const page = await stage.look();
  await puppetOf(page).setViewport({ width: 1280, height: 800 });
  await page.waitFor(at("screenChats"));
  await page.eval(() => window.go({ name: "console", id: null }));
  await page.waitFor(at("caseItem"));
  const press = (key: string): Promise<unknown> => puppetOf(page).keyboard.press(key as "j");
  const chosen = (): Promise<string | undefined> => page.eval((id) => document.querySelector<HTMLElement>(`[data-testid="${id}"][aria-current="true"]`)?.dataset["case"], testid.caseItem);
  const here = (id = ""): string => at("caseItem", `[data-case="${id}"][aria-current="true"]`);
  await press("j");
  await page.waitFor(at("exhibit"));
  expect(await page.text(at("exhibit"))).toContain("Show it");
  const first = await chosen();
  await press("j");
  await page.waitGone(here(first));
  await press("k");
  await page.waitFor(here(first));
  await press("c");
  await page.waitFor(at("caseHand"));
  for (const [key, opens] of [["h", "caseHanding"], ["e", "caseClosing"], ["?", "consoleKeys"]] as const) {
    await press(key);
    await page.waitFor(at(opens));
    // What lies over the console has the keys.
    await press("j");
    expect(await chosen()).toBe(first);
    await press("Escape");
    await page.waitGone(at(opens));
  }
  await page.click(at("composer"));
  await puppetOf(page).keyboard.type("jkche?");
  expect(await page.eval((id) => document.querySelector<HTMLTextAreaElement>(`[data-testid="${id}"]`)?.value, testid.composer)).toBe("jkche?");
  expect([await chosen(), await page.has(at("caseHanding")), await page.has(at("caseClosing")), await page.has(at("consoleKeys"))]).toEqual([first, false, false, false]);
  await press("Escape");
  await press("j");
  await page.waitGone(here(first));
  expect(page.problems).toEqual([]);
  await page.close();
});

test("pictures that a moderator uncovers count on the way to the pause that is offered, each once", async () => {
  const page = await stage.look();
  await page.waitFor(at("screenChats"));
  for (const [id, uncover] of [["5", at("exhibitTurn")], ["1", `text=${en.cases.file.showAll}`], ["3", `text=${en.cases.file.showAll}`], ["2", `text=${en.cases.file.showAll}`]] as const) {
    await page.eval((chosen) => window.go({ name: "console", id: chosen }), id);
    await page.click(uncover);
    await page.waitFor(`text=${en.cases.file.hide}`);
  }
  await tap("exhibitPictureLoad", "exhibitPictureTurn")(page);
  await page.waitFor(`text=${en.cases.pause.seen(15)}`);
  await tap("exhibitPictureTurn", "exhibitPictureTurn")(page);
  await page.waitFor(at("exhibitPicture", '[data-clear="true"]'));
  expect(await page.text(at("casePause"))).toContain(en.cases.pause.seen(15));
  await page.close();
});

test("whoever asked without a name is called so in the talk, and there is no page about them", async () => {
  const page = await stage.inside({ name: "console", id: "2" });
  await tap("caseTalk")(page);
  await page.waitFor(at("message"));
  expect(await page.texts(`${at("message")} .name`)).toEqual([en.helping.asker]);
  await page.longPress(`${at("message")} .bubble`);
  await page.waitFor(at("menuReply"));
  expect(await page.has(`text=${en.message.writeTo(en.helping.asker)}`)).toBe(false);
  await page.close();
});

test("no title, address or history entry tells what was looked at", async () => {
  const page = await stage.inside(room("group-1"));
  expect(await page.eval(() => [document.title, location.pathname + location.hash])).toEqual(["Kindred", "/dev.html"]);
  // A random word, a depth, and the key of what waits to be answered, random too (held.ts).
  expect(await page.eval(() => Object.entries(history.state as Record<string, unknown>).map(([name, value]) => [name, value instanceof Uint8Array ? "bytes" : value]))).toEqual([
    ["kindred", expect.stringMatching(/^[a-z0-9]+$/u)], ["depth", 1], ["key", "bytes"],
  ]);
});

test("at a desk a new invite can be made while a link that was made is still shown, and one step back leaves it", async () => {
  const page = await stage.look();
  await puppetOf(page).setViewport({ width: 1280, height: 800 });
  await page.waitFor(at("screenChats"));
  const invite = async (): Promise<void> => tap("add", "addInvite")(page);
  await invite();
  await page.click(at("inviteCreate"));
  await page.waitFor(at("inviteLink"));
  await invite();
  await page.waitGone(at("inviteLink"));
  await page.click(at("inviteCreate"));
  await page.waitFor(at("inviteLink"));
  await page.click(at("back"));
  await page.waitGone(at("screenNewInvite"));
  await page.close();
});
