/** What the screens know of whom the network says to call when somebody is in danger (docs/protocol.md, section 3). */

/** tel: a number to call. sms: one to write to. web: a page. */
export const WAYS = ["tel", "sms", "web"] as const;
export type Way = (typeof WAYS)[number];

export interface Contact {
  name: string;
  way: Way;
  /** A number, or an https address. */
  to: string;
  /** Hours, languages; may be empty. */
  line: string;
}

/** As the server has it (`chat/protocol/limits.py`); texts in characters. */
export const MOST_CONTACTS = 6;
export const LONGEST_CONTACT_NAME = 80;
export const LONGEST_CONTACT_LINE = 120;
const LONGEST_PAGE = 200;

/** As the server has them (`chat/contacts.py`). No `*` and `#`: dialled, those change how a phone works. */
const NUMBER = /^\+?[0-9](?:[ -]?[0-9]){1,14}$/u;
const PAGE = /^https:\/\/(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::[0-9]{1,5})?(?:[/?#][!-[\]-~]*)?$/u;

/** Whether one press can lead there: only then is it ever made a link. */
export function fits({ way, to }: Pick<Contact, "way" | "to">): boolean {
  return way === "web" ? to.length <= LONGEST_PAGE && PAGE.test(to) : NUMBER.test(to);
}

export interface ContactsContract {
  /** As this device heard last, in the network's order; at once, also without a connection and while access is paused. */
  all(): readonly Contact[];
  /** Coordinators: puts `contacts` in the place of `before`. Throws Failure; `conflict` when there are others by now, which `all` then has. */
  set(contacts: readonly Contact[], before: readonly Contact[]): Promise<void>;
}
