import { describe, expect, test } from "vitest";
import type { EngineName } from "../support/browsers/page.ts";
import type { App } from "./app.ts";
import { everyoneReads } from "./conversations.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

/** What everyone does first, in one of the engines that people have. */
export function shortWay(engine: EngineName): void {
  describe(`In ${engine}`, () => {
    const world = useWorld({ engine, ownPace: true });
    let people: App[];
    let rooms: Room[];
    const said: string[] = [];

    async function talk(times: number): Promise<void> {
      for (let n = 1; n <= times; n++) {
        for (const room of rooms) {
          const text = `${room.app.name}, message ${said.length + 1}`;
          await room.send(text);
          said.push(text);
          for (const other of rooms) await other.waitFor(text);
        }
      }
    }

    test("two people join by invite and enter the open room", async () => {
      people = [await world.member("Asha"), await world.member("Mira")];
      rooms = [];
      for (const app of people) rooms.push(await app.joinOpenRoom("Welcome"));
      for (const room of rooms) await room.waitForMembers(2);
    });

    test("they write three messages each way", async () => {
      await talk(3);
      await everyoneReads(rooms, said);
      await rooms[0]?.waitForState("Asha, message 5", "delivered");
    });

    test("after a reload everything is there, and the conversation goes on", async () => {
      for (const app of people) await app.reload();
      rooms = [];
      for (const app of people) rooms.push(await app.open("Welcome"));
      await everyoneReads(rooms, said);
      await talk(1);
      await everyoneReads(rooms, said);
      // Whoever comes first is told by a 409 that the open room is to be founded.
      const problems = people.flatMap((app) => app.page.problems).filter((problem) => !problem.includes("409"));
      expect(problems).toEqual([]);
    });
  });
}
