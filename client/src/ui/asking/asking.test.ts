import { expect, test } from "vitest";
import type { Around, Ask, Engine, Person, Role, Showable } from "../../contract/index.ts";
import { Asking } from "./asking.svelte.ts";

const person = (account: string, role: Role): Person => ({ account, name: account, hearsay: false, me: false, role, sharedRooms: [], blocked: false });
const asha = person("asha", "moderator");
const mira = person("mira", "coordinator");
const ASKED = 20;
/** Forty messages, of which 20 is the one that was asked about; Asha wrote 20 and 21. */
const log = Array.from({ length: 40 }, (_, seq): Showable => ({
  key: String(seq), seq, at: seq, from: seq === ASKED || seq === 21 ? "asha" : "rook", name: null, mine: false, text: "", asked: seq === ASKED,
}));

/** An engine with these readers, of a new question or of one that was asked, and the last that was asked of it. */
function opened(readers: Person[], question: string | null = null): { asking: Asking; sent: () => Ask | undefined; ready: Promise<void> } {
  let sent: Ask | undefined;
  const cases = {
    suggest: (_room: string, key: string, { before, after }: Around) => Promise.resolve(log.slice(Math.max(0, Number(key) - before), Number(key) + after + 1)),
    readers: (of: string | null) => Promise.resolve(of === question ? readers : []),
    questions: () => Promise.resolve([]),
    ask: (ask: Ask) => Promise.resolve(((sent = ask), "case")),
  };
  const asking = new Asking({ cases } as unknown as Engine, "room", String(ASKED), question);
  return { asking, sent: () => sent, ready: asking.open() };
}

test("a moderator whose messages are shown is kept out, unless the person lets them in knowing it", async () => {
  const { asking, sent, ready } = opened([asha, mira]);
  await ready;
  expect(asking.concerned).toEqual([asha]);
  expect(asking.seenBy).toEqual([mira]);
  await asking.send();
  expect(sent()).toMatchObject({ keptFrom: ["asha"], letIn: [] });
  asking.keep("asha");
  await asking.send();
  expect(sent()).toMatchObject({ keptFrom: [], letIn: ["asha"] });
  asking.toggle("21");
  await asking.send();
  expect(sent()?.keptFrom).toEqual(["asha"]);
});

test("they read it again when nothing of theirs is shown, and others can be kept out by hand", async () => {
  const { asking, sent, ready } = opened([asha, mira]);
  await ready;
  asking.toggle("20");
  asking.toggle("19");
  expect(asking.keptFrom).toEqual([]);
  asking.keep("mira");
  await asking.send();
  expect(sent()).toMatchObject({ messages: ["19"], keptFrom: ["mira"] });
});

test("nothing is sent or added before it is known who reads it, or that nobody can tell", async () => {
  let know: (people: Person[]) => void = () => undefined;
  let fail: (problem: Error) => void = () => undefined;
  const readers = () => new Promise<Person[]>((resolve, reject) => ([know, fail] = [resolve, reject]));
  const cases = { suggest: () => Promise.resolve(log.slice(ASKED, ASKED + 1)), readers, questions: () => Promise.resolve([]) };
  for (const question of [null, "case"]) {
    const open = async (): Promise<[Asking, Promise<void>]> => {
      const asking = new Asking({ cases } as unknown as Engine, "room", String(ASKED), question);
      const done = asking.open();
      await expect.poll(() => asking.state).toBe("ready");
      return [asking, done];
    };
    const may = ({ sendable, addable }: Asking): boolean => (question === null ? sendable : addable);
    const [asking, known] = await open();
    expect(may(asking)).toBe(false);
    know([mira]);
    await known;
    expect(may(asking)).toBe(true);
    const [other, failed] = await open();
    expect(may(other)).toBe(false);
    fail(new Error("no connection"));
    await failed;
    expect(may(other)).toBe(true);
  }
});

test("the last reader does not fall out unseen", async () => {
  const { asking, ready } = opened([asha]);
  await ready;
  expect(asking.seen).toBe(false);
  asking.keep("asha");
  expect(asking.seen).toBe(true);
});

test("nothing of somebody who reads a question is added to it", async () => {
  const { asking, ready } = opened([asha, mira], "case");
  await ready;
  expect(asking.inTheWay).toEqual([asha]);
  asking.toggle("20");
  expect(asking.inTheWay).toEqual([]);
  expect(opened([asha]).asking.inTheWay).toEqual([]);
});

test("earlier and later messages can be looked at, as far as there are any", async () => {
  const { asking, ready } = opened([mira]);
  await ready;
  const span = (): [string | undefined, string | undefined] => [asking.found[0]?.key, asking.found.at(-1)?.key];
  expect(span()).toEqual(["17", "23"]);
  expect([asking.earlier, asking.later]).toEqual([true, true]);
  await asking.more("earlier");
  expect(span()).toEqual(["7", "23"]);
  await asking.more("later");
  await asking.more("later");
  expect(span()).toEqual(["7", "39"]);
  expect([asking.earlier, asking.later]).toEqual([true, false]);
  await asking.more("earlier");
  expect(span()).toEqual(["0", "39"]);
  expect(asking.earlier).toBe(false);
  expect(asking.chosen).toEqual(["20"]);
});

test("a moderator whose name arrives while the person looks is shown by it", async () => {
  const met: Person[] = [];
  const cases = { suggest: () => Promise.resolve([]), readers: () => Promise.resolve([{ ...asha, name: null }, mira]) };
  const asking = new Asking({ cases, person: (account: string) => met.find((one) => one.account === account) ?? null } as unknown as Engine, "room", String(ASKED), null);
  await asking.open();
  met.push(asha);
  asking.learnNames();
  expect(asking.seenBy.map(({ name }) => name)).toEqual(["asha", "mira"]);
});
