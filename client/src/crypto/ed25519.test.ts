import { expect, it } from "vitest";
import { fromHex, hex, randomBytes } from "../protocol/bytes.ts";
import { libraryEd25519, webCryptoEd25519 } from "./ed25519.ts";

const both = { WebCrypto: webCryptoEd25519, library: await libraryEd25519() };

it.each(Object.entries(both))("%s signs as RFC 8032 says (section 7.1, test 2)", async (_, ed25519) => {
  const seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const publicKey = fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = await ed25519.sign(seed, fromHex("72"));
  expect(hex(signature)).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  expect(await ed25519.verify(publicKey, signature, fromHex("72"))).toBe(true);
  expect(await ed25519.verify(publicKey, signature, fromHex("73"))).toBe(false);
});

it("is the same from WebCrypto and from the library", async () => {
  const data = randomBytes(100);
  for (const [maker, checker] of [[both.WebCrypto, both.library], [both.library, both.WebCrypto]] as const) {
    const { publicKey, seed } = await maker.generate();
    expect(await checker.verify(publicKey, await maker.sign(seed, data), data)).toBe(true);
  }
});
