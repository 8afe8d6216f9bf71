import { defineConfig } from "vitest/config";
import { tsMlsCorrection } from "./interop/ts_mls_correction.ts";
import { LongestFirst } from "./support/longest_first.ts";

const minutes = 60_000;

/** Tests in TypeScript outside the client: against real browsers, against a server alone, and measurements. */
export default defineConfig({
  plugins: [tsMlsCorrection()],
  test: {
    pool: "forks",
    server: { deps: { inline: ["ts-mls"] } },
    // In many files five people join first, on cores that other tests have, too.
    hookTimeout: 5 * minutes,
    globalSetup: "support/run_folder.ts",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // Each file has browsers of its own and waits for them most of the time: three files at once are what two cores carry.
        test: { name: "browser", include: ["browser/**/*.test.ts"], testTimeout: 5 * minutes, maxWorkers: 3 },
      },
      {
        extends: true,
        test: { name: "headless", include: ["**/*.test.ts"], exclude: ["browser/**"], testTimeout: 5 * minutes, maxWorkers: 2 },
      },
      {
        extends: true,
        test: { name: "bench", include: ["bench/**/*.bench.ts"], testTimeout: 15 * minutes, fileParallelism: false },
      },
    ],
  },
});
