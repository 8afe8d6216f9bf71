import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { together, until, World } from "../../test/actors.ts";
import { Failure } from "../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

describe("an account", () => {
  it("joins once, though the answer to its first try was lost", async () => {
    const { server } = world;
    const invite = await server.invite();
    const actor = await world.person("Ann");
    await actor.engine.erase();
    const fetch = server.fetch;
    let lost = 0;
    Object.assign(server, { fetch: async (input: string, init: RequestInit) => {
      const answer = await fetch(input, init);
      if (!input.endsWith("/join") || lost > 0) return answer;
      lost += 1;
      throw new TypeError("connection reset");
    } });
    await actor.restart().catch(() => undefined);
    const choice = { name: "Ann", pin: "2580", conductVersion: 1 };
    await expect(actor.engine.join(invite, choice)).rejects.toEqual(new Failure("offline"));
    expect(actor.engine.phase()).toBe("fresh");
    await actor.engine.join(invite, { ...choice, name: "Anna", pin: "1470" });
    expect(actor.engine.me().name).toBe("Anna");
    expect([...server.invites.values()].at(-2)?.used).toBe(1);
    await actor.engine.lock();
    await expect(actor.engine.unlock("2580")).rejects.toEqual(new Failure("pin_mismatch"));
    await actor.engine.unlock("1470");
  });

  it("that is suspended is told so and gets nothing", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea");
    const account = world.server.accounts.get(bea.account);
    if (account) account.suspended = true;
    await bea.restart();
    await until(() => bea.engine.phase() === "suspended");
    await ann.engine.sendText(room, "hello");
    await until(async () => (await ann.shown(room)).every(({ state }) => state !== "waiting"));
    expect(await bea.reads(room)).toEqual([]);
  });
});
