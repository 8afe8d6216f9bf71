/** Hints about received messages: made when they are shown, from rules and lists on this device. Nothing about them is sent. */
import { HostList, hostsIn, named } from "../../hints/links.ts";
import { Matcher } from "../../hints/match.ts";
import { known, loadRules, type RuleFile } from "../../hints/rules.ts";
import { flag, object } from "../../protocol/shape.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { HintKind, Hints, ShownMessage } from "../../contract/index.ts";
import type { Own } from "../account/index.ts";

const KEPT = "hints";
const SHARED = "hints";
const shared = object({ on: flag });
/** The oldest of more are forgotten, and their hints come back. */
const MOST_DISMISSED = 1_000;
const MOST_REMEMBERED = 2_000;
/** Of several kinds in one message the first is shown. */
const order: readonly HintKind[] = ["knownLink", "lookAlikeLink", "fee", "debt", "documents", "pictures", "offer", "secret", "away", "shortLink"];

/** Sealed in the store, and no part of what a backup or a new device gets. */
interface Kept {
  on: boolean;
  /** Keys of messages, and `account kind`. */
  dismissed: string[];
}

export interface HintSources {
  /** What the network and the phone speak, as `pt-BR` or `es`. */
  languages(): readonly string[];
  /** The list of known scam hosts, if it is on this device. Asks nobody for it. */
  hostList(): Promise<Uint8Array | null>;
}

export class Hinting implements Hints {
  #kept: Kept = { on: false, dismissed: [] };
  #rules: Promise<readonly RuleFile[]> = Promise.resolve([]);
  #unreviewed: readonly string[] = [];
  #matcher: Matcher | null = null;
  #hosts: HostList | null = null;
  /** By message and text, what was found. */
  readonly #found = new Map<string, HintKind[]>();

  constructor(private readonly store: Store, private readonly own: Own, private readonly sources: HintSources, private readonly changed: () => void) {
    own.on(SHARED, ({ value }) => this.#turned(shared(value, SHARED).on));
  }

  /** Resolves when hints can be given, if they are on. */
  async load(): Promise<void> {
    this.#kept = (await this.store.get<Kept>("meta", await this.store.scope(KEPT))) ?? this.#kept;
    await this.renew();
  }

  /**
   * Has the rules of the network's and the phone's languages at hand, whether hints are on or not: so fetching them tells
   * the server nothing but these languages, which it knows. To be called when the network's may have changed.
   */
  async renew(): Promise<void> {
    const wanted = this.languages();
    const had = await this.#rules;
    if (had.length > 0 && had.map(({ language }) => language).join() === wanted.join()) return;
    this.#rules = this.#fetchRules(wanted);
    await this.#rules;
    if (this.#kept.on) await this.#prepare();
    else this.changed();
  }

  on(): boolean {
    return this.#kept.on;
  }

  async turn(on: boolean): Promise<void> {
    await this.#turned(on);
    await this.own.share(SHARED, { on });
  }

  languages(): readonly string[] {
    return known(this.sources.languages());
  }

  unreviewed(): readonly string[] {
    return this.#unreviewed;
  }

  of(message: ShownMessage): HintKind | null {
    if (!this.#matcher || message.mine || message.hidden || message.body.type !== "text") return null;
    const { key, from, body: { text } } = message;
    const { dismissed } = this.#kept;
    if (dismissed.includes(key)) return null;
    const found = this.#look(this.#matcher, key, text);
    return order.find((kind) => found.includes(kind) && !dismissed.includes(`${from} ${kind}`)) ?? null;
  }

  async dismiss({ key, from }: ShownMessage, kind: HintKind, of: "message" | "person"): Promise<void> {
    const one = of === "message" ? key : `${from} ${kind}`;
    await this.#keep({ ...this.#kept, dismissed: [...this.#kept.dismissed.filter((other) => other !== one), one].slice(-MOST_DISMISSED) });
    this.changed();
  }

  dismissed(): number {
    return this.#kept.dismissed.length;
  }

  async restore(): Promise<void> {
    await this.#keep({ ...this.#kept, dismissed: [] });
    this.changed();
  }

  #look(matcher: Matcher, key: string, text: string): HintKind[] {
    const name = `${key} ${text}`;
    const known = this.#found.get(name);
    if (known) return known;
    const hosts = hostsIn(text);
    const found: HintKind[] = [...named(hosts), ...matcher.match(text).map(({ kind }) => kind)];
    if (this.#found.size >= MOST_REMEMBERED) this.#found.clear();
    this.#found.set(name, found);
    if (this.#hosts && hosts.length > 0) {
      // The browser hashes in its own time.
      void this.#hosts.knows(hosts).then((known) => {
        if (!known) return;
        found.push("knownLink");
        this.changed();
      });
    }
    return found;
  }

  async #turned(on: boolean): Promise<void> {
    await this.#keep({ ...this.#kept, on });
    if (on) await this.#prepare();
    else this.#forget();
  }

  async #prepare(): Promise<void> {
    const [files, list] = await Promise.all([this.#rules, this.sources.hostList()]);
    // Turned off meanwhile.
    if (!this.#kept.on) return;
    this.#found.clear();
    this.#matcher = new Matcher(files);
    this.#hosts = list && HostList.read(list);
    this.changed();
  }

  /** Those that can be had: what is missing without a network comes at another start, not when hints are turned on. */
  async #fetchRules(languages: readonly string[]): Promise<RuleFile[]> {
    const tried = await Promise.allSettled(languages.map(loadRules));
    const files = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    this.#unreviewed = files.filter(({ reviewed }) => !reviewed).map(({ language }) => language);
    return files;
  }

  #forget(): void {
    this.#matcher = null;
    this.#hosts = null;
    this.#found.clear();
    this.changed();
  }

  async #keep(kept: Kept): Promise<void> {
    await this.store.write(new Batch().put("meta", await this.store.scope(KEPT), kept));
    this.#kept = kept;
  }
}

/** As screens call it, whatever is open. */
export function guardedHints(open: () => Hints, attempt: <T>(work: () => Promise<T>) => Promise<T>): Hints {
  return {
    on: () => open().on(),
    turn: (on) => attempt(() => open().turn(on)),
    languages: () => open().languages(),
    unreviewed: () => open().unreviewed(),
    of: (message) => open().of(message),
    dismiss: (message, kind, of) => attempt(() => open().dismiss(message, kind, of)),
    dismissed: () => open().dismissed(),
    restore: () => attempt(() => open().restore()),
  };
}
