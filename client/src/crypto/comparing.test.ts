import { expect, it } from "vitest";
import { roomCheckGroups, safetyGroups } from "./comparing.ts";

const [one, other] = ["00112233-4455-6677-8899-aabbccddeeff", "ffeeddcc-bbaa-9988-7766-554433221100"];
const key = (byte: number) => new Uint8Array(32).fill(byte);

// Worked out from docs/protocol.md alone, by Node's own SHA-512.
it("a safety number is the one that the protocol describes, whichever of the two asks", async () => {
  const expected = "89334 96489 84499 58394 99788 46663 41258 14027 02172 19556 94339 69040".split(" ");
  const [left, right] = [{ account: one, identityKey: key(1) }, { account: other, identityKey: key(2) }];
  expect(await safetyGroups(left, right)).toEqual(expected);
  expect(await safetyGroups(right, left)).toEqual(expected);
  expect(await safetyGroups(left, { ...right, identityKey: key(3) })).not.toEqual(expected);
});

it("a room's check number is the one that the protocol describes, for this epoch and this secret alone", async () => {
  const expected = "86242 48212 86185 15020 83848 16559".split(" ");
  expect(await roomCheckGroups(one, 41, key(7))).toEqual(expected);
  expect(await roomCheckGroups(one, 42, key(7))).not.toEqual(expected);
  expect(await roomCheckGroups(one, 41, key(8))).not.toEqual(expected);
  expect(await roomCheckGroups(other, 41, key(7))).not.toEqual(expected);
});
