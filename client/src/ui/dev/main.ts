import { type Connection, Failure, type FailureCode, type Phase, type Role } from "../../contract/index.ts";
import { clearNotes } from "../notes.ts";
import { keepForOffline } from "../offline.ts";
import { router, type Screen } from "../router.svelte.ts";
import { start } from "../start.ts";
import { words } from "../words/index.ts";
import { FakeEngine } from "./fake-engine.ts";
import type { Scene } from "./scene.ts";

const asked = new URLSearchParams(location.search);
const scene: Scene = {
  phase: (asked.get("phase") ?? "open") as Phase,
  signed: (asked.get("signed") ?? "revoked") as Scene["signed"],
  net: (asked.get("net") ?? "online") as Connection,
  rooms: (asked.get("rooms") ?? "full") as Scene["rooms"],
  role: (asked.get("role") ?? "coordinator") as Role,
  fail: asked.get("fail") as FailureCode | null,
  slow: Number(asked.get("slow") ?? 0),
  conduct: (asked.get("conduct") ?? "agreed") as Scene["conduct"],
  trust: asked.get("trust") as Scene["trust"],
  hints: asked.has("hints"),
  push: (asked.get("push") ?? "off") as Scene["push"],
  words: (asked.get("words") ?? "none") as Scene["words"],
};

declare global {
  interface Window {
    fake: FakeEngine;
    go: (screen: Screen) => void;
  }
}

if (asked.get("dir") === "rtl") words.dir = "rtl";
window.go = (screen) => router.go(screen);
await start(async () => {
  if (asked.has("broken")) throw new Failure(asked.get("broken") === "browser" ? "unsupported_browser" : "unexpected");
  if (asked.has("forever")) await new Promise(() => undefined);
  window.fake = new FakeEngine(scene);
  return window.fake;
});
if (asked.has("keep")) {
  clearNotes();
  await keepForOffline();
}
