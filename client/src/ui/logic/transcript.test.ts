import { beforeEach, describe, expect, test } from "vitest";
import type { MessagePage, ShownMessage } from "../../contract/index.ts";
import { pageSize, Transcript, type Source } from "./transcript.ts";

function message(key: string, text = key): ShownMessage {
  return { key, room: "r", seq: 1, at: 0, from: "a", name: "Asha", mine: false, body: { type: "text", text }, edited: false, hidden: false, replyTo: null, reactions: [], state: null };
}

/** A room in memory that pages as the contract says and counts what was asked. */
class Room implements Source {
  log: ShownMessage[] = [];
  asked: number[] = [];

  add(count: number): void {
    const from = this.log.length;
    for (let index = 0; index < count; index++) this.log.push(message(`m${from + index}`));
  }

  change(key: string, text: string): void {
    this.log = this.log.map((old) => (old.key === key ? message(key, text) : old));
  }

  async messages(_room: string, options: { before?: string; limit?: number } = {}): Promise<MessagePage> {
    const limit = options.limit ?? 50;
    this.asked.push(limit);
    const end = options.before === undefined ? this.log.length : this.log.findIndex((one) => one.key === options.before);
    const start = Math.max(0, end - limit);
    return { messages: this.log.slice(start, end), before: start > 0 ? (this.log[start]?.key ?? null) : null };
  }
}

const keys = (transcript: Transcript): string[] => transcript.messages.map((one) => one.key);
const textOf = (transcript: Transcript, key: string): string => {
  const body = transcript.messages.find((one) => one.key === key)?.body;
  return body?.type === "text" ? body.text : "";
};

let room: Room;
let transcript: Transcript;
beforeEach(() => {
  room = new Room();
  transcript = new Transcript(room, "r");
});

describe("a conversation is loaded page by page", () => {
  test("it opens with the newest page and loads backwards to the beginning", async () => {
    room.add(150);
    await transcript.open();
    expect(keys(transcript)).toEqual(room.log.slice(-pageSize).map((one) => one.key));
    expect(await transcript.older()).toBe(60);
    expect(await transcript.older()).toBe(30);
    expect(await transcript.older()).toBe(0);
    expect(transcript.more).toBe(false);
    expect(keys(transcript)).toEqual(room.log.map((one) => one.key));
  });

  test("an empty room is a whole one", async () => {
    await transcript.open();
    expect(transcript.more).toBe(false);
    await transcript.refreshNewest();
    expect(transcript.messages).toEqual([]);
  });

  test("new messages are added without a gap, also when there are very many", async () => {
    room.add(100);
    await transcript.open();
    room.add(1);
    await transcript.refreshNewest();
    expect(keys(transcript).at(-1)).toBe("m100");
    room.add(500);
    await transcript.refreshNewest();
    expect(keys(transcript)).toEqual(room.log.slice(40).map((one) => one.key));
    expect(await transcript.older()).toBe(40);
    expect(keys(transcript)).toEqual(room.log.map((one) => one.key));
  });

  test("a message that takes another place when it is sent stands once", async () => {
    room.add(3);
    room.log.push(message("mine"));
    await transcript.open();
    room.log.splice(3, 1);
    room.add(1);
    room.log.push(message("mine"));
    await transcript.refreshNewest();
    expect(keys(transcript)).toEqual(["m0", "m1", "m2", "m3", "mine"]);
  });

  test("an edit far up is read when it is in view, without reading everything", async () => {
    room.add(1000);
    await transcript.open();
    for (let page = 0; page < 10; page++) await transcript.older();
    room.change("m500", "changed");
    await transcript.refreshNewest();
    expect(textOf(transcript, "m500")).toBe("m500");
    room.asked = [];
    await transcript.refreshBetween("m490", "m510");
    expect(textOf(transcript, "m500")).toBe("changed");
    expect(Math.max(...room.asked)).toBeLessThanOrEqual(2 * pageSize);
    expect(new Set(keys(transcript)).size).toBe(keys(transcript).length);
    expect(keys(transcript)).toEqual(room.log.slice(-transcript.messages.length).map((one) => one.key));
  });
});
