import type { ConductCard, Person, Reaction, RoomSummary, ShownMessage, SystemNote } from "../../contract/index.ts";

export const cards: ConductCard[] = [
  { title: "What is said here stays here", text: "Don’t pass on names, stories or pictures. Ask first, always.", finding: "told_on" },
  { title: "Everyone decides for themselves", text: "We listen. We don’t push, judge or tell others what they should do.", finding: null },
  { title: "Kind words", text: "We write as we would like to be written to. If something hurts, say so, or ask someone who looks after the room.", finding: "hurtful" },
  { title: "If you are in danger", text: "Kindred is not an emergency service. Call the number that helps where you are. People here can help you find it.", finding: null },
];

export const long = "Waldemara Konstantinopolitańczykiewiczówna";

export interface Cast {
  me: Person;
  people: Person[];
}

export function cast(role: Person["role"]): Cast {
  const person = (account: string, name: string | null, more: Partial<Person> = {}): Person => ({ account, name, hearsay: false, me: false, role: "member", sharedRooms: ["open-1", "group-1"], blocked: false, ...more });
  const me = person("me", "Quiet Heron", { me: true, role });
  const people = [
    person("asha", "Asha", { role: "coordinator", sharedRooms: ["open-1", "group-1", "direct-asha"] }),
    person("mira", "Mira", { role: "moderator" }),
    person("amal", "أمل الصباح"),
    person("long", long, { hearsay: true }),
    person("new", null, { sharedRooms: ["open-1"] }),
    person("sol", "Sol 🌻", { sharedRooms: ["open-1", "direct-sol"] }),
    person("tala", "Tala"),
    person("bibi", "Bibi"),
  ];
  return { me, people };
}

export function summary(id: string, kind: RoomSummary["kind"], title: string, more: Partial<RoomSummary> = {}): RoomSummary {
  return { id, kind, title, joined: true, active: true, unread: 0, members: kind === "direct" ? 2 : 9, muted: false, draft: "", last: null, lost: false, coming: false, removed: false, hidden: false, ...more };
}

let made = 0;

export function text(room: string, from: Person, at: number, body: string, more: Partial<ShownMessage> = {}): ShownMessage {
  made += 1;
  return { key: made.toString(16).padStart(8, "0"), room, seq: made, at, from: from.account, name: from.name, mine: from.me, body: { type: "text", text: body }, edited: false, hidden: false, replyTo: null, reactions: [], state: from.me ? "delivered" : null, ...more };
}

export function note(room: string, at: number, body: SystemNote): ShownMessage {
  made += 1;
  return { key: made.toString(16).padStart(8, "0"), room, seq: made, at, from: "account" in body ? body.account : "me", name: null, mine: false, body: { type: "system", note: body }, edited: false, hidden: false, replyTo: null, reactions: [], state: null };
}

const lines = [
  "Good morning. Did anyone sleep?", "A little. Better than last week.", "I made tea. It helps me to do one small thing first.", "Same here.",
  "Today I have the appointment I told you about. I am nervous, but I want to go.", "We are with you. Write to us after, if you like.", "Take the bus in front of the library, it is quieter.",
  "Here is the page about free language classes: https://classes.example.org/autumn?town=north. They don’t ask for papers.", "Thank you 💛", "I will go for a walk now.\n\nBack in an hour.",
];

export function talk(room: string, { me, people }: Cast, count: number, end: number): ShownMessage[] {
  const speakers = [people[0], people[1], me, people[2], people[3]].filter((one) => one !== undefined);
  const start = end - count * 7 * 60_000;
  return Array.from({ length: count }, (_, index) => {
    const from = speakers[Math.floor(index / 2) % speakers.length] ?? me;
    const gap = index % 2 === 0 ? 0 : 20_000;
    return text(room, from, start + (index - (index % 2)) * 7 * 60_000 + gap, count > 100 ? `${index + 1}. ${lines[index % lines.length] ?? ""}` : (lines[index % lines.length] ?? ""));
  });
}

export function reactions(...list: [string, string[]][]): Reaction[] {
  return list.map(([emoji, accounts]) => ({ emoji, accounts, keys: accounts.map((account) => `${emoji}~${account}`), mine: accounts.includes("me") }));
}

/** One of everything that can stand in a conversation. */
export function variety(room: string, { me, people }: Cast, now: number): ShownMessage[] {
  const [asha, mira, amal, longNamed, unknown] = people;
  if (!asha || !mira || !amal || !longNamed || !unknown) return [];
  const day = 86_400_000;
  const minute = 60_000;
  const first = text(room, asha, now - 2 * day, "Hello everyone. This is a quiet room. Write when you like, or just read.");
  return [
    note(room, now - 2 * day - minute, { type: "renamed", account: "asha", name: "Tuesday circle" }),
    first,
    note(room, now - 2 * day + 3 * minute, { type: "joined", account: "me", by: "asha" }),
    text(room, me, now - 2 * day + 5 * minute, "Thank you for having me."),
    text(room, mira, now - day, "Welcome. Take your time.", { reactions: reactions(["💛", ["me", "asha"]], ["🙏", ["amal"]]) }),
    note(room, now - day + minute, { type: "joined", account: "amal", by: null }),
    text(room, amal, now - day + 2 * minute, "السلام عليكم، أنا سعيدة بوجودي هنا معكم."),
    text(room, longNamed, now - day + 4 * minute, "Averyveryverylongwordwithoutanyspaceinitwhichhastobreaksomewherebecausethescreenisnarrow and then goes on https://a.example/with/a/very/long/path/that/also/has/to/break/somewhere?because=it&is=long"),
    text(room, asha, now - 40 * minute, "", { body: { type: "deleted", showable: true } }),
    text(room, unknown, now - 38 * minute, "", { body: { type: "unchecked" } }),
    text(room, asha, now - 30 * minute, "Shall we meet on Thursday at five instead? The room is free then.", { edited: true }),
    text(room, asha, now - 30 * minute + 10_000, "Bring something warm to drink."),
    text(room, me, now - 20 * minute, "Thursday is good for me.", { replyTo: { key: first.key, name: "Asha", excerpt: "Hello everyone. This is a quiet room. Write when you like, or just read.", hidden: false }, reactions: reactions(["👍", ["asha", "mira"]]) }),
    note(room, now - 15 * minute, { type: "left", account: "tala", by: null }),
    text(room, mira, now - 4 * minute, "See you then. I will keep a chair for everyone."),
    text(room, me, now - 3 * minute, "I may be ten minutes late.", { state: "delivered" }),
    text(room, me, now - 2 * minute, "This one did not go out.", { state: "failed", seq: null }),
    text(room, me, now - minute, "And this one waits.", { state: "waiting", seq: null }),
  ];
}
