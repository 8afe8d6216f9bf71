import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KindredServer } from "../support/server.ts";

let server: KindredServer;

beforeAll(async () => {
  server = await KindredServer.start({ wire: true, empty: true });
});
afterAll(() => server?.remove());

test("a first start gives a link for each role, in a file that only its owner reads", async () => {
  const links = await server.links();
  expect(links.address).toBe(server.address);
  const all = [links.coordinator, links.moderator, ...links.members];
  expect(links.members).toHaveLength(3);
  expect(new Set(all).size).toBe(5);
  expect(all.every((link) => link.startsWith(`${server.address}/#i.`))).toBe(true);
  expect((await stat(join(server.dataDir, "links.json"))).mode & 0o777).toBe(0o600);
});

test("a killed server comes back at the same address with the same network", async () => {
  const check = async (): Promise<unknown> => (await fetch(`${server.address}/api/v1/server`)).json();
  const before = (await check()) as { external_sender: string };
  await server.kill();
  await expect(check()).rejects.toThrow();
  await server.run();
  expect(await check()).toMatchObject({ external_sender: before.external_sender });
});

test("Ctrl-C stops the server cleanly", async () => {
  expect(await server.interrupt()).toBe(0);
  expect(await server.log()).not.toContain("Traceback");
});
