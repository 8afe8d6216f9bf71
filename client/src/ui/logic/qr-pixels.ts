import { decodeQR } from "qr/decode.js";

/** What a scanner gets of a picture: four bytes a pixel, red first. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Milliseconds that a hard picture may take beyond the first look; the next picture comes soon. */
const MORE_LOOKS_MS = 40;

/** The text of the code in the picture, or null. */
export function textIn(picture: Pixels): string | null {
  try {
    return decodeQR(picture, { timeLimit: MORE_LOOKS_MS });
  } catch {
    // It throws for a picture without a code, which most are.
    return null;
  }
}
