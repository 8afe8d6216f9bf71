import { encode } from "uqr";

/** A code to be drawn: squares of side 1, dark on white, in a picture of `size` by `size` that has its quiet edge in it. */
export interface QrDrawing {
  size: number;
  /** SVG path of the dark squares. */
  path: string;
}

export function drawQr(text: string): QrDrawing {
  const { size, data } = encode(text, { border: 2 });
  return { size, path: data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("") };
}
