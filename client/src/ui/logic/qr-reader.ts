import type { Pixels } from "./qr-pixels.ts";

/** The part of the Shape Detection API that is used; TypeScript does not know it. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** Finds the text of a code in what a video shows now, or null. */
export type QrReader = (video: HTMLVideoElement) => Promise<string | null>;

/** A picture larger than this is made smaller before it is read: a code that fills a third of it is still sharp. */
const LONGEST_SIDE = 1280;

/** The browser's own reader where it has one (Chrome on Android and macOS), otherwise the library, which is loaded only now. */
export async function qrReader(): Promise<QrReader> {
  const own = await ownDetector();
  let fallback: QrReader | null = own ? null : await libraryReader();
  return async (video) => {
    if (own && !fallback) {
      try {
        return (await own.detect(video))[0]?.rawValue ?? null;
      } catch {
        // Phones without Google's services have the API and nothing behind it.
        fallback = await libraryReader();
      }
    }
    return fallback ? fallback(video) : null;
  };
}

async function ownDetector(): Promise<Detector | null> {
  const Own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    return Own && (await Own.getSupportedFormats()).includes("qr_code") ? new Own({ formats: ["qr_code"] }) : null;
  } catch {
    // As above.
    return null;
  }
}

async function libraryReader(): Promise<QrReader> {
  const { textIn } = await import("./qr-pixels.ts");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("the browser has no 2D canvas");
  return async (video) => {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0) return null;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.drawImage(video, 0, 0, width, height);
    const picture: Pixels = context.getImageData(0, 0, width, height);
    context.clearRect(0, 0, width, height);
    return textIn(picture);
  };
}
