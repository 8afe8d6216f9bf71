import { expect } from "vitest";
import type { Heard } from "../privacy/recorder.ts";

/** What the first load may weigh beside core-crypto's WebAssembly, in bytes as they are sent. */
export const FIRST_LOAD_BUDGET = 250 * 1024;

export interface Weight {
  wasm: number;
  rest: number;
  /** Without the WebAssembly, by the ending of the file. */
  kinds: Record<string, number>;
  /** The heaviest first. */
  files: Record<string, number>;
}

/** Compressed bytes of the bodies that were sent for the client's files, each file once. */
export function weightOf({ requests, responses }: Pick<Heard, "requests" | "responses">): Weight {
  const files = new Map<string, number>();
  for (const [index, { line }] of requests.entries()) {
    const path = line.split(" ")[1] ?? "";
    const answer = responses[index];
    if (path.startsWith("/api/") || path === "/ws" || answer === undefined) continue;
    files.set(path, Math.max(files.get(path) ?? 0, answer.body.length));
    // A build for tests has no brotli of the WebAssembly, which takes many seconds.
    if (/\.(js|css)$/.test(path) && answer.body.length > 0) expect(answer.headers.get("content-encoding"), path).toBe("br");
  }
  const kinds: Record<string, number> = {};
  for (const [path, bytes] of files) {
    const kind = /\.\w+$/.exec(path)?.[0] ?? "other";
    kinds[kind] = (kinds[kind] ?? 0) + bytes;
  }
  const { ".wasm": wasm = 0, ...others } = kinds;
  const rest = Object.values(others).reduce((sum, bytes) => sum + bytes, 0);
  return { wasm, rest, kinds: others, files: Object.fromEntries([...files].sort((one, other) => other[1] - one[1])) };
}
