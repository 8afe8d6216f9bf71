/** A module of its own, so that the first screen does not load it. */
import { argon2id } from "hash-wasm";
import { type Bytes, ownBytes } from "../protocol/bytes.ts";

export interface Argon2Cost {
  /** KiB. */
  memory: number;
  passes: number;
  lanes: number;
}

/** Argon2id (RFC 9106), 32 bytes. Holds up its thread for as long as it takes. */
export async function stretch(password: Bytes, salt: Bytes, cost: Argon2Cost): Promise<Bytes> {
  return ownBytes(await argon2id({
    password, salt, memorySize: cost.memory, iterations: cost.passes, parallelism: cost.lanes, hashLength: 32,
    outputType: "binary",
  }));
}

/** From RFC 9106's second recommended setting (with one lane, as there is one thread) to the least that OWASP accepts. */
const LADDER: readonly Argon2Cost[] = [
  { memory: 64 * 1024, passes: 3, lanes: 1 },
  { memory: 48 * 1024, passes: 3, lanes: 1 },
  { memory: 32 * 1024, passes: 3, lanes: 1 },
  { memory: 19 * 1024, passes: 2, lanes: 1 },
];
const PROBE: Argon2Cost = { memory: 8 * 1024, passes: 1, lanes: 1 };
const BUDGET_MS = 900;

/** The highest cost that this device bears in under a second. */
export async function calibrate(): Promise<Argon2Cost> {
  const salt = new Uint8Array(16);
  // The first run also compiles the WebAssembly.
  await stretch(salt, salt, PROBE);
  const start = performance.now();
  await stretch(salt, salt, PROBE);
  const perKibPass = (performance.now() - start) / (PROBE.memory * PROBE.passes);
  const least = LADDER[LADDER.length - 1] ?? PROBE;
  return LADDER.find(({ memory, passes }) => memory * passes * perKibPass <= BUDGET_MS) ?? least;
}
