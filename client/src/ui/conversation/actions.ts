import type { AccountId, HintKind, MessageKey, ShownMessage } from "../../contract/index.ts";

/** What a line of a conversation can ask its screen to do. */
export interface MessageActions {
  onmenu: (message: ShownMessage) => void;
  onreply: (message: ShownMessage) => void;
  onreact: (message: ShownMessage, emoji: string) => void;
  onretry: (message: ShownMessage) => void;
  ondiscard: (message: ShownMessage) => void;
  onquote: (key: MessageKey) => void;
  /** Opens the page about them; null where there is none. */
  onperson: ((account: AccountId) => void) | null;
  onlink: (link: { href: string; host: string }) => void;
  onunchecked: () => void;
  onodd: (why: "odd" | "forked") => void;
  /** Shows it to moderators; null where they have it before them already. */
  onask: ((message: ShownMessage) => void) | null;
  /** Shows who reacted; null where none of it can be shown to moderators. */
  onreactions: ((message: ShownMessage) => void) | null;
  /** Says why there is a hint; null where none are given. */
  onhint: ((message: ShownMessage, kind: HintKind) => void) | null;
  onpin: (message: ShownMessage, pinned: boolean) => void;
}
