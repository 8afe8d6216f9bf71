import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rounds } from "../../client/test/rounds.ts";
import { KindredServer } from "../support/server.ts";
import type { Circle } from "./circle.ts";
import { gather } from "./gathering.ts";
import { converged, misreadings } from "./judging.ts";
import { Random } from "./random.ts";

const minutes = 60_000;
const stepsEach = Number(process.env["STEPS"] ?? 60);
/** One run is always the same, as far as races allow; many try what nobody has tried. */
const seed = Number(process.env["SEED"] ?? (rounds > 1 ? Date.now() % 1_000_000 : 856_758));
const between = 30;
/** A whole engine costs several times what a small device does. */
const crowd = { small: Number(process.env["SMALL"] ?? 46), whole: Number(process.env["WHOLE"] ?? 4), further: 10 };
let faults: string[] = [];
let server: KindredServer;

beforeEach(async () => {
  faults = [];
  server = await KindredServer.start({ settings: { RATE_SCALE: "1000" } });
});
afterEach(async () => {
  await server.remove();
});

describe("fifty devices in one room", () => {
  it.each(Array.from({ length: rounds }, (_, round) => seed + round))(
    "come, go, renew, are away and talk in any order, and agree in the end (SEED=%i)",
    async (ownSeed) => {
      const circle = await gather(server, crowd, new Random(ownSeed), noteIn(faults));
      const history: string[] = [];
      try {
        await circle.everybodyComes();
        await judge(circle);
        expect(circle.model.inside()).toHaveLength(crowd.small + crowd.whole);
        for (let steps = 1; steps <= stepsEach; steps += 1) {
          history.push(await circle.step());
          if (steps % between === 0 || steps === stepsEach) await judge(circle);
        }
        console.log(JSON.stringify({ seed: ownSeed, steps: stepsEach, done: circle.done, epochs: circle.room.epoch, messages: circle.model.messages.length, entries: circle.room.log?.size }));
      } catch (error) {
        console.log(`SEED=${ownSeed}: ${history.join("; ")}`);
        throw error;
      } finally {
        await circle.end();
      }
    },
    4 * minutes,
  );
});

/** In this run's list: what ends late is no fault of the next one. */
function noteIn(list: string[]): (error: unknown) => void {
  return (error) => void list.push(error instanceof Error ? `${JSON.stringify(error)} ${error.stack}` : String(error));
}

/** Everybody comes back, one of them says something, and all agree about everything. */
async function judge(circle: Circle): Promise<void> {
  circle.everybodyReturns();
  circle.model.step += 1;
  await circle.says(circle.keeper);
  await converged(circle);
  expect(await misreadings(circle)).toEqual([]);
  expect(faults).toEqual([]);
}
