/**
 * What the devices of one account tell one another: through a room of their own, end-to-end encrypted like every other.
 * Whoever changes something that all of them should know calls `share`; `on` says what to do when another one did.
 */
import { Malformed } from "../../protocol/shape.ts";
import type { Outbox, Room, Rooms } from "../rooms/index.ts";

/** Something that one device of the account tells the others. */
export interface OwnItem {
  /** E.g. `device`: what kind of thing it is about. Kinds that nobody listens to are passed over. */
  kind: string;
  /** Anything that CBOR holds. It comes from a device of the same account, of any version: check its form. */
  value: unknown;
  /** When the server accepted it: of two that contradict each other, the later one holds. */
  at: number;
}

type Handler = (item: OwnItem) => Promise<void> | void;

export class Own {
  readonly #handlers = new Map<string, Handler>();

  constructor(private readonly rooms: Rooms, private readonly outbox: Outbox, private readonly pump: (room: Room) => void) {}

  /** The room of the account's devices, once this one is in it. */
  get room(): Room | null {
    return this.rooms.all().find((room) => room.record.kind === "self" && room.active) ?? null;
  }

  on(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  /** Durable when it resolves. Where there is no other device, nobody is told: one that comes later is handed everything. */
  async share(kind: string, value: unknown): Promise<void> {
    const { room } = this;
    if (!room) return;
    await this.outbox.add(room, { type: "own", kind, value });
    this.pump(room);
  }

  /** What other devices of the account have said, in the log's order. */
  async received(items: readonly OwnItem[]): Promise<void> {
    for (const item of items) {
      try {
        await this.#handlers.get(item.kind)?.(item);
      } catch (error) {
        // A newer version's, perhaps.
        if (!(error instanceof Malformed)) throw error;
      }
    }
  }
}
