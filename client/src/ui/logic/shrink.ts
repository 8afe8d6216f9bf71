/** Makes a photo small enough to send: drawn anew, so that nothing of the file but its pixels is left. */

const LONGEST_SIDE = 1600;
/** What a room takes, less what encrypting and padding add. */
const MOST_BYTES = 1_500_000;
const QUALITIES = [0.82, 0.7, 0.55, 0.4];

/** The file is no picture that this browser can show. */
export class NoPicture extends Error {}

/** Width and height of at most `LONGEST_SIDE` in the same proportion, at least 1. */
export function fitted(width: number, height: number): [width: number, height: number] {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** A JPEG, turned as the camera says. Throws NoPicture. */
export async function shrink(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new NoPicture();
  });
  try {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = fitted(bitmap.width, bitmap.height);
    const surface = canvas.getContext("2d");
    if (!surface) throw new NoPicture();
    surface.fillStyle = "#fff"; // under what is transparent
    surface.fillRect(0, 0, canvas.width, canvas.height);
    surface.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const made = await new Promise<Blob | null>((done) => {
        canvas.toBlob(done, "image/jpeg", quality);
      });
      if (made && made.size <= MOST_BYTES) return made;
    }
    throw new NoPicture();
  } finally {
    bitmap.close();
  }
}
