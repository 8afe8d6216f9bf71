import type { AccountId, CaseId, DecisionId, DecisionKind, MessageKey, RoomId } from "../contract/index.ts";
import { held } from "./held.ts";

/** `home` is what the phase asks for: the invite, the PIN, or the chats. */
export type Screen =
  | { name: "home" | "name" | "pin" | "conduct" | "joining" }
  | { name: "enterWords" | "recoverPin" | "recovering" | "recovered" | "recovery" | "newWords" | "deleteAccount" }
  | { name: "linkPin" | "linkCode" | "devices" | "addDevice" }
  | { name: "room" | "group" | "addPeople" | "groupInvite" | "roomCheck"; room: RoomId }
  | { name: "person" | "safety"; account: AccountId }
  | { name: "scanned"; fragment: string }
  /** `question`: what is chosen is added to it. `fresh`: it has just been asked. */
  | { name: "ask"; room: RoomId; message: MessageKey; question: CaseId | null }
  | { name: "question"; id: CaseId; fresh: boolean }
  | { name: "showMore"; question: CaseId }
  | { name: "console"; id: CaseId | null }
  /** `asker`: it is about whoever asked, who may have given no name. `here`: what a moderator wants who saw something in a room. */
  | { name: "decide"; subject: AccountId; question: CaseId | null; asker?: boolean; here?: { room: RoomId; kind: DecisionKind } | null }
  /** `about`: what its subject is called, to moderators; `nameless`: their account, when they asked. */
  | { name: "decisionTalk"; room: RoomId; about: string | null; nameless?: AccountId | null }
  /** `nameless`: what is known of them as who asked in this case, without a name. */
  | { name: "aboutPerson"; account: AccountId; nameless: CaseId | null }
  /** `only`: that one alone. `holds`: those that restrict somebody in a room now. */
  | { name: "decisions"; only?: DecisionId; holds?: { account: AccountId; room: RoomId } }
  | { name: "questions" | "helpNow" | "myDecisions" | "rights" | "contacts" | "openness" | "auditLog" }
  | { name: "invite" | "write" | "newGroup" | "newOpenRoom" | "settings" | "waking" | "hints" | "about" | "conductAgain" | "invites" | "newInvite" | "blocked" | "inviteTree" };

/** A screen, or something that lies over one (a menu, a question) and goes away by "back". */
type Layer = { screen: Screen } | { close: () => void; gone: boolean };

interface Mark {
  kindred: string;
  depth: number;
  /** Opens what waits to be answered (held.ts). */
  key: Uint8Array;
}

function markIn(state: unknown): Mark | null {
  return typeof state === "object" && state !== null && "kindred" in state && "depth" in state ? (state as Mark) : null;
}

/**
 * Where the person is. The browser's history holds only a depth and what is random, so that "back" works while no
 * address, title or history entry tells what was looked at.
 */
class Router {
  #layers = $state.raw<readonly Layer[]>([{ screen: { name: "home" } }]);
  readonly #run = Math.random().toString(36).slice(2);
  /** The depth that a `history.go` under way will arrive at. */
  #returning: number | null = null;
  #waiting: (() => void)[] = [];

  readonly screen: Screen = $derived.by(() => {
    const top = this.#layers.findLast((layer) => "screen" in layer);
    return top && "screen" in top ? top.screen : { name: "home" };
  });
  readonly depth = $derived(this.#layers.length - 1);

  start(): void {
    history.replaceState(this.#mark(0), "", location.pathname + location.search);
    addEventListener("popstate", (event) => this.#popped(event.state));
  }

  /** Opens a screen; from a menu or a question, in its place. `replace` takes the place of the present screen. */
  go(screen: Screen, { replace = false } = {}): void {
    if (this.#later(() => this.go(screen, { replace }))) return;
    const [under, top] = [this.#layers.at(-2), this.#layers.at(-1)];
    if (top && !("screen" in top) && under && "screen" in under && JSON.stringify(under.screen) === JSON.stringify(screen)) {
      // At a desk a menu of the chats may open what is beside them already: it begins anew, and there is nothing more to go back over.
      this.#to(this.depth - 1);
      this.#layers = [...this.#layers.slice(0, -1), { screen }];
      return;
    }
    if (top && (!("screen" in top) || (replace && this.#layers.length > 1))) {
      this.#drop(this.#layers.length - 1);
      this.#layers = [...this.#layers, { screen }];
      history.replaceState(this.#mark(this.depth), "");
      return;
    }
    this.#layers = [...this.#layers, { screen }];
    history.pushState(this.#mark(this.depth), "");
  }

  back(): void {
    if (this.depth > 0 && !this.#later(() => this.back())) this.#to(this.depth - 1);
  }

  home(): void {
    if (this.depth > 0 && !this.#later(() => this.home())) this.#to(0);
  }

  /** Something opened over the screen. The answer is to be called when it closes by itself. */
  cover(close: () => void): () => void {
    const layer = { close, gone: false };
    const put = (): void => {
      if (layer.gone) return;
      this.#layers = [...this.#layers, layer];
      history.pushState(this.#mark(this.depth), "");
    };
    // An entry that is added while the browser is on its way back would take the place of where it goes.
    if (!this.#later(put)) put();
    return () => {
      if (layer.gone) return;
      layer.gone = true;
      // What closes it may open a screen in the same moment, which then takes its place.
      setTimeout(() => this.#takeOut(layer));
    };
  }

  /** Keeps the address free of what a link carried. */
  clean(): void {
    history.replaceState(this.#mark(this.depth), "", location.pathname + location.search);
  }

  #isGone(layer: Layer | undefined): boolean {
    return layer !== undefined && !("screen" in layer) && layer.gone;
  }

  /** Goes back over what has closed by itself. */
  #sweep(): void {
    if (this.#returning !== null) return;
    let depth = this.depth;
    while (depth > 0 && this.#isGone(this.#layers[depth])) depth -= 1;
    if (depth < this.depth) this.#to(depth);
  }

  #mark(depth: number): Mark {
    return { kindred: this.#run, depth, key: held.key };
  }

  #to(depth: number): void {
    const steps = this.depth - depth;
    this.#drop(depth + 1);
    if (steps <= 0) return;
    this.#returning = depth;
    history.go(-steps);
  }

  /** What was opened over a layer in the moment it closed moves down into its place. */
  #takeOut(layer: Layer): void {
    if (this.#later(() => this.#takeOut(layer))) return;
    const index = this.#layers.indexOf(layer);
    if (index <= 0) return;
    this.#layers = this.#layers.toSpliced(index, 1);
    this.#returning = this.depth;
    history.go(-1);
  }

  #later(action: () => void): boolean {
    if (this.#returning === null) return false;
    this.#waiting.push(action);
    return true;
  }

  #popped(state: unknown): void {
    const mark = markIn(state);
    if (this.#returning !== null) {
      this.#returning = null;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const action of waiting) action();
      this.#sweep();
      return;
    }
    if (!mark || mark.kindred !== this.#run) {
      // An entry from before a reload: there is nothing behind it any more.
      if (location.hash === "") {
        this.#drop(1);
        history.replaceState(this.#mark(0), "");
      }
      return;
    }
    if (mark.depth < this.depth) {
      this.#drop(mark.depth + 1);
      this.#sweep();
    }
    // Forward again: what was closed is gone.
    else if (mark.depth > this.depth) {
      this.#returning = this.depth;
      history.go(this.depth - mark.depth);
    }
  }

  /** Takes away all layers from `from` on, closing what lies over screens. */
  #drop(from: number): void {
    const dropped = this.#layers.slice(from);
    this.#layers = this.#layers.slice(0, from);
    for (const layer of dropped.reverse()) {
      if ("screen" in layer || layer.gone) continue;
      layer.gone = true;
      layer.close();
    }
  }
}

export const router = new Router();
