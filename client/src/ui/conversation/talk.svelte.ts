import type { AccountId, Engine, RoomId, ShownMessage } from "../../contract/index.ts";
import { peopleWithout, withoutName } from "../logic/nameless.ts";
import { firstUnreadOf, rowsOf } from "../logic/rows.ts";
import { Transcript } from "../logic/transcript.ts";

/** One open conversation: what is loaded of it, and how its screen stands. */
export class Talk {
  messages = $state.raw<readonly ShownMessage[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  older = $state<"idle" | "loading" | "failed">("idle");
  more = $state(true);
  /** Where reading goes on; null when everything was read or it lies further back than what is loaded. */
  firstUnread = $state<string | null>(null);
  /** How many messages were unread when the room was opened. */
  readonly unread: number;
  #direct = false;
  /** Between two people nobody has to be told who came. */
  readonly shown = $derived(this.#named(this.#direct ? this.messages.filter((message) => message.body.type !== "system" || message.body.note.type !== "joined") : this.messages));
  /** Those in it, as they are called here. */
  readonly people: Pick<Engine, "person">;
  readonly rows = $derived(rowsOf(this.shown, this.firstUnread));

  /** What is in view, read again after each change. */
  inView: { first: string; last: string } | null = null;
  readonly #transcript: Transcript;
  #newestAtOpening: string | null = null;
  #line: Promise<void> = Promise.resolve();
  #loading: Promise<number> | null = null;
  #refreshWaits = false;
  #changed = false;

  constructor(
    private readonly engine: Engine,
    readonly room: RoomId,
    /** Who is shown without a name here, if anybody. */
    private readonly nameless: () => AccountId | null = () => null,
  ) {
    const summary = engine.room(room);
    this.people = peopleWithout(engine, nameless);
    this.unread = summary?.unread ?? 0;
    this.#direct = summary?.kind === "direct";
    this.#transcript = new Transcript(engine, room);
  }

  async open(): Promise<void> {
    this.state = "loading";
    try {
      await this.#inTurn(() => this.#transcript.open());
      this.#newestAtOpening = this.#transcript.messages.at(-1)?.key ?? null;
      this.#show();
      this.state = "ready";
    } catch {
      this.state = "failed";
    }
  }

  /** Answers how many came. */
  loadOlder(): Promise<number> {
    if (!this.more) return Promise.resolve(0);
    this.#loading ??= this.#loadOlder().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #loadOlder(): Promise<number> {
    this.older = "loading";
    try {
      const came = await this.#inTurn(() => this.#transcript.older());
      this.older = "idle";
      this.#show();
      return came;
    } catch {
      this.older = "failed";
      return 0;
    }
  }

  /** Loads back to where reading goes on, or to a message; false when it is not there. */
  async reach(found: () => boolean): Promise<boolean> {
    while (!found() && this.more) if ((await this.loadOlder()) === 0) break;
    return found();
  }

  /** The room changed: looks again at the newest messages and at what is in view. Many calls become one. */
  async refresh(): Promise<void> {
    if (this.#refreshWaits || this.state === "failed") return;
    this.#refreshWaits = true;
    this.#changed = true;
    await this.#inTurn(async () => {
      this.#refreshWaits = false;
      await this.#transcript.refreshNewest();
      if (this.inView) await this.#transcript.refreshBetween(this.inView.first, this.inView.last);
    });
    this.#show();
  }

  /** Something changed since opening, and other messages than then have come into view. */
  async refreshInView(): Promise<void> {
    if (!this.#changed || this.inView === null) return;
    await this.#inTurn(async () => {
      if (this.inView) await this.#transcript.refreshBetween(this.inView.first, this.inView.last);
    });
    this.#show();
  }

  #named(messages: readonly ShownMessage[]): readonly ShownMessage[] {
    const account = this.nameless();
    if (account === null) return messages;
    const name = this.engine.person(account)?.name ?? null;
    return messages.map((message) => withoutName(message, { account, name }));
  }

  #show(): void {
    this.messages = this.#transcript.messages;
    this.more = this.#transcript.more;
    if (this.firstUnread !== null || this.unread === 0) return;
    const end = this.messages.findIndex((message) => message.key === this.#newestAtOpening);
    const known = this.messages.slice(0, end + 1);
    this.firstUnread = firstUnreadOf(known, this.unread);
    // More were unread than this device has: everything here is new.
    if (this.firstUnread === null && !this.more) this.firstUnread = known.find((message) => !message.mine && message.body.type !== "system")?.key ?? null;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#line.then(action);
    this.#line = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
