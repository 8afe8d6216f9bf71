import { beforeAll, describe, expect, test } from "vitest";
import { randomBytes } from "../protocol/bytes.ts";
import { newUuid } from "../protocol/ids.ts";
import { type IdentityKey, makeIdentityKey } from "./identity.ts";
import { firstOf, type SignedRole, signStaff, staffBy, type StaffCertificate, staffProof } from "./staff-certificate.ts";

interface Someone {
  account: string;
  key: IdentityKey;
}

const network = newUuid();
let cora: Someone;
let dora: Someone;
let mo: Someone;
let spy: Someone;

beforeAll(async () => {
  const someone = async (): Promise<Someone> => ({ account: newUuid(), key: await makeIdentityKey() });
  [cora, dora, mo, spy] = [await someone(), await someone(), await someone(), await someone()];
});

async function signed(by: Someone, other: Someone, role: SignedRole, issuedAt: number, change: Partial<StaffCertificate> = {}): Promise<StaffCertificate> {
  const statement = { account: other.account, identityKey: other.key.publicKey, role, issuedAt };
  return { ...statement, issuer: by.account, signature: await signStaff(by.key, network, statement), ...change };
}

const first = ({ account, key }: Someone) => ({ account, identityKey: key.publicKey });

/** How everybody stands, seen from Cora. */
async function seen(...certificates: StaffCertificate[]): Promise<Record<string, SignedRole | undefined>> {
  const { standing } = await staffBy([first(cora)], network, certificates);
  return Object.fromEntries(Object.entries({ cora, dora, mo, spy }).flatMap(([name, { account }]) => {
    const role = standing.get(account)?.role;
    return role ? [[name, role]] : [];
  }));
}

describe("who is staff", () => {
  test("follows from the first coordinator over those whom they made coordinators, in whatever order it is shown", async () => {
    const all = [await signed(dora, mo, "moderator", 2), await signed(cora, dora, "coordinator", 1)];
    expect(await seen(...all)).toEqual({ cora: "coordinator", dora: "coordinator", mo: "moderator" });
    expect(await seen(await signed(dora, mo, "moderator", 2))).toEqual({ cora: "coordinator" });
  });

  test("is not signed by moderators, by oneself, or by who was no coordinator yet or any more", async () => {
    const [moderator, coordinator, gone] = [await signed(cora, mo, "moderator", 1), await signed(cora, dora, "coordinator", 5), await signed(cora, dora, "member", 7)];
    const before = { cora: "coordinator", mo: "moderator" };
    expect(await seen(moderator, await signed(mo, spy, "moderator", 2))).toEqual(before);
    expect(await seen(moderator, await signed(spy, spy, "coordinator", 2))).toEqual(before);
    expect(await seen(moderator, coordinator, gone, await signed(dora, spy, "moderator", 4), await signed(dora, spy, "moderator", 7))).toEqual({ ...before, dora: "member" });
    expect(await seen(moderator, coordinator, gone, await signed(dora, spy, "moderator", 6))).toMatchObject({ spy: "moderator" });
  });

  test("is what was signed last: a withdrawal ends it, and the first one's standing nobody takes", async () => {
    const certificates = [await signed(cora, mo, "moderator", 1), await signed(cora, mo, "member", 1), await signed(cora, dora, "coordinator", 2), await signed(dora, cora, "member", 3)];
    expect(await seen(...certificates)).toEqual({ cora: "coordinator", mo: "member", dora: "coordinator" });
  });

  test.each([
    ["account", () => ({ account: spy.account })], ["key", () => ({ identityKey: spy.key.publicKey })], ["role", () => ({ role: "coordinator" as const })],
    ["time", () => ({ issuedAt: 2 })], ["issuer", () => ({ issuer: spy.account })], ["signature", () => ({ signature: randomBytes(64) })],
  ])("counts for nothing with another %s than was signed", async (_, change) => {
    expect(await seen(await signed(cora, mo, "moderator", 1, change()))).toEqual({ cora: "coordinator" });
  });

  test("counts in its own network alone", async () => {
    const certificate = await signed(cora, mo, "moderator", 1);
    expect((await staffBy([first(cora)], newUuid(), [certificate])).counting).toEqual([]);
  });
});

test("the first coordinator is the newest who certified themself, with a signature of their own", async () => {
  const own = await signed(cora, cora, "coordinator", 1);
  expect(await firstOf(network, [own, await signed(cora, mo, "moderator", 2)])).toEqual(first(cora));
  expect(await firstOf(network, [own, { ...(await signed(spy, cora, "coordinator", 3)), issuer: cora.account }])).toEqual(first(cora));
  expect(await firstOf(network, [own, await signed(dora, dora, "coordinator", 2)])).toEqual(first(dora));
  expect(await firstOf(network, [])).toBeNull();
});

test("who came by a staff invite proves it for their own key alone", async () => {
  const key = randomBytes(16);
  const proof = await staffProof(key, first(mo));
  expect(await staffProof(key, first(mo))).toEqual(proof);
  expect(await staffProof(key, { ...first(mo), identityKey: spy.key.publicKey })).not.toEqual(proof);
  expect(await staffProof(randomBytes(16), first(mo))).not.toEqual(proof);
});
