import { beforeEach, describe, expect, it } from "vitest";
import { randomBytes } from "../../protocol/bytes.ts";
import { newUuid } from "../../protocol/ids.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { People } from "./people.ts";

const { keys } = await makeVault("2580", { memory: 64, passes: 1, lanes: 1 });
const [me, bea] = [newUuid(), newUuid()];
const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
let people: People;

beforeEach(async () => {
  people = new People(new Store(new MemoryBackend(), keys), "localhost");
  await people.load({ account: me, identityKey: first });
  await people.met(bea, first);
});

describe("what another own device has decided about a key", () => {
  it("is taken over by a device that was shown the same two", async () => {
    await people.verified(bea, true);
    expect(await people.met(bea, second)).toBe(true);
    expect(await people.decided(bea, second, first)).toBe("new");
    expect(people.get(bea)).toMatchObject({ identityKey: second, offeredKey: null, verified: false });
    expect(await people.met(bea, third)).toBe(true);
    expect(await people.decided(bea, second, third)).toBe("old");
    expect(people.get(bea)).toMatchObject({ identityKey: second, offeredKey: null, refusedKey: third });
    expect(await people.met(bea, third), "asked about once").toBe(false);
  });

  it("is taken over by one that was not asked yet, when it is to believe the new one", async () => {
    expect(await people.decided(bea, first, second)).toBeNull();
    expect(await people.decided(bea, second, first)).toBe("new");
    expect(people.get(bea)).toMatchObject({ identityKey: second, offeredKey: null });
    expect(await people.decided(bea, second, first)).toBeNull();
  });

  it("is nothing to one that knows another key, to strangers, or about oneself", async () => {
    expect(await people.decided(bea, second, third)).toBeNull();
    expect(await people.met(bea, third)).toBe(true);
    expect(await people.decided(bea, second, first)).toBeNull();
    expect(people.get(bea)).toMatchObject({ identityKey: first, offeredKey: third });
    expect(await people.decided(newUuid(), second, first)).toBeNull();
    expect(await people.decided(me, second, first)).toBeNull();
    expect(people.get(me)).toMatchObject({ identityKey: first });
  });
});
