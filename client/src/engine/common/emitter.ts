/** Tells the screens, at most once per room and turn of the event loop, however much happened. */
import type { EngineEvents } from "../../contract/index.ts";

/** What arrives for a case comes in many pieces, and each makes screens ask the server again: no oftener than this. */
export const CASES_MS = 150;

type Listener<E extends keyof EngineEvents> = (value: EngineEvents[E]) => void;

export class Emitter {
  readonly #listeners: { [E in keyof EngineEvents]: Set<Listener<E>> } = {
    phase: new Set(), connection: new Set(), rooms: new Set(), room: new Set(), joining: new Set(), devices: new Set(), cases: new Set(), hints: new Set(),
    contacts: new Set(),
  };
  readonly #rooms = new Set<string>();
  #listChanged = false;
  #scheduled = false;
  /** A case changed: "told" a moment ago, and "again" since. */
  #cases: "told" | "again" | null = null;

  on<E extends keyof EngineEvents>(event: E, listener: Listener<E>): () => void {
    const listeners: Set<Listener<E>> = this.#listeners[event];
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<E extends "phase" | "connection" | "joining" | "devices" | "cases" | "hints" | "contacts">(event: E, value: EngineEvents[E]): void {
    if (event === "cases") this.#casesChanged();
    else this.#tell(event, value);
  }

  #casesChanged(): void {
    if (this.#cases !== null) {
      this.#cases = "again";
      return;
    }
    this.#cases = "told";
    this.#tell("cases", null);
    setTimeout(() => {
      const again = this.#cases === "again";
      this.#cases = null;
      if (again) this.#casesChanged();
    }, CASES_MS);
  }

  /** Something changed in a room, or only in the list of rooms. */
  changed(room: string | null): void {
    if (room !== null) this.#rooms.add(room);
    this.#listChanged = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#flush();
    }, 0);
  }

  #flush(): void {
    this.#scheduled = false;
    const rooms = [...this.#rooms];
    this.#rooms.clear();
    const listChanged = this.#listChanged;
    this.#listChanged = false;
    for (const room of rooms) this.#tell("room", room);
    if (listChanged) this.#tell("rooms", null);
  }

  #tell<E extends keyof EngineEvents>(event: E, value: EngineEvents[E]): void {
    const listeners: Set<Listener<E>> = this.#listeners[event];
    for (const listener of [...listeners]) listener(value);
  }
}
