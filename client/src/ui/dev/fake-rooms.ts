import type { RoomSummary, ShownMessage } from "../../contract/index.ts";
import { note, summary, talk, text, variety, type Cast } from "./fake-data.ts";

/** The made-up rooms and what is written in them. `changed` is called with a room whose messages changed, or null. */
export class FakeRooms {
  readonly #rooms: RoomSummary[] = [];
  readonly #log = new Map<string, ShownMessage[]>();

  constructor(
    furnished: "full" | "empty" | "many",
    cast: Cast,
    private readonly changed: (room: string | null) => void,
  ) {
    const now = Date.now();
    const day = 86_400_000;
    const put = (room: RoomSummary, log: ShownMessage[]): void => {
      this.#rooms.push(room);
      this.#log.set(room.id, log);
    };
    put(summary("open-2", "open", "Newcomers", { joined: false, active: false, members: 41 }), []);
    put(summary("open-3", "open", "Evening hours and everything that does not fit anywhere else, really", { joined: false, active: false, members: 212 }), []);
    if (furnished === "empty") return;
    const many = furnished === "many";
    put(summary("group-1", "group", "Tuesday circle"), variety("group-1", cast, now));
    put(summary("open-1", "open", "Morning room", { unread: 3, members: 128 }), talk("open-1", cast, many ? 5000 : 40, now - 50 * 60_000));
    put(summary("direct-asha", "direct", "Asha", { unread: 1 }), cast.people.slice(0, 1).map((asha) => text("direct-asha", asha, now - day, "I am here until six today.")));
    put(summary("direct-sol", "direct", "Sol 🌻", { muted: true, draft: "I wanted to ask" }), []);
    put(summary("group-left", "group", "Garden people", { active: false }), [
      note("group-left", now - 10 * day, { type: "renewed", account: "tala" }), note("group-left", now - 9.5 * day, { type: "odd" }),
      note("group-left", now - 9 * day, { type: "left", account: "me", by: null }),
    ]);
    put(summary("group-long", "group", "Ein außergewöhnlich langer Gruppenname, der wirklich nirgendwo hineinpasst", { unread: 412, lost: true, members: 300 }), talk("group-long", cast, 560, now - 3 * day));
    if (many) for (let index = 0; index < 190; index++) put(summary(`many-${index}`, "group", `Group number ${index + 1}`), []);
  }

  list(): RoomSummary[] {
    return this.#rooms.map((room) => this.#told(room)).sort((a, b) => Number(b.joined) - Number(a.joined) || (b.last?.at ?? 0) - (a.last?.at ?? 0));
  }

  get(id: string): RoomSummary | null {
    const found = this.#rooms.find((room) => room.id === id);
    return found ? this.#told(found) : null;
  }

  log(room: string): ShownMessage[] {
    return this.#log.get(room) ?? [];
  }

  message(room: string, key: string | undefined): ShownMessage | undefined {
    return this.log(room).find((one) => one.key === key);
  }

  add(room: RoomSummary): void {
    this.#rooms.push(room);
    this.changed(null);
  }

  drop(id: string): void {
    this.#rooms.splice(this.#rooms.findIndex((room) => room.id === id), 1);
    this.#log.delete(id);
    this.changed(null);
  }

  alter(room: string, key: string, change: Partial<ShownMessage>): void {
    this.write(room, (log) => log.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  write(room: string, change: (log: ShownMessage[]) => ShownMessage[]): void {
    this.#log.set(room, change(this.log(room)));
    this.changed(room);
  }

  change(room: string, change: Partial<RoomSummary>): void {
    const index = this.#rooms.findIndex((one) => one.id === room);
    const old = this.#rooms[index];
    if (old) this.#rooms[index] = { ...old, ...change };
    this.changed(null);
  }

  #told(room: RoomSummary): RoomSummary {
    const message = this.log(room.id).findLast((one) => one.body.type !== "system");
    const said = message?.body.type === "text" ? message.body.text : "Message deleted";
    return { ...room, last: message ? { text: said, from: message.name, mine: message.mine, at: message.at, state: message.state, ...(message.body.type === "text" && message.body.picture && { picture: true }) } : null };
  }
}
