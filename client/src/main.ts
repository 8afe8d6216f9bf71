import { start } from "./ui/start.ts";
import { clearNotes } from "./ui/notes.ts";
import { keepForOffline } from "./ui/offline.ts";

await start(async () => {
  const { createEngine } = await import("./engine/engine.ts");
  return createEngine();
});
clearNotes();
await keepForOffline();
