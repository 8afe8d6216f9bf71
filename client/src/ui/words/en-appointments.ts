import type { Role } from "../../contract/index.ts";

const a: Record<Exclude<Role, "member">, string> = { moderator: "a moderator", coordinator: "a coordinator" };

/** Who was made staff without a coordinator's word, and what the operator of the server did. */
export const appointments = {
  line: (name: string, role: Exclude<Role, "member">) => `The operator made ${name} ${a[role]}. Was this agreed?`,
  lineMore: (n: number) => `The operator made ${n.toLocaleString("en")} people moderators or coordinators. Was this agreed?`,
  lineActs: (n: number) => (n === 1 ? "The operator did something in your network." : `The operator did ${n.toLocaleString("en")} things in your network.`),
  look: "Look",

  title: "To look at",
  made: (name: string, role: Exclude<Role, "member">) => `The operator made ${name} ${a[role]}`,
  agreed: "Was this agreed? Until you say yes, no question and no note is given to them.",
  compare: "Their own app shows these numbers. Let them read the numbers to you, by voice or face to face.", number: "Their numbers",
  yes: "Yes, confirm", yesTitle: (name: string) => `Confirm ${name}?`, yesText: "From then on they read what people ask the moderators, also what is open now.", confirmed: (name: string) => `${name} is confirmed.`,
  no: "Not agreed", noTitle: "Was this not agreed?", noText: (name: string) => `Then ${name} is a member again and reads no questions.`, refused: (name: string) => `${name} is a member again.`,

  waitingTitle: "You are not confirmed yet", waitingText: "You can read questions and notes once a coordinator has confirmed you. Ask one to open Kindred, and read these numbers to them.", waitingNumber: "Your numbers",
  alone: "No confirmed coordinator is left here. You can look after the network from now on. Everybody is then asked if they believe it: read them your numbers.", begin: "Look after the network",

  acts: "What the operator did", actsText: "By commands on the server, without any coordinator’s app. It stays in the moderators’ log.", actsRead: "I have seen it",

  first: {
    line: "Someone else now says that they look after this network.",
    title: "Who looks after this network?",
    text: "Moderators here were confirmed by a coordinator whom your Kindred knows. Now the server names someone else, and that coordinator did not confirm them. Nothing that you ask is shown to them.",
    ask: (name: string) => `Ask someone you trust here if ${name} looks after the network now, by voice or face to face. If so, compare these numbers with them.`,
    yes: "Yes, I asked", yesTitle: "Trust them from now on?", yesText: "Moderators whom they confirm can then read what you ask.", no: "Do not trust them", later: "Decide later",
  },
};
