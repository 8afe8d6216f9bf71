import { until } from "../support/processes.ts";
import { patience } from "../support/browsers/page.ts";
import { at, type App, type Id } from "./app.ts";
import type { Room } from "./room.ts";
import type { World } from "./world.ts";

/** Adds a browser to those of this person, by the typed code, and waits until the new one knows everything. */
export async function further(world: World, old: App): Promise<App> {
  const fresh = await world.visitor(old.name, world.server.address);
  await fresh.click("linkStart");
  await fresh.choosePin(fresh.pin);
  const typed = await fresh.page.text(at("linkTyped"));
  await toDevices(old);
  await old.click("deviceAdd");
  await old.fill("deviceCode", typed);
  await old.click("deviceFind");
  await old.click("deviceSame");
  await old.tapPin(old.pin);
  await old.page.waitFor(at("screenAddDevice", '[data-step="sent"]'));
  await old.click("deviceSent");
  await fresh.page.waitFor(at("screenChats"), 60_000);
  return fresh;
}

/** Settings, Your devices. */
export async function toDevices(app: App): Promise<void> {
  await app.toChats();
  await app.click("openSettings");
  await app.click("settingsDevices");
  await app.page.waitFor(at("device"));
}

/** Opens what somebody who looks after a room can do for one of its people. */
export async function choose(room: Room, name: string): Promise<void> {
  const { app, title } = room;
  await (await app.open(title)).details();
  await app.page.click(await app.holding("member", name));
  await app.page.waitFor(at("memberMenu"));
}

/** Says yes, and yes again to the second question. */
export async function twice(app: App): Promise<void> {
  await app.click("confirmYes");
  await until(async () => !(await app.page.has(at("confirmYes", '[aria-disabled="true"]'))), patience, () => "The second question stays shut");
  await app.click("confirmYes");
  await app.page.waitGone(at("confirmYes"));
}

/** Waits until all of these devices show this. */
export async function all(apps: readonly App[], shows: Id | string): Promise<void> {
  for (const { page } of apps) await page.waitFor(shows.startsWith("text=") ? shows : at(shows as Id));
}
