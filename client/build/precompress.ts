import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"]);
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
    closeBundle: {
      sequential: true,
      order: "post",
      async handler() {
        const folder = join(config.root, config.build.outDir);
        const names = await readdir(folder, { recursive: true });
        await Promise.all(names.filter((name) => compressible.has(extname(name))).map((name) => squeeze(join(folder, name))));
      },
    },
  };
}

async function squeeze(path: string): Promise<void> {
  const content = await readFile(path);
  const [br, gz] = await Promise.all([
    brotli(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    deflate(content, { level: 9 }),
  ]);
  if (br.length < content.length) await writeFile(`${path}.br`, br);
  if (gz.length < content.length) await writeFile(`${path}.gz`, gz);
}
