import { describe, expect, it } from "vitest";
import { type Bytes, hex, randomBytes, sha256, utf8 } from "../protocol/bytes.ts";
import { LONGEST_BACKUP, openBackup, type RecoveryKeys, recoveryKeys, sealBackup } from "./recovery-keys.ts";

const STEP = 64 * 1024;
const keys = (): RecoveryKeys => ({ locator: randomBytes(32), locatorHash: randomBytes(32), key: randomBytes(32) });

function flipped(data: Bytes, at: number): Bytes {
  const copy = data.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe("recovery keys", () => {
  // Made with OpenSSL's Argon2id, HKDF and AES-GCM (Python's cryptography) from section 3.1 of docs/protocol.md.
  it("and the seal are those of another implementation", async () => {
    const made = await recoveryKeys(new Uint8Array(16).fill(0x7f), "kindred.example");
    expect(hex(made.locator)).toBe("65dd0e50f5534e1f04b00ebd2244bfd8ac9c903804d78396aa7f1f01fcee822d");
    expect(hex(made.locatorHash)).toBe("bc619c6bd91dc55652cc11a96df8a355dd8918db11fcb734c6eeb9b43042ccc3");
    expect(hex(made.key)).toBe("5f86674ea0cdfeb9181c95ad1f1718458c9cfd88bfe32402636bece27a0a8f04");
    const sealed = await sealBackup(made, utf8("a snapshot"), Uint8Array.from({ length: 12 }, (_, index) => index));
    expect(hex(await sha256(sealed))).toBe("87f594ca39ce1ca16c1d4ef02fe7d1060f786127f1c5b49fb9d78e891ba079d1");
  });

  it("are others for the same words on another server", async () => {
    const entropy = new Uint8Array(16);
    const [one, other] = [await recoveryKeys(entropy, "one.example"), await recoveryKeys(entropy, "other.example")];
    expect(hex(one.locator)).not.toBe(hex(other.locator));
    expect(hex(one.key)).not.toBe(hex(other.key));
  });
});

describe("a sealed backup", () => {
  it.each([0, 1, 200, STEP - 30, STEP - 29, 3 * STEP])("of %i bytes opens to the same, and its size says little", async (length) => {
    const own = keys();
    const content = randomBytes(Math.min(length, STEP));
    const whole = new Uint8Array(length);
    whole.set(content.subarray(0, length));
    const sealed = await sealBackup(own, whole);
    expect(sealed.length % STEP).toBe(0);
    expect(sealed.length - length).toBeLessThan(STEP + 30);
    expect(await openBackup(own, sealed)).toEqual(whole);
  });

  it("keeps zero bytes and end marks of the content", async () => {
    const own = keys();
    for (const content of [Uint8Array.of(0x80), Uint8Array.of(0x80, 0, 0), Uint8Array.of(0, 0)]) {
      expect(await openBackup(own, await sealBackup(own, content))).toEqual(content);
    }
  });

  it("does not open with other words, nor when a byte of it was changed or cut off", async () => {
    const own = keys();
    const sealed = await sealBackup(own, utf8("what was said"));
    expect(await openBackup(keys(), sealed)).toBeNull();
    expect(await openBackup({ ...own, locatorHash: randomBytes(32) }, sealed)).toBeNull();
    for (const at of [0, 1, 13, 40, STEP - 1]) expect(await openBackup(own, flipped(sealed, at))).toBeNull();
    expect(await openBackup(own, sealed.slice(0, -1))).toBeNull();
    expect(await openBackup(own, new Uint8Array())).toBeNull();
  });

  it("shows nothing of what is in it, and is another one each time", async () => {
    const own = keys();
    const content = utf8("canary ".repeat(100));
    const [one, other] = [await sealBackup(own, content), await sealBackup(own, content)];
    expect(hex(one)).not.toContain(hex(utf8("canary")));
    expect(hex(one.slice(13, 200))).not.toBe(hex(other.slice(13, 200)));
  });

  it("has a greatest size", async () => {
    const own = keys();
    expect((await sealBackup(own, new Uint8Array(LONGEST_BACKUP))).length).toBe(8 * 1024 * 1024);
    await expect(sealBackup(own, new Uint8Array(LONGEST_BACKUP + 1))).rejects.toThrow(RangeError);
  });
});
