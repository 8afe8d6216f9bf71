/** Parts of the app that the first start goes without. Each is one file, fetched when it is first wanted (client/build/stages.ts). */
import type { Component } from "svelte";
import type { Screen } from "./router.svelte.ts";

export interface Part<Props extends Record<string, unknown>> {
  default: Component<Props>;
}
export type Loader<Props extends Record<string, unknown>> = () => Promise<Part<Props>>;

export const later = {
  more: (): Promise<Part<{ screen: Screen }>> => import("./screens/More.svelte"),
  forStaff: (): Promise<Part<{ screen: Screen }>> => import("./screens/ForStaff.svelte"),
  comingBack: (): Promise<Part<Record<string, never>>> => import("./screens/ComingBack.svelte"),
  suspended: (): Promise<Part<Record<string, never>>> => import("./screens/Suspended.svelte"),
};

const loaded = new Map<unknown, unknown>();

/** The part itself once it was loaded, so that it is drawn at once; a promise until then. */
export function part<Props extends Record<string, unknown>>(load: Loader<Props>): Part<Props> | Promise<Part<Props>> {
  const known = loaded.get(load) as Part<Props> | undefined;
  return known ?? load().then((made) => {
    loaded.set(load, made);
    return made;
  });
}
