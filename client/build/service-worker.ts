import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { build, type Plugin, type ResolvedConfig } from "vite";
import { type Chunk, type Stages, stagesOf } from "./stages.ts";
import { verifyFiles } from "./verify-page.ts";

const source = "src/sw/worker.ts";
/** What pages beside the app consist of: phones do not need it, and leave it to the network. */
const beside = [...verifyFiles, "transparency.css"];

/**
 * Builds `src/sw/worker.ts` into `/sw.js` (one classic script at the origin's root, so that its scope is everything)
 * once the rest of the build is known, and tells it what to keep: see `__FILES__` and `__BUILD__` in env.d.ts.
 */
export function serviceWorker(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "kindred-service-worker",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      sequential: true,
      order: "pre",
      async handler(_options, bundle) {
        const chunks: Chunk[] = Object.values(bundle).filter((one) => one.type === "chunk");
        const entry = join(config.root, source);
        if (!existsSync(entry)) return;
        const { files, digest } = await contents(join(config.root, config.build.outDir));
        const stages: Stages = stagesOf(files, chunks);
        await buildWorker(config.root, stages, digest, { outDir: config.build.outDir, emptyOutDir: false });
      },
    },
  };
}

/** Builds the service worker of the app in `root`: it keeps `stages`, as the version `digest`. Vite's answer, whose chunk is the script. */
export function buildWorker(root: string, stages: Stages, digest: string, output: { outDir: string; emptyOutDir: false } | { write: false }): ReturnType<typeof build> {
  return build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    define: { __FILES__: JSON.stringify(stages), __BUILD__: JSON.stringify(digest) },
    build: {
      target: "es2022",
      lib: { entry: join(root, source), formats: ["iife"], name: "worker", fileName: () => "sw.js" },
      ...output,
    },
  });
}

/** The built files as paths from the origin (`/` for index.html), sorted, and a hash over them and what they hold. */
async function contents(folder: string): Promise<{ files: string[]; digest: string }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !/\.(br|gz|map)$/.test(entry.name) && entry.name !== "sw.js" && !beside.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  const files: string[] = [];
  for (const path of paths) {
    const name = path.slice(folder.length).split(sep).join("/");
    files.push(name === "/index.html" ? "/" : name);
    hash.update(name).update("\0").update(await readFile(path));
  }
  return { files, digest: hash.digest("hex").slice(0, 16) };
}
