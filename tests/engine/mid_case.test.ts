import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insideOf } from "../../client/test/forger.ts";
import type { Headless } from "../../client/test/headless.ts";
import { Thief } from "../../client/test/thief.ts";
import { keyIdOf } from "../../client/src/crypto/signed.ts";
import { bytesBelow, dump } from "../privacy/database.ts";
import { formsOf, formsOfBytes, found } from "../privacy/forms.ts";
import { verifiedByPage, verifiedOffline } from "../support/evidence.ts";
import { pause } from "../support/processes.ts";
import { account, asking, Desk, hexOf, PIN, texts } from "./desk.ts";

let desk: Desk;
let cora: Headless;
let mo: Headless;
let ann: Headless;
let rook: Headless;
/** Away throughout, so that the server keeps everything that was written. */
let away: Headless;

beforeAll(async () => {
  desk = await Desk.start();
  cora = desk.coordinator;
  [mo, away] = [await desk.invite("Mo", "moderator"), await desk.invite("Away", "moderator")];
  [ann, rook] = [await desk.invite("Ann", "member"), await desk.invite("Rook", "member")];
});
afterAll(async () => {
  await desk?.end();
});

/** A case of this member's in which this message of Rook's is shown; everybody in `readers` can read it, and Mo has it. */
async function taken(member: Headless, text: string, readers: readonly Headless[]): Promise<{ id: string; room: string }> {
  const id = await member.engine.cases.ask({ ...asking, room: desk.open, messages: [await desk.says(rook, desk.open, text, member)] });
  for (const reader of readers) await desk.shown(reader, id);
  await mo.engine.cases.claim(id);
  await desk.until(async () => (await desk.question(member, id)).state === "claimed");
  return { id, room: (await desk.question(member, id)).room };
}

describe("a moderator who is suspended in mid-case", () => {
  it("reads and writes nothing of it any more, with the keys in hand too, and a colleague goes on with all of it", async () => {
    const { id, room } = await taken(ann, "pay or else", [cora, mo, away]);
    away.network(false);
    await desk.says(ann, room, "it began on Monday", mo);
    await mo.engine.lock();
    await ann.engine.sendText(room, "while Mo was in");
    await desk.sent(cora, room, "while Mo was in");
    const [stays, follows] = [await Thief.of(mo, PIN), await Thief.of(mo, PIN)];
    await mo.engine.unlock(PIN);
    await desk.sent(mo, room, "while Mo was in");

    const decision = await cora.engine.decisions.decide({ subject: account(mo), kind: "suspend", ground: "law", card: null, law: "A law", finding: "other", room: null, until: Date.now() + 3_600_000, case: null, facts: null });
    await desk.until(() => mo.engine.phase() === "suspended");
    // Whoever asked does not wait for somebody who is gone; what they write next reaches the others.
    await ann.engine.sendText(room, "is anybody there?");
    await desk.until(async () => (await desk.question(ann, id)).state === "unclaimed");
    expect(await desk.sees(cora, id, ({ state }) => state === "unclaimed")).toMatchObject({ claimedBy: null, staff: [cora, away].map(account).sort() });
    await cora.engine.cases.claim(id);
    await desk.until(async () => (await desk.question(ann, id)).state === "claimed");
    await desk.sent(cora, room, "is anybody there?");
    await desk.says(cora, room, "I am Cora and have it now", ann);
    for (const { engine } of [ann, cora]) await desk.until(() => !engine.members(room).some((one) => one.account === account(mo)));

    await expect(mo.engine.cases.close(id, "helped")).rejects.toMatchObject({ code: "suspended" });
    await expect(mo.engine.evidence.export(id, { withhold: [] })).rejects.toMatchObject({ code: "suspended" });
    await mo.engine.sendText(room, "do not listen to Cora").catch((refusal: unknown) => {
      expect(refusal).toMatchObject({ code: expect.stringMatching(/^(suspended|forbidden|not_found)$/) as string });
    });
    await desk.says(ann, room, "thank you, Cora", cora);
    expect(await texts(cora, room)).toEqual(["it began on Monday", "while Mo was in", "is anybody there?", "I am Cora and have it now", "thank you, Cora"]);
    expect(await texts(mo, room)).not.toContain("is anybody there?");

    // With the device's keys and the server's database; one of the two goes along with every change of the group.
    const log = await desk.log(room);
    expect(log.filter(({ kind }) => kind === 0).length).toBeGreaterThan(6);
    expect(await stays.reads(room, log.filter(({ kind }) => kind === 0).map(({ payload }) => payload))).toEqual(["while Mo was in"]);
    expect(await follows.reads(room, log.map(({ payload }) => payload))).toEqual(["while Mo was in"]);
    await Promise.all([stays.end(), follows.end()]);

    // Whoever was away finds all of it, and so does, from then on, whoever comes back.
    away.network(true);
    await desk.sent(away, room, "thank you, Cora");
    expect(await texts(away, room)).toEqual(await texts(cora, room));
    await cora.engine.decisions.lift(decision.id, "heard");
    await desk.until(() => mo.engine.phase() === "open");
    await desk.until(() => ann.engine.members(room).some((one) => one.account === account(mo)));
    await desk.sees(mo, id, ({ inside }) => inside);
    await desk.says(ann, room, "Mo is back", mo);
    for (const missed of ["is anybody there?", "I am Cora and have it now", "thank you, Cora"]) expect(await texts(mo, room)).not.toContain(missed);
    await cora.engine.cases.close(id, "helped");
    await desk.until(async () => (await desk.question(ann, id)).outcome === "helped");
  });
});

describe("a member who deletes their account in mid-case", () => {
  const NAME = "Quillfeather";

  it("leaves a case that moderators see to be theirs no more, go on with, prove and close; nothing of them is kept", async () => {
    const quill = await desk.invite(NAME, "member");
    const who = account(quill);
    const { id, room } = await taken(quill, "I know where you live", [cora, mo, away]);
    await desk.says(quill, room, "I am afraid", mo);
    await mo.engine.referrals.propose(id, { to: "The police", what: "all", why: "help" });
    const referral = async () => (await mo.engine.referrals.list(id))[0];
    await desk.until(async () => (await quill.engine.referrals.list(id)).some(({ about }) => about !== null));
    await quill.engine.referrals.answer(id, (await referral())?.id ?? "", true);
    await cora.engine.referrals.agree(id, (await referral())?.id ?? "");
    await desk.until(async () => (await referral())?.ready === true);
    const before = await desk.shown(mo, id);

    await quill.engine.recovery.deleteAccount();
    expect(quill.engine.phase()).toBe("fresh");
    for (const one of [mo, cora]) {
      // No name stands in place of theirs: the device remembers whose it was.
      expect(await desk.sees(one, id, ({ openedBy }) => openedBy === null)).toMatchObject({ asker: who, state: "claimed", inside: true, subjects: [account(rook)] });
      await desk.until(() => !one.engine.members(room).some((member) => member.account === who));
    }
    const left = (await mo.engine.messages(room)).messages.flatMap(({ body }) => (body.type === "system" ? [body.note] : []));
    expect(left).toContainEqual({ type: "left", account: who, by: null });

    // It is all still there, after a restart too, and for those who come now.
    await mo.restart(PIN);
    await desk.until(() => mo.engine.connection() === "online");
    expect(await desk.sees(mo, id, ({ inside }) => inside)).toMatchObject({ openedBy: null, asker: who });
    expect(await desk.shown(mo, id)).toEqual(before);
    expect(await texts(mo, room)).toContain("I am afraid");
    await mo.engine.staff.writeNote(id, "they left, we go on");
    const late = await desk.invite("Late", "moderator");
    const [passed] = await desk.shown(late, id);
    expect(passed).toMatchObject({ by: who, name: null, wish: asking.wish });
    expect(passed?.exhibits.map(({ text, doubt }) => [text, doubt])).toEqual([["I know where you live", null]]);

    // Nobody can take the yes back any more, so it counts no longer.
    expect(await referral()).toMatchObject({ ready: false });
    await expect(mo.engine.evidence.export(id, { withhold: [], referral: (await referral())?.id ?? "" })).rejects.toMatchObject({ code: "forbidden" });
    const { http } = insideOf(mo.engine);
    await expect(http.post(`/cases/${id}/exports`, { manifest: "A".repeat(43), made_at: Date.now(), referral: (await referral())?.id }, (value) => value)).rejects.toMatchObject({ code: "forbidden" });
    const { bytes } = await mo.engine.evidence.export(id, { withhold: [] });
    expect(await verifiedOffline(desk.server.address, bytes)).toContain("Whole. 1 messages as the server stamped them, 0 withheld.");
    await mo.engine.cases.close(id, "acted");
    expect(await desk.sees(cora, id, ({ state }) => state === "closed")).toMatchObject({ outcome: "acted", asker: who });

    for (const [path, file] of await bytesBelow(desk.server.dataDir)) expect(found(formsOf(NAME), file), path).toEqual([]);
    // The log of the room is for its members' devices until all have it; nothing else holds the account in any form.
    await desk.until(async () => {
      const others = Object.fromEntries(Object.entries((await dump(desk.server.dataDir)).rows).filter(([table]) => table !== "chat_entry"));
      const bytes = Object.values(others).flat().flatMap((row) => Object.values(row)).flatMap((value) => (typeof value === "object" && value !== null ? [Buffer.from(value.hex, "hex")] : []));
      const forms = [...[who, hexOf(who)].flatMap(formsOf), ...formsOfBytes(Buffer.from(hexOf(who), "hex"))];
      return found(forms, Buffer.concat([Buffer.from(JSON.stringify(others)), ...bytes])).length === 0;
    }, 60_000);
    expect(await desk.manage("verify_audit")).toContain("whole");
  });
});

describe("keys that are rotated in mid-case", () => {
  it("leave all proven that was stamped and signed before, in one case and in one file of evidence", async () => {
    const { id } = await taken(ann, "I will find you", [mo]);
    const stamps = async (): Promise<number[]> => {
      const { session } = insideOf(ann.engine);
      const place = session.rooms.get(desk.open);
      const shown = ["I will find you", "do you hear me", "answer me"].map(async (text) => {
        const key = (await ann.engine.messages(desk.open, { limit: 1000 })).messages.find(({ body }) => body.type === "text" && body.text === text)?.key;
        return place && key ? (await session.timeline.find(place, key))?.evidence?.hubKey : undefined;
      });
      return (await Promise.all(shown)).filter((one) => one !== undefined);
    };
    expect(await desk.manage("rotate_hub_key")).toContain("Done: key 2");
    // The server runs on, and looks once a second.
    await pause(1_500);
    await ann.engine.cases.showMore(id, desk.open, [await desk.says(rook, desk.open, "do you hear me", ann)]);
    await desk.shown(mo, id, 2);
    expect(await stamps()).toEqual([1, 2]);

    expect(await desk.manage("rotate_attestation_key")).toContain("Done");
    await desk.server.interrupt();
    await desk.server.run();
    for (const person of [ann, mo, rook, cora]) await desk.until(() => person.engine.connection() === "online");
    await ann.engine.cases.showMore(id, desk.open, [await desk.says(rook, desk.open, "answer me", ann)]);
    const reports = await desk.shown(mo, id, 3);
    expect(reports.flatMap(({ exhibits }) => exhibits.map(({ text, doubt }) => [text, doubt]))).toEqual([["I will find you", null], ["do you hear me", null], ["answer me", null]]);
    expect(await stamps()).toEqual([1, 2, 2]);
    const signedBy = (await insideOf(mo.engine).session.moderation.cases.proofs(id)).map(({ attestation }) => keyIdOf(attestation));
    expect([signedBy[0] === signedBy[1], signedBy[1] === signedBy[2]]).toEqual([true, false]);

    const { bytes } = await mo.engine.evidence.export(id, { withhold: [] });
    expect(await verifiedOffline(desk.server.address, bytes)).toContain("Whole. 3 messages as the server stamped them, 0 withheld.");
    expect(await verifiedByPage(desk.server.address, bytes)).toContain("3 messages as the server stamped them");
    await mo.engine.cases.close(id, "helped");
    // The operator's acts stand in the log, and coordinators' devices check it with both keys.
    const { entries, doubts } = await cora.engine.openness.log();
    expect(doubts).toEqual([]);
    for (const action of ["hub_key_rotated", "attestation_key_rotated"]) expect(entries.filter((entry) => entry.action === action).map(({ actor }) => actor)).toEqual(["operator"]);
    expect(await desk.manage("verify_audit")).toContain("whole");
    expect(desk.faults).toEqual([]);
  });
});
