import { writeFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node";

/** Writes errors that belong to no test beside the JUnit report, which leaves them out: `make test` counts each as a failure. */
export default class Unhandled implements Reporter {
  #report = "";

  onInit({ config: { outputFile } }: Vitest): void {
    this.#report = (typeof outputFile === "object" ? outputFile["junit"] : outputFile) ?? "";
  }

  async onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): Promise<void> {
    if (errors.length === 0 || this.#report === "") return;
    const lines = errors.map(({ message }) => stripVTControlCharacters(message).replaceAll(/\s+/gu, " "));
    await writeFile(`${this.#report}.unhandled`, `${lines.join("\n")}\n`);
  }
}
