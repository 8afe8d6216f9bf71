import { mount } from "svelte";
import type { Engine } from "../contract/index.ts";
import App from "./App.svelte";
import { app } from "./app.svelte.ts";
import { clock } from "./clock.svelte.ts";
import { followKeyboard } from "./logic/keyboard.ts";
import { router } from "./router.svelte.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import { chooseWords } from "./words/index.ts";

/** Draws the first screen at once, then loads the engine. */
export async function start(load: () => Promise<Engine>): Promise<void> {
  const target = document.getElementById("app");
  if (!target) throw new Error("the page has no place for the app");
  await Promise.all([chooseWords(navigator.languages), app.recallOpened()]);
  app.takeLink();
  router.start();
  addEventListener("hashchange", () => app.takeLink());
  clock.start();
  followKeyboard(target);
  target.replaceChildren();
  mount(App, { target });
  await app.start(load);
}
