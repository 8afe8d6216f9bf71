import { beforeAll, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { at, type App, type Id } from "./app.ts";
import { choose, offered } from "./further.ts";
import { choose as chooseAbout, decide, read, reads, readsNo, review, staffAndMembers, toCase, toConsole, toDecisions, toStatement, yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const THREAT = "I know where you live";
const ANSWER = "Please leave me alone";
const { care, decisions } = en;
let asha: App;
let mira: App;
let tala: App;
let rook: App;
let talas: Room;
let rooks: Room;

beforeAll(async () => {
  [asha, mira, tala, rook] = await staffAndMembers(world);
  talas = await tala.joinOpenRoom("Welcome");
  rooks = await rook.joinOpenRoom("Welcome");
  await rooks.send(THREAT);
  await talas.waitFor(THREAT);
  await talas.send(ANSWER);
  await rooks.waitFor(ANSWER);
});

/** The selector of a switch, which says whether it is on. */
const switched = (id: Id, on: boolean): string => at(id, `[aria-checked="${on}"]`);

/** Presses the switch of this label, which is the other way before, and waits until it has turned. */
async function turn(id: Id, label: string, on: boolean): Promise<void> {
  const labels = await asha.page.texts(at(id));
  const one = (state: boolean): string => at(id, `[aria-checked="${state}"]:nth-of-type(${labels.findIndex((text) => text.includes(label)) + 1})`);
  await asha.page.click(one(!on));
  await asha.page.waitFor(one(on));
}

async function toRights(): Promise<void> {
  await toConsole(asha);
  await asha.click("consoleRights");
  await asha.page.waitFor(at("rightsOf"));
}

test("an invite that was taken back lets nobody in, not even a person who was on the way in with it; the other still does", async () => {
  const kept = await asha.makeInvite();
  await asha.page.click(`text=${en.invites.another}`);
  await asha.click("inviteCreate");
  const taken = await asha.page.text(at("inviteLink"));
  const late = await world.visitor("Late", taken);
  await late.page.waitFor(at("inviteStart"));
  await asha.toChats();
  await asha.click("openSettings");
  await asha.click("settingsInvites");
  await asha.page.waitFor(at("inviteRevoke"));
  const before = (await asha.page.texts(at("inviteRevoke"))).length;
  // The newest stands first.
  await asha.click("inviteRevoke");
  await asha.page.waitFor(`text=${en.invites.revokeText}`);
  await yes(asha);
  await reads(asha, "inviteItem", en.invites.revoked);
  expect((await asha.page.texts(at("inviteRevoke"))).length).toBe(before - 1);

  await late.click("inviteStart");
  await late.fill("nameInput", "Late");
  await late.click("nameNext");
  await late.choosePin(late.pin);
  await late.click("conductAgree");
  await late.page.waitFor(`text=${en.joining.failed}`);
  await (await world.visitor("Later", taken)).page.waitFor(at("inviteProblem"));
  await (await world.visitor("Invited", kept)).page.waitFor(at("inviteStart"));
});

test("a muted room says so in the list of chats and still counts what is unread, also after a new start, until it is heard again", async () => {
  await talas.app.open("Welcome");
  await talas.details();
  await tala.page.waitFor(switched("groupMute", false));
  await tala.click("groupMute");
  await tala.page.waitFor(switched("groupMute", true));
  await tala.toChats();
  const row = await tala.holding("chatItem", "Welcome");
  expect(await tala.page.text(row)).toContain(en.chats.muted);
  await tala.reload();
  await rooks.send("Is anybody there?");
  await tala.waitForUnread("Welcome", 1);
  expect(await tala.page.text(row)).toContain(en.chats.muted);
  await tala.open("Welcome");
  await talas.details();
  await tala.click("groupMute");
  await tala.page.waitFor(switched("groupMute", false));
  await tala.toChats();
  expect(await tala.page.text(row)).not.toContain(en.chats.muted);
});

test("looking after a group is given, taken and laid down, everybody reads it, and it brings and takes what can be done", async () => {
  const group = await asha.makeGroup("Lighthouse", ["Mira", "Tala"]);
  const [miras, hers] = [await mira.open("Lighthouse"), await tala.open("Lighthouse")];
  // Alone with it, Asha can neither lay it down nor be rid of herself.
  await choose(group, "Tala");
  expect(await asha.page.has(at("memberTake"))).toBe(false);
  await asha.click("memberGive");
  await hers.waitForSystem(care.notes.stewardMine("Asha"));
  await miras.waitForSystem(care.notes.steward("Tala", "Asha"));
  expect((await hers.members()).filter((line) => line.includes(care.group.looksAfter))).toHaveLength(2);
  await offered("memberPause", () => choose(hers, "Mira"), tala);
  await tala.click("memberPause");
  await tala.page.click(`text=${care.member.hour}`);
  await mira.page.waitFor(at("roomQuiet"));
  await offered("memberEndPause", () => choose(hers, "Mira"), tala);
  await tala.click("memberEndPause");
  await mira.page.waitFor(at("composer"));

  await offered("memberTake", () => choose(group, "Tala"), asha);
  await asha.click("memberTake");
  await asha.page.waitFor(`text=${care.member.takeTitle("Tala")}`);
  await yes(asha);
  await tala.open("Lighthouse");
  await hers.waitForSystem(care.notes.stewardOffMine);
  await miras.waitForSystem(care.notes.stewardOff("Tala"));
  await hers.details();
  await tala.page.click(await tala.holding("member", "Mira"));
  await tala.page.waitFor(at("screenPerson"));
  expect(await tala.page.has(at("memberMenu"))).toBe(false);

  await choose(group, "Mira");
  await asha.click("memberGive");
  await miras.waitForSystem(care.notes.stewardMine("Asha"));
  await offered("memberTake", () => choose(group, "Asha"), asha);
  await asha.click("memberTake");
  await asha.page.waitFor(`text=${care.member.takeMineText}`);
  await yes(asha);
  await miras.waitForSystem(care.notes.stewardOff("Asha"));
  expect((await miras.members()).filter((line) => line.includes(care.group.looksAfter))).toHaveLength(1);
});

test("who asks chooses to show their name, and then moderators read it, with their own messages", async () => {
  await tala.open("Welcome");
  await talas.waitFor(ANSWER);
  const own = (await talas.shown()).find(({ text }) => text === ANSWER)?.key ?? "";
  await review(talas, THREAT, "threats", () => tala.page.click(at("askMessage", `[data-message="${own}"]`)));
  await tala.page.waitFor(switched("askNamed", false));
  await reads(tala, "screenAsk", en.cases.ask.nameless);
  await reads(tala, "screenAsk", en.cases.ask.ownHidden(1));
  await readsNo(tala, "screenAsk", ANSWER);
  await tala.click("askNamed");
  await reads(tala, "screenAsk", en.cases.ask.nameText("Tala"));
  await reads(tala, "screenAsk", ANSWER);
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await toCase(mira);
  await reads(mira, "screenConsole", en.cases.file.from("Tala"));
  await readsNo(mira, "screenConsole", en.cases.console.anonymous);
  await mira.click("caseClaim");
  await mira.page.waitFor(at("caseHand"));
});

test("what a coordinator takes from a moderator is no longer offered to them, and is again once given back", async () => {
  await toRights();
  await turn("rightsOf", decisions.kinds.suspend, false);
  await asha.toChats();
  await toRights();
  const kind = (value: string): string => `[name="kind"][value="${value}"]`;
  await toCase(mira);
  await mira.click("caseSubject");
  await mira.page.waitFor(`label:has(${kind("warn")})`);
  expect(await mira.page.has(`label:has(${kind("suspend")})`)).toBe(false);
  await mira.click("back");
  await turn("rightsOf", decisions.kinds.suspend, true);
  await toCase(mira);
  await mira.click("caseSubject");
  await mira.page.waitFor(`label:has(${kind("suspend")})`);
  await mira.click("back");
});

test("what a coordinator lets need a second moderator holds only once another one agrees, and alone again when switched back", async () => {
  await toRights();
  await turn("rightsSecond", decisions.kinds.warn, true);
  await chooseAbout(mira, "warn", "caseSubject", () => reads(mira, "decideSecond", decisions.decide.second));
  await yes(mira);
  await mira.page.waitFor(`text=${decisions.decide.proposed}`);
  expect(await rook.page.has(at("decisionLine"))).toBe(false);
  await mira.click("decideDone");
  await toDecisions(asha);
  await asha.click("decisionAgree");
  await yes(asha);
  await toStatement(rook);
  await reads(rook, "statement", decisions.mine.what.warn);
  await toRights();
  await turn("rightsSecond", decisions.kinds.warn, false);
  await decide(mira, "warn");
  expect(await read(mira, "screenDecide")).toContain(decisions.decide.done);
});
