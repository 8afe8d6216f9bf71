import type { Screen } from "../../client/src/ui/router.svelte.ts";
import type { Page } from "../support/browsers/page.ts";
import { at, type Id } from "./app.ts";

export type Step = (page: Page) => Promise<void>;

/** A screen of the made-up engine, in one of the states that look different. */
export interface Scene {
  scene?: string;
  screen?: Screen;
  /** What is to be seen before the screen counts as there. */
  shows: Id;
  then?: Step;
}

export const tap = (...ids: Id[]): Step => async (page) => {
  for (const id of ids) await page.click(at(id));
};
export const room = (id: string): Screen => ({ name: "room", room: id });
