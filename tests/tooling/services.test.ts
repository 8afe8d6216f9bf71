import { connect } from "node:net";
import { expect, test } from "vitest";
import { Service } from "../support/services.ts";

function listens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test.each(["redis", "postgres"] as const)("%s serves tests in TypeScript, crashes and comes back on request", async (name) => {
  const service = await Service.start(name);
  expect(await listens(service.url)).toBe(true);
  await service.kill();
  expect(await listens(service.url)).toBe(false);
  await service.restart();
  expect(await listens(service.url)).toBe(true);
  await service.remove();
  expect(await listens(service.url)).toBe(false);
});
