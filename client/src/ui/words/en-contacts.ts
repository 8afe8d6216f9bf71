import { type Contact, LONGEST_CONTACT_LINE, LONGEST_CONTACT_NAME, type Way } from "../../contract/index.ts";
import type { Lack } from "../logic/contacts.ts";

/** Whom a network says to call: the words for the coordinator who sets it. */
export const contacts = {
  row: "Whom to call", rowText: "What people see when someone may be in danger",
  title: "Whom to call",
  text: "Everyone in your network sees this list when someone may be in danger: below the emergency number of their country, in this order. It also works without a connection, and while their access is paused.",
  readers: "Whoever runs the server can read it. Only put in a private number if its owner agreed.",
  none: "Nobody yet", noneText: "People see the emergency number of their country alone.",
  add: "Add a contact", full: (most: number) => `There are ${most}, which is the most. Few are easier to read in fear.`,
  change: (name: string) => `Change ${name}`, first: (name: string) => `Put ${name} first`,
  newTitle: "A new contact", changeTitle: "Change this contact",
  name: "Who it is", nameHint: "For example: Night line of Harbour House",
  way: "How to reach them", ways: { tel: "Call", sms: "Text message", web: "Web page" } satisfies Record<Way, string>,
  to: { tel: "Telephone number", sms: "Number for text messages", web: "Address of the page" } satisfies Record<Way, string>,
  line: "Hours, languages (if you like)", lineHint: "For example: every night from 20:00 to 6:00, English and Romanian",
  lacks: {
    name: "Say who it is.", number: "Use digits, with spaces or a plus in front, as you would dial it.", page: "Use an address that begins with https://, as in https://harbour.example.",
    long: `That is too long. Use ${LONGEST_CONTACT_NAME} letters or fewer for who it is, and ${LONGEST_CONTACT_LINE} for the line below.`,
  } satisfies Record<Lack, string>,
  saved: "Saved. People’s devices fetch it when they next connect.",
  remove: "Take it off the list", removeTitle: ({ name }: Contact) => `Take ${name} off the list?`, removeText: "People no longer see it once their devices have connected again.", removeYes: "Take it off", removed: "It is off the list",
};
