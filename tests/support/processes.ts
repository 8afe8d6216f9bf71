import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const living = new Set<ChildProcess>();

// Vitest ends a worker that hangs, and Ctrl-C ends Vitest; what a worker started must not outlive it.
process.on("exit", () => {
  for (const child of living) signal(child, "SIGKILL");
});
for (const [name, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
  process.once(name, () => process.exit(128 + number));
}
process.once("disconnect", () => process.exit(1));

/** Starts a program in a process group of its own, so that whatever it starts can be ended with it. */
export function start(command: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, words, { stdio: "ignore", ...options, detached: true });
  living.add(child);
  child.once("exit", () => living.delete(child));
  return child;
}

/** Ends the group that `start` made and waits until its first process is gone. Returns its exit status, null after a signal. */
export async function end(child: ChildProcess, how: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  signal(child, how);
  await gone;
  // A wrapper such as xvfb-run can end before what it wraps.
  if (how === "SIGKILL") signal(child, how);
  return child.exitCode;
}

function signal(child: ChildProcess, how: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, how);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A port of loopback that nothing used a moment ago, from where the system takes none for outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(11_000, 32_000);
    const probe = createServer().listen(port, "127.0.0.1");
    const free = await new Promise<boolean>((resolve) => probe.once("listening", () => resolve(true)).once("error", () => resolve(false)));
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks `question` until it gives something other than null or false, at most `ms` long. `otherwise` says what was missed. */
export async function until<T>(
  question: () => Promise<T | null | false>,
  ms: number,
  otherwise: () => string | Promise<string>,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await question();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(await otherwise());
    await pause(25);
  }
}
