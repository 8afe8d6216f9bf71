import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, type Plugin, type ResolvedConfig } from "vite";

/** What `/verify.html` consists of. */
export const verifyFiles = ["verify.html", "verify.js", "verify.css"];

/** Builds `src/verify` beside the app, sharing nothing with it, so that it costs whoever only chats no byte. */
export function verifyPage(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "kindred-verify-page",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      sequential: true,
      order: "pre",
      handler: () => buildVerifyPage(config.root, config.build.outDir),
    },
  };
}

/** Into `folder`, as one classic script: a module would not load from a disk. */
export async function buildVerifyPage(root: string, folder: string): Promise<void> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    build: {
      target: "es2022",
      outDir: folder,
      emptyOutDir: false,
      lib: { entry: join(root, "src/verify/main.ts"), formats: ["iife"], name: "verify", fileName: () => "verify.js", cssFileName: "verify" },
    },
  });
  await copyFile(join(root, "src/verify/verify.html"), resolve(root, folder, "verify.html"));
}
