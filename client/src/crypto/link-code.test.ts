import { describe, expect, it } from "vitest";
import { fromHex, hex, randomBytes } from "../protocol/bytes.ts";
import { NotForUs, receiving, sealFor } from "./handing.ts";
import { checkNumber, codeFragment, linkOf, makeOffer, openOffer, readCode, typedCode } from "./link-code.ts";

describe("the code of a new device", () => {
  it("leads to the key it was made for, and to no other that somebody puts in its place", async () => {
    const [mine, theirs] = [await receiving(), await receiving()];
    const offer = await makeOffer(mine.publicKey);
    expect(await linkOf(offer.code)).toEqual(offer.link);
    expect(await openOffer(offer.code, offer.sealed)).toEqual(mine.publicKey);
    const forged = await makeOffer(theirs.publicKey);
    expect(await openOffer(offer.code, forged.sealed)).toBeNull();
    expect(await openOffer(forged.code, offer.sealed)).toBeNull();
    const flipped = offer.sealed.slice();
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    expect(await openOffer(offer.code, flipped)).toBeNull();
    expect(await openOffer(offer.code, new Uint8Array())).toBeNull();
  });

  it("refuses another key under the very same code, sealed by somebody who knows the code", async () => {
    const offer = await makeOffer((await receiving()).publicKey);
    const base = await crypto.subtle.importKey("raw", offer.code, "HKDF", false, ["deriveKey"]);
    const info = new TextEncoder().encode("Kindred link offer v1");
    const key = await crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"],
    );
    const open = await crypto.subtle.decrypt({ name: "AES-GCM", iv: offer.sealed.slice(0, 12) }, key, offer.sealed.slice(12));
    expect(open.byteLength).toBe(64);
    const nonce = randomBytes(12);
    const box = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, randomBytes(64)));
    expect(await openOffer(offer.code, Uint8Array.from([...nonce, ...box]))).toBeNull();
  });

  it("can be typed in any case and grouping, with letters that look like digits", () => {
    const code = fromHex("000102030405060708090a0b");
    expect(typedCode(code)).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$/);
    for (const written of [typedCode(code), typedCode(code).toLowerCase(), typedCode(code).replaceAll("-", " "), typedCode(code).replaceAll("0", "o").replaceAll("1", "l")]) {
      expect(hex(readCode(written) ?? new Uint8Array())).toBe(hex(code));
    }
    for (let i = 0; i < 50; i += 1) {
      const random = randomBytes(12);
      expect(readCode(typedCode(random))).toEqual(random);
      expect(readCode(`https://kindred.example/${codeFragment(random)}`)).toEqual(random);
    }
    for (const nothing of ["", "hello", typedCode(code).slice(1), `${typedCode(code)}A`, "#l.AAAA", "#i.AAAAAAAAAAAAAAAA", typedCode(code).replace(/.$/, "1"), "U".repeat(20)]) {
      expect(readCode(nothing)).toBeNull();
    }
  });

  it("gives the same six digits on both sides, as documented", async () => {
    expect(await checkNumber(fromHex("000102030405060708090a0b"))).toMatch(/^\d{6}$/);
    expect(await checkNumber(fromHex("000102030405060708090a0b"))).toBe(await checkNumber(fromHex("000102030405060708090a0b")));
    expect(await checkNumber(fromHex("000102030405060708090a0c"))).not.toBe(await checkNumber(fromHex("000102030405060708090a0b")));
  });
});

describe("what is handed over", () => {
  it("is opened by the key and the code it was sealed for, in one part or many", async () => {
    const mine = await receiving();
    const { code } = await makeOffer(mine.publicKey);
    for (const [length, count] of [[0, 1], [1, 1], [952, 1], [953, 2], [5000, 6]] as const) {
      const data = randomBytes(length);
      const parts = await sealFor(mine.publicKey, code, data, 1000);
      expect(parts.length).toBe(count);
      expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(1000);
      expect(await mine.open(code, parts)).toEqual(data);
    }
  });

  it("is refused when a part is missing, moved, doubled or changed, or it was for another", async () => {
    const [mine, theirs] = [await receiving(), await receiving()];
    const { code } = await makeOffer(mine.publicKey);
    const parts = await sealFor(mine.publicKey, code, randomBytes(2500), 1000);
    const [a, b, c] = parts as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
    const flipped = c.slice();
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    for (const wrong of [[a, b], [a, c, b], [b, a, c], [a, b, b], [a, b, flipped], [], [new Uint8Array(10)]]) {
      await expect(mine.open(code, wrong)).rejects.toThrow(NotForUs);
    }
    await expect(mine.open(randomBytes(12), parts)).rejects.toThrow(NotForUs);
    await expect(theirs.open(code, parts)).rejects.toThrow(NotForUs);
    expect((await mine.open(code, parts)).length).toBe(2500);
  });
});
