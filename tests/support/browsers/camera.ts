import { rename, writeFile } from "node:fs/promises";
import { puppetOf } from "./puppeteer.ts";
import type { Page } from "./page.ts";

const [width, height] = [640, 480];
/** How much of the picture's height a code takes, and how far it is turned, in radians: nobody holds a phone straight. */
const [share, turned] = [0.8, 0.08];
const [black, white, wall, grey] = [16, 235, 150, 128];

/** A code as a page draws it: dark squares of side 1 in a square picture. */
export interface Shown {
  size: number;
  path: string;
}

/** What a page shows of the code in this SVG element, as it is drawn and not as it is meant. */
export async function shownBy(page: Page, selector: string): Promise<Shown> {
  await page.waitFor(selector);
  return page.eval((chosen) => {
    const drawing = document.querySelector<SVGElement>(chosen);
    return { size: Number(drawing?.getAttribute("viewBox")?.split(" ")[2]), path: drawing?.querySelector("path")?.getAttribute("d") ?? "" };
  }, selector);
}

/** Chromium's camera, which films a file: `launch` is told of it, and every start of the camera reads it anew. */
export class FakeCamera {
  constructor(private readonly file: string) {}

  get flags(): string[] {
    return ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${this.file}`];
  }

  /** Points it at a code, or at a wall. */
  async pointAt(shown: Shown | null): Promise<void> {
    const frame = Buffer.concat([Buffer.from("FRAME\n"), picture(shown), Buffer.alloc((width * height) / 2, grey)]);
    await writeFile(`${this.file}.new`, Buffer.concat([Buffer.from(`YUV4MPEG2 W${String(width)} H${String(height)} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]));
    await rename(`${this.file}.new`, this.file);
  }
}

/** The brightness of each pixel. */
function picture(shown: Shown | null): Uint8Array {
  const light = new Uint8Array(width * height).fill(wall);
  if (!shown) return light;
  const { size, path } = shown;
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/gu)].map(([, x, y]) => Number(y) * size + Number(x)));
  const scale = size / (height * share);
  for (let i = 0; i < light.length; i++) {
    const [x, y] = [(i % width) - width / 2, Math.floor(i / width) - height / 2];
    const u = Math.floor((Math.cos(turned) * x + Math.sin(turned) * y) * scale + size / 2);
    const v = Math.floor((Math.cos(turned) * y - Math.sin(turned) * x) * scale + size / 2);
    if (u >= 0 && v >= 0 && u < size && v < size) light[i] = dark.has(v * size + u) ? black : white;
  }
  return light;
}

/** The person's standing answer to the question for the camera, in the whole context of this page. */
export async function allowCamera(page: Page, allowed: boolean): Promise<void> {
  await puppetOf(page).browserContext().overridePermissions(await page.eval(() => location.origin), allowed ? ["camera"] : []);
}
