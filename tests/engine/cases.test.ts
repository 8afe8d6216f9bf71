import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headless, type Headless } from "../../client/test/headless.ts";
import type { Exhibit, Question, Report } from "../../client/src/state/contract-cases.ts";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;
let staff: Headless;
let ann: Headless;
let bea: Headless;
let mod: Headless;
let open: string;
const people: Headless[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  server = await KindredServer.start();
  staff = await join("Staff", (await server.links()).coordinator);
  mod = await invite("Mo", "moderator");
  [ann, bea] = [await invite("Ann", "member"), await invite("Bea", "member")];
  open = staff.engine.rooms().find(({ kind }) => kind === "open")?.id ?? "";
  for (const { engine } of [staff, ann, bea]) {
    await until(() => engine.room(open) !== null);
    if (engine.room(open)?.joined !== true) await engine.joinOpenRoom(open);
  }
});
afterAll(async () => {
  for (const person of people) await person.end();
  await server.remove();
});

async function join(name: string, link: string): Promise<Headless> {
  const person = await headless({ origin: server.address, unexpected: (error) => faults.push(error) });
  people.push(person);
  const { conduct } = await person.engine.readInvite(link);
  await person.engine.join(link, { name, pin: "2580", conductVersion: conduct?.version ?? 1 });
  await until(() => person.engine.connection() === "online");
  return person;
}

async function invite(name: string, role: "member" | "moderator"): Promise<Headless> {
  const link = await staff.engine.createInvite({ role, uses: 1, days: 1 });
  return join(name, link.slice(link.indexOf("#")));
}

async function until(condition: () => boolean | Promise<boolean>, withinMs = 40_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end || faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: faults[0] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The message with this text, once it is in the log. */
async function sent({ engine }: Headless, room: string, text: string): Promise<string> {
  const find = async () => (await engine.messages(room, { limit: 1000 })).messages.find(({ body, seq }) => body.type === "text" && body.text === text && seq !== null);
  await until(async () => (await find()) !== undefined);
  return (await find())?.key ?? "";
}

async function shownTo({ engine }: Headless, id: string, count = 1): Promise<Report[]> {
  const found = async () => {
    const file = (await engine.cases.queue(false)).find((one) => one.id === id);
    return file?.inside === true ? engine.cases.reports(id) : [];
  };
  await until(async () => (await found()).filter(({ complete }) => complete).length === count);
  return found();
}

async function question({ engine }: Headless, id: string): Promise<Question> {
  const found = (await engine.cases.questions()).find((one) => one.id === id);
  if (!found) throw new Error("no such question");
  return found;
}

const account = ({ engine }: Headless) => engine.me().account;
const brief = (exhibits: Exhibit[]) => exhibits.map(({ text, doubt, skipped, from }) => ({ text, doubt, skipped, from }));
const asking = { concern: "threats", urgency: "today", wish: "make it stop", named: false, keptFrom: [] } as const;

describe("asking moderators for help", () => {
  it("shows them, even from a phone that was offline and closed in between, what the server proves, and their name to nobody", async () => {
    await bea.engine.sendText(open, "pay me or else");
    await sent(bea, open, "pay me or else");
    await ann.engine.sendText(open, "stop it");
    await sent(ann, open, "stop it");
    await bea.engine.sendText(open, "you will see");
    const threat = await sent(ann, open, "pay me or else");
    await sent(ann, open, "you will see");
    await bea.engine.edit(open, await sent(bea, open, "you will see"), "just joking");
    const edited = await sent(ann, open, "just joking");
    const suggested = await ann.engine.cases.suggest(open, threat);
    expect(suggested.map(({ text, asked, mine }) => ({ text, asked, mine })).slice(-3)).toEqual([
      { text: "pay me or else", asked: true, mine: false }, { text: "stop it", asked: false, mine: true }, { text: "just joking", asked: false, mine: false },
    ]);
    expect((await ann.engine.cases.readers()).map(({ account }) => account).sort()).toEqual([account(staff), account(mod)].sort());
    ann.network(false);
    const id = await ann.engine.cases.ask({ ...asking, room: open, messages: suggested.map(({ key }) => key) });
    expect(await question(ann, id)).toMatchObject({ state: "sending", concern: "threats", named: false });
    await ann.restart("2580");
    await until(async () => (await question(ann, id)).state === "unclaimed");
    const [report] = await shownTo(mod, id);
    expect(report).toMatchObject({ by: account(ann), passedOnBy: null, concern: "threats", urgency: "today", wish: "make it stop", name: null, roomKind: "open" });
    const shown = report?.exhibits ?? [];
    expect(edited).not.toBe("");
    expect(brief(shown).map(({ text, doubt }) => ({ text, doubt })).slice(-3)).toEqual([
      { text: "pay me or else", doubt: null }, { text: "you will see", doubt: null }, { text: "just joking", doubt: null },
    ]);
    expect(shown.at(-1)?.changes).toBe(shown.at(-2)?.key);
    expect(shown.at(-2)?.skipped).toBe((shown.at(-2)?.seq ?? 0) - (shown.at(-3)?.seq ?? 0) - 1);
    expect(shown.every(({ from, room }) => from === account(bea) && room === open)).toBe(true);
  });
});
