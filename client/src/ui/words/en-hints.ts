import type { HintKind } from "../../contract/index.ts";

/** `line` stands under the message, `why` says what was seen, `often` what people who help survivors know of it. */
interface Said {
  line: string;
  why: string;
  often: string;
}

const kinds: Record<HintKind, Said> = {
  fee: {
    line: "This reads like an offer that asks for money first.",
    why: "It speaks of work, a visa or a journey, and of paying before it begins.",
    often: "Honest employers don’t ask for money to give work. People who cheat often do.",
  },
  offer: {
    line: "This reads like an offer that sounds too good.",
    why: "It speaks of much money for easy work, and of a start with few questions.",
    often: "Some real offers sound good, too. A real one can wait while you ask for the name, the place and a contract you can read.",
  },
  debt: {
    line: "This reads like work to pay off a debt.",
    why: "It speaks of something you owe, and of work or wages that are kept for it.",
    often: "Nobody may make you work for a debt, or keep you until it is paid. In many countries that is against the law.",
  },
  documents: {
    line: "This reads like someone wants to have your papers.",
    why: "It speaks of your passport or other papers, and of giving them or sending them.",
    often: "Your papers are yours. An employer may need to look at them. They don’t need to keep them.",
  },
  away: {
    line: "This reads like someone wants to talk in another place.",
    why: "It asks you to go on in another app or by your own number.",
    often: "There, your number may be seen, and nobody from this network can help. It can also be quite harmless: you know best who writes.",
  },
  pictures: {
    line: "This reads like someone wants pictures of you.",
    why: "It asks for pictures or a video of you.",
    often: "A picture that is sent can’t be taken back. Some people use pictures to press others later.",
  },
  secret: {
    line: "This reads like someone wants you to keep a secret.",
    why: "It asks you to tell nobody of a meeting, an offer or a talk.",
    often: "Whoever means well does not mind if you ask someone you trust.",
  },
  knownLink: {
    line: "This link is on a list of places that cheat people.",
    why: "The address in the message is on a list that came with this app or from whoever runs this server. Your phone looked in its own copy.",
    often: "Lists can be wrong. If you did not open it, nothing has happened.",
  },
  lookAlikeLink: {
    line: "This link may look like another one than it is.",
    why: "The address mixes letters of two alphabets that look the same.",
    often: "This is often done to make an address look like one you know.",
  },
  shortLink: {
    line: "This link hides where it leads.",
    why: "It is a short address that passes you on to another one.",
    often: "Short links are common and often harmless. You can ask whoever sent it for the whole address.",
  },
};

const languageNames = new Intl.DisplayNames("en", { type: "language" });

const named = (codes: readonly string[]): string => new Intl.ListFormat("en").format(codes.map((code) => languageNames.of(code) ?? code));

/** Hints about messages, and where they are turned on. */
export const hints = {
  kinds,
  why: "Why?",
  row: "Hints", rowText: "When a message reads like a trick",
  title: "Hints",
  off: {
    heading: "A second look at what others write",
    text: "Some messages read like tricks that people have met before: an offer that asks for money first, someone who wants your papers or pictures. Kindred can show a small line under such a message, and say why.",
  },
  what: "What you should know",
  facts: [
    "It happens on this phone only. Nobody is told: not who wrote, not this network, not us.",
    "It looks at messages that others write to you. It does not look at what you write.",
    "It can be wrong. It knows only some words, and it can miss things. No hint does not mean that all is well.",
    "Nothing is stopped or reported. You decide.",
  ],
  knows: (codes: readonly string[]) => (codes.length === 0 ? "It knows no words in your languages yet. It still looks at links." : `It knows words in: ${named(codes)}.`),
  unreviewed: (codes: readonly string[]) => `Nobody who grew up with ${codes.length === 1 ? "this language" : "these languages"} has checked the words yet: ${named(codes)}. Hints may miss much, or come where all is well.`,
  explained: "Hints are explained in English, whatever language a message is in.",
  chosen: "These are the languages of your phone, and those that the people who run the server have set for your network. If one is missing, tell a coordinator.",
  switch: "Show hints", switchText: "Your other devices follow",
  isOn: "Hints are on", isOff: "Hints are off",
  restore: "Show hidden hints again", restoreText: (n: number) => `You said “This is fine” ${n === 1 ? "once" : `${n} times`}`, restored: "Hints are shown again",
  sheet: {
    label: "Why is this here?",
    seen: "What the phone saw", known: "What is good to know",
    mayBeWrong: "This can be wrong. Nobody was told, and nothing was sent. There is no hurry.",
    can: "What you can do",
    trusted: "Write to someone you trust", trustedText: "A second pair of eyes helps",
    ask: "Ask a moderator", askText: "You choose what they see",
    block: (name: string) => `Block ${name}`,
    fine: "This is fine", fineText: "Hide the hint at this message",
    finePerson: (name: string) => `Not about ${name} again`, finePersonText: "Hide this kind of hint for what they write",
    hidden: "Hidden",
  },
};
