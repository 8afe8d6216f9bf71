import { expect } from "vitest";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import type { Room } from "./room.ts";

/** Everyone's whole conversation is exactly this. */
export async function everyoneReads(rooms: readonly Room[], texts: readonly string[]): Promise<void> {
  for (const room of rooms) await room.expectTexts(texts);
}

/** Waits until everyone's conversation ends with the same `count` messages, none of them twice, and gives their texts. */
export async function sameFor(rooms: readonly Room[], count: number): Promise<string[]> {
  let lists: string[][] = [];
  await until(
    async () => {
      lists = await Promise.all(rooms.map(async (room) => (await room.texts()).slice(-count)));
      const [first = []] = lists;
      return first.length === count && lists.every((list) => list.join("\n") === first.join("\n"));
    },
    patience,
    () => `They do not read the same:\n${lists.map((list, index) => `${rooms[index]?.app.name}: ${list.join(" | ")}`).join("\n")}`,
  );
  const [texts = []] = lists;
  expect(new Set(texts).size, "nothing twice").toBe(texts.length);
  return texts;
}
