import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ElementHandle } from "puppeteer-core";
import { launch } from "./browsers/launch.ts";
import { puppetOf } from "./browsers/puppeteer.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * What `manage.py verify_evidence` says of a bundle, given the keys that the server at `address` publishes and nothing of what
 * it keeps. Rejects when the bundle is not whole.
 */
export async function verifiedOffline(address: string, bundle: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  try {
    const [file, keys] = [join(folder, "evidence.zip"), join(folder, "keys.json")];
    await writeFile(file, bundle);
    await writeFile(keys, await (await fetch(`${address}/.well-known/kindred-keys.json`)).text());
    const env = { ...process.env, DATA_DIR: join(folder, "nothing") };
    return (await promisify(execFile)(join(root, ".venv/bin/python"), ["manage.py", "verify_evidence", file, "--keys", keys], { cwd: root, env })).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the server's own `/verify.html` says of a bundle in a browser, given the keys that it publishes, once it says that it is whole. */
export async function verifiedByPage(address: string, bundle: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kindred-evidence-"));
  const browser = await launch("chromium");
  try {
    const page = await (await browser.newContext()).open(`${address}/verify.html`);
    const files = { evidence: bundle, keys: await (await fetch(`${address}/.well-known/kindred-keys.json`)).text() };
    for (const [input, content] of Object.entries(files)) {
      const file = join(folder, input === "keys" ? "keys.json" : "evidence.zip");
      await writeFile(file, content);
      await page.waitFor(`#${input}`);
      await ((await puppetOf(page).$(`#${input}`)) as ElementHandle<HTMLInputElement>).uploadFile(file);
    }
    await page.waitFor('[data-outcome="whole"]');
    return await page.text("section");
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}
