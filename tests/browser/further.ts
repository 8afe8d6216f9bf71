import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
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

/** Says yes, and yes again to the second question, which is shut at first. */
export async function twice(app: App): Promise<void> {
  await app.click("confirmYes");
  await app.click("confirmYes");
  await app.page.waitGone(at("confirmYes"));
}

/** Opens somebody's menu with `choose`, anew until it offers this: a menu stays as it was when it was opened. */
export async function offered(item: Id, choose: () => Promise<void>, { page }: App): Promise<void> {
  await until(async () => {
    await choose();
    if (await page.has(at(item))) return true;
    await page.press("Escape");
    await page.waitGone(at("memberMenu"));
    return false;
  }, patience, () => `${item} is not offered`);
}

/** Waits until all of these devices show this. */
export async function all(apps: readonly App[], shows: Id | string): Promise<void> {
  for (const { page } of apps) await page.waitFor(shows.startsWith("text=") ? shows : at(shows as Id));
}
