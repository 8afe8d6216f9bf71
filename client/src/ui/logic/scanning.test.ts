import { describe, expect, test } from "vitest";
import { formatLink, formatProof, type Proof } from "../../protocol/links.ts";
import { codeFragment } from "../../crypto/link-code.ts";
import { uuidText } from "../../protocol/ids.ts";
import { drawQr } from "./qr-code.ts";
import { type Pixels, textIn } from "./qr-pixels.ts";
import { seenIn } from "./scanning.ts";

const origin = "https://kindred.example";
const bytes = (length: number, seed: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 89 + seed * 57 + i * i * seed) % 256);
const who = (seed: number): Proof["shown"] => ({ account: uuidText(bytes(16, seed)), identityKey: bytes(32, seed + 1) });
/** The links that the app draws, as long as they get. */
const links = {
  "a new device": `${origin}/${codeFragment(bytes(12, 3))}`,
  "a person": formatProof(origin, { shown: who(5), seen: who(7) }),
  "an invite": formatLink(origin, { kind: "network", secret: bytes(16, 9), name: "Someone with quite a long name", inviter: who(11) }),
  "a group's invite": formatLink(origin, { kind: "room", secret: bytes(16, 9), name: "Asha", inviter: who(11), uses: 1, expires: 1_800_000_000_000, terms: bytes(64, 3) }),
};

interface Shot {
  /** Side of the picture, in pixels, and how much of it the code takes. */
  side?: number;
  share?: number;
  /** Radians. */
  turned?: number;
  /** Passes of a box blur of three pixels. */
  blur?: number;
  inverted?: boolean;
  /** 1 is black on white. */
  contrast?: number;
  /** How much farther the lower edge is away than the middle, as a share of the distance. */
  tilt?: number;
}

/** What a camera might see of a code that the app draws: each pixel is the mean of four points. */
function photograph(text: string, { side = 360, share = 0.75, turned = 0, blur = 0, inverted = false, contrast = 1, tilt = 0 }: Shot = {}): Pixels {
  const { size, path } = drawQr(text);
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/gu)].map(([, x, y]) => Number(y) * size + Number(x)));
  const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
  const at = (px: number, py: number): number => {
    const far = 1 / (1 - (tilt * (py - side / 2)) / side);
    const [x, y] = [(px - side / 2) * far, (py - side / 2) * far];
    const [u, v] = [((cos * x + sin * y) / (side * share) + 0.5) * size, ((cos * y - sin * x) / (side * share) + 0.5) * size];
    if (u < 0 || v < 0 || u >= size || v >= size) return 0.55;
    return dark.has(Math.floor(v) * size + Math.floor(u)) ? 0 : 1;
  };
  const within = [1 / 4, 3 / 4];
  let light = Float32Array.from({ length: side * side }, (_, i) => within.reduce((sum, dy) => sum + within.reduce((row, dx) => row + at((i % side) + dx, Math.floor(i / side) + dy), 0), 0) / 4);
  for (let pass = 0; pass < blur; pass++) light = blurred(light, side);
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  light.forEach((value, i) => {
    const seen = 0.5 + (value - 0.5) * contrast;
    data.fill(255 * (inverted ? 1 - seen : seen), 4 * i, 4 * i + 3);
  });
  return { width: side, height: side, data };
}

function blurred(light: Float32Array<ArrayBuffer>, side: number): Float32Array<ArrayBuffer> {
  const near = [-side - 1, -side, -side + 1, -1, 0, 1, side - 1, side, side + 1];
  return light.map((value, i) => near.reduce((sum, step) => sum + (light[i + step] ?? value), 0) / 9);
}

describe.each(Object.entries(links))("the code of %s, as the app draws it", (_what, link) => {
  test.each<[string, Shot]>([
    ["held straight", {}],
    ["turned a little", { turned: 0.26 }],
    ["on its corner", { turned: Math.PI / 4 }],
    ["upside down", { turned: 3.1 }],
    ["far away", { share: 0.38 }],
    ["out of focus", { blur: 4 }],
    ["light on dark", { inverted: true }],
    ["in dim light", { contrast: 0.3 }],
    ["from below", { tilt: 0.3 }],
    ["all of it a little", { turned: 0.2, tilt: 0.1, blur: 1, contrast: 0.5, share: 0.6 }],
  ])("is read %s", (_how, shot) => {
    expect(textIn(photograph(link, shot))).toBe(link);
  });

  test("is not read when a part of it is missing", () => {
    expect(textIn(photograph(link, { share: 1.6 }))).toBeNull();
  });
});

test("a picture without a code says nothing", () => {
  expect(textIn({ width: 64, height: 64, data: new Uint8ClampedArray(4 * 64 * 64).fill(200) })).toBeNull();
});

describe("what a code is to the app", () => {
  test("its own codes are known by what they are for, and lose the address", () => {
    expect(seenIn(links["a new device"], origin)).toEqual({ kind: "device", fragment: codeFragment(bytes(12, 3)) });
    expect(seenIn(` ${links["a person"]}\n`, origin)).toEqual({ kind: "person", fragment: new URL(links["a person"]).hash });
    expect(seenIn(links["an invite"], origin)).toEqual({ kind: "invite", fragment: new URL(links["an invite"]).hash });
    expect(seenIn(links["a group's invite"], origin)).toMatchObject({ kind: "room" });
  });

  test("the same code of another server, scheme or port is not its own", () => {
    for (const [address, host] of [["https://other.example", "other.example"], ["http://kindred.example", "kindred.example"], ["https://kindred.example:444", "kindred.example:444"], ["https://kindred.example.evil.example", "kindred.example.evil.example"], ["https://kindred.example@evil.example", "evil.example"]] as const)
      expect(seenIn(links["a new device"].replace(origin, address), origin)).toEqual({ kind: "elsewhere", host });
  });

  test("anything else is foreign, and is never opened", () => {
    for (const text of ["", "hello", "https://a.example/", `${origin}/`, `${origin}/#x.abcd`, `javascript:location='${links["a new device"]}'`, "data:text/html,<b>#l.AAECAwQFBgcICQoL", "#l.AAECAwQFBgcICQoL", "WIFI:S:home;P:secret;;", "7K2M-QX9D-3HTB-W5RC-81ZP"])
      expect(seenIn(text, origin)).toEqual({ kind: "foreign" });
  });
});
