import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { together, until, World } from "../../../test/actors.ts";
import { Failure } from "../../contract/index.ts";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.end();
});

const fragment = (link: string) => link.slice(link.indexOf("#"));

describe("two people", () => {
  it("see one number, which is another one for every other pair", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const [left, right] = [await ann.engine.trust.safetyNumber(bea.account), await bea.engine.trust.safetyNumber(ann.account)];
    expect(left.groups).toEqual(right.groups);
    expect((await ann.engine.trust.safetyNumber(cleo.account)).groups).not.toEqual(left.groups);
    await expect(ann.engine.trust.safetyNumber(ann.account)).rejects.toEqual(new Failure("not_found"));
  });

  it("scan each other's code, which fits only for the two it was made for", async () => {
    const { people: [ann, bea, cleo] } = await together(world, "Ann", "Bea", "Cleo");
    const [fromBea, fromCleo] = [await bea.engine.trust.safetyNumber(ann.account), await cleo.engine.trust.safetyNumber(bea.account)];
    const { key } = await ann.engine.trust.safetyNumber(bea.account);
    expect(ann.engine.trust.readScanned(fragment(fromBea.link))).toMatchObject({ account: bea.account, same: true, key });
    expect(ann.engine.trust.readScanned(fragment(fromCleo.link))).toMatchObject({ account: cleo.account, same: false });
    for (const wrong of ["#v.AAAA", "#v.", "#i.AAAA", `${fragment(fromBea.link)}A`, ""]) expect(ann.engine.trust.readScanned(wrong)).toBeNull();
  });

  it("have a number as soon as they see each other, also where nobody has asked for the key yet", async () => {
    world.server.httpFault = (path) => (path === "/accounts" ? 503 : null);
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    expect(ann.engine.trust.ofPerson(bea.account).known).toBe(false);
    await expect(ann.engine.trust.safetyNumber(bea.account)).rejects.toMatchObject({ code: "unavailable" });
    world.server.httpFault = () => null;
    const { groups } = await ann.engine.trust.safetyNumber(bea.account);
    expect(groups).toEqual((await bea.engine.trust.safetyNumber(ann.account)).groups);
    await expect(ann.engine.trust.safetyNumber("00000000-0000-4000-8000-000000000000")).rejects.toEqual(new Failure("not_found"));
  });

  it("mark each other as checked, room by room counted, and can take it back", async () => {
    const { room, people: [ann, bea] } = await together(world, "Ann", "Bea", "Cleo");
    const { key } = await ann.engine.trust.safetyNumber(bea.account);
    await ann.engine.trust.confirm(bea.account, key);
    expect(ann.engine.trust.ofRoom(room)).toMatchObject({ verified: 1, others: 2, doubts: [] });
    await ann.restart();
    expect(ann.engine.trust.ofPerson(bea.account)).toEqual({ verified: true, doubt: null, known: true });
    await ann.engine.trust.unconfirm(bea.account);
    expect(ann.engine.trust.ofPerson(bea.account).verified).toBe(false);
  });
});

describe("a conversation between two", () => {
  it("keeps its name when the other person leaves", async () => {
    const { people: [ann, bea] } = await together(world, "Ann", "Bea");
    const direct = await ann.engine.startDirect(bea.account);
    await ann.engine.sendText(direct, "hello");
    await until(() => bea.engine.room(direct)?.title === "Ann");
    await bea.readsSoon(direct, ["Ann: hello"]);
    await until(() => ann.engine.room(direct)?.title === "Bea");
    await bea.engine.leave(direct);
    await until(() => ann.engine.members(direct).length === 1);
    expect(ann.engine.room(direct)?.title).toBe("Bea");
    await ann.restart();
    expect(ann.engine.room(direct)?.title).toBe("Bea");
    expect(bea.engine.room(direct)?.title).toBe("Ann");
  });
});
