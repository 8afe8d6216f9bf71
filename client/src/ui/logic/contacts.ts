import { type Contact, fits, LONGEST_CONTACT_LINE, LONGEST_CONTACT_NAME } from "../../contract/index.ts";

/** What the phone's dialler is given. */
export const dial = (number: string): string => `tel:${digits(number)}`;

/** Where one press leads. */
export function hrefOf({ way, to }: Pick<Contact, "way" | "to">): string {
  return way === "web" ? to : way === "sms" ? `sms:${digits(to)}` : dial(to);
}

/** What of it is shown: a page by its name alone. */
export function shownOf({ way, to }: Pick<Contact, "way" | "to">): string {
  return way === "web" && URL.canParse(to) ? new URL(to).host : to;
}

/** As typed, in the one spelling in which it is kept. */
export function tidied({ name, way, to, line }: Contact): Contact {
  return { name: plain(name), way, to: way === "web" ? address(to.trim()) : plain(to).replace(/[\u2010-\u2015]/gu, "-"), line: plain(line) };
}

export type Lack = "name" | "number" | "page" | "long";

/** What is wrong with a tidied one, first of all; null when nothing is. */
export function lackOf(contact: Contact): Lack | null {
  if (contact.name === "") return "name";
  if ([...contact.name].length > LONGEST_CONTACT_NAME || [...contact.line].length > LONGEST_CONTACT_LINE) return "long";
  if (!fits(contact)) return contact.way === "web" ? "page" : "number";
  return null;
}

/** The list with `old` changed into `becomes`; one that is new, or gone meanwhile, comes last. Null takes it out. */
export function changed(list: readonly Contact[], old: Contact | null, becomes: Contact | null): Contact[] {
  const at = list.findIndex((one) => same(one, old));
  const added = becomes ? [becomes] : [];
  return at < 0 ? [...list, ...added] : list.toSpliced(at, 1, ...added);
}

export function first(list: readonly Contact[], chosen: Contact): Contact[] {
  return [chosen, ...list.filter((one) => !same(one, chosen))];
}

function same(one: Contact, other: Contact | null): boolean {
  return other !== null && (["name", "way", "to", "line"] as const).every((key) => one[key] === other[key]);
}

const digits = (number: string): string => number.replace(/[^\d+]/gu, "");
const plain = (text: string): string => text.trim().replace(/\s+/gu, " ");

function address(typed: string): string {
  const whole = typed === "" || /^[a-z][a-z0-9+.-]*:/iu.test(typed) ? typed : `https://${typed}`;
  return URL.canParse(whole) ? new URL(whole).href : whole;
}
