import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"]);
/** From this size on (bytes) brotli takes many seconds, so its result is kept from build to build. */
const slow = 1 << 20;
/** A build for tests alone leaves out what would be slow: the server then gives the `.gz`. */
const quick = process.env["KINDRED_QUICK_BUILD"] === "1";
const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Writes a `.br` (quality 11) and a `.gz` (level 9) beside each built file that becomes smaller by it. */
export function precompress(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "kindred-precompress",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle: {
      sequential: true,
      order: "post",
      async handler() {
        const folder = join(config.root, config.build.outDir);
        const cache = join(config.cacheDir, "kindred-brotli");
        const names = await readdir(folder, { recursive: true });
        await Promise.all(names.filter((name) => compressible.has(extname(name))).map((name) => squeeze(join(folder, name), cache)));
      },
    },
  };
}

async function squeeze(path: string, cache: string): Promise<void> {
  const content = await readFile(path);
  const gz = await deflate(content, { level: 9 });
  if (gz.length < content.length) await writeFile(`${path}.gz`, gz);
  if (content.length < slow) {
    const br = await smallest(content);
    if (br.length < content.length) await writeFile(`${path}.br`, br);
    return;
  }
  const kept = join(cache, `${createHash("sha256").update(content).digest("hex")}.br`);
  if (!existsSync(kept)) {
    if (quick) return;
    await mkdir(cache, { recursive: true });
    await writeFile(kept, await smallest(content));
  }
  await copyFile(kept, `${path}.br`);
}

function smallest(content: Buffer): Promise<Buffer> {
  return brotli(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}
