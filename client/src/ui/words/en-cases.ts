import type { CaseState, Concern, ExhibitDoubt, Outcome, Role, StayedFor, Urgency, Way } from "../../contract/index.ts";

const messages = (n: number): string => (n === 1 ? "1 message" : `${n.toLocaleString("en")} messages`);

const concerns: Record<Concern, string> = {
  danger: "Someone is in danger", self_harm: "Someone may hurt themselves", recruitment: "Someone wants to get me or others into something",
  threats: "Threats, or someone is being pressed", harassment: "Someone does not leave me alone", illegal_images: "Pictures that should not exist", other: "Something else",
};
const short: Record<Concern, string> = {
  danger: "Danger", self_harm: "May hurt themselves", recruitment: "Recruiting", threats: "Threats", harassment: "Harassment", illegal_images: "Pictures", other: "Something else",
};
const urgencies: Record<Urgency, string> = { now: "Now", today: "Today", soon: "In a few days" };
const outcomes: Record<Outcome, string> = {
  helped: "It ended with help.", acted: "It ended with a decision about what happened.", referred: "It ended by passing you on to someone who can help more.",
  nothing_found: "The moderators did not find that anything has to be done. You were right to ask.", withdrawn: "You took it back. That is all right.",
};

/** Asking the network's moderators for help: the words for whoever asks. */
export const cases = {
  concerns, short, urgencies, outcomes,
  menu: "Ask a moderator", row: "My questions", rowText: "What you asked the moderators",
  line: "A moderator wrote to you.", lineEnded: "Your question has ended.", lineRefused: "Your question was not taken.", lineStayed: "Something you wanted to show did not go.", lineLook: "Read it",

  ask: {
    title: "Ask a moderator",
    choose: "Which messages should they see?", chooseText: "Only what you tick is shown. They see nothing else of this chat.",
    none: "This message can’t be shown", noneText: "It does not carry the seal that proves who wrote it. You can ask all the same, and say in your words what it is about.",
    at: (name: string, when: string) => `${name}, ${when}`, asked: "The one you chose", reaction: "A reaction to the message above", naming: (name: string) => `Their name: ${name}`, removed: "Deleted since",
    own: "Your own messages carry your name. They are shown only if the moderators may see it.",
    next: (n: number) => (n === 0 ? "Go on without showing a message" : `Go on with ${messages(n)}`), nothing: "Tick at least one",
    worry: "What worries you?", worryText: "Pick what comes closest. You can say more in the next step. Nothing is sent yet.",
    review: "Look before you send",
    urgency: "How soon do you need an answer?", wish: "What do you hope for? (if you like)", wishHint: "In your words, in any language.",
    name: "They may see my name", nameText: (name: string) => `Your name here is ${name}.`, nameless: "Off: they see your question, but not your name.",
    keep: "Should someone not see this?", keepText: "Turn off anyone you do not want to know of it. They will not be told.", keepAll: "Somebody has to be left who can see it.",
    concerned: (name: string, role: Role) => `${name} is ${{ member: "one of those who look after this network", moderator: "one of the moderators", coordinator: "one of the coordinators" }[role]}. They will not see this.`,
    concernedIn: (name: string) => `${name} will see this, and that you showed their messages.`,
    nobodyElse: "Nobody else looks after this network, so there is nobody here to ask about them. If someone may be in danger, call: Settings, “Whom to call”. You can also turn to whoever runs the server, to someone you trust, or to legal aid.",
    blocked: (name: string) => `You have blocked ${name}. If they help you here, you see what they write. Below you can turn them off.`,
    inTheWay: (name: string) => `${name} reads this question. Ask anew about it, then they will not see it.`,
    earlier: "Show earlier", later: "Show later",
    shown: (n: number) => (n === 0 ? "They will see no message" : `What they will see: ${messages(n)}`), ownHidden: (n: number) => `${messages(n)} of your own ${n === 1 ? "is" : "are"} not shown, because the moderators would see your name.`, alsoSeen: "They also see who wrote each message, and what worries you.",
    to: "Who will see it", toText: (names: string) => `Only ${names}. The people in the chat are not told.`, unmet: { member: "someone you have not met", moderator: "a moderator you have not met", coordinator: "a coordinator you have not met" } satisfies Record<Role, string>,
    toNobodyYet: "No coordinator has confirmed a moderator here yet, so nobody can read it now. You can send it all the same: it waits here and goes by itself. If it is urgent, don’t wait: call the number that helps where you are.",
    toNobody: "The moderators of your network. The people in the chat are not told.",
    send: "Send to the moderators", sending: "Sending",
    lookingUp: "Looking up who will see it", lookingUpText: "One moment. We look up who would see it, so that it does not reach anyone it is about.",
    paused: "You have a pause from asking moderators. Nothing was sent. “Decisions about you” in Settings says why, and how to object.",
    often: (when: string) => `You have asked very often within a day, so nothing was sent. You can write in a question that is still open, and moderators read it there, or ask a new one after ${when}. If someone is in danger, don’t wait for us: call first.`,
    many: "You have many questions open already, so nothing was sent. You can write in one of them, and moderators read it there, or take one back. If someone is in danger, don’t wait for us: call first.",
    add: "Show these too", added: "On its way to the moderators", addedLater: "It goes out with the next connection",
    long: "That is too long. Use 2,000 letters or fewer.",
  },

  help: {
    title: "If someone is in danger now, call first", text: "Moderators can’t come to you.", above: "Whom to call stands at the top.",
    row: "Whom to call", rowText: "When someone may be in danger. Works without a connection",
    country: "Country", elsewhere: "Another country", trace: "Calls and messages stay in this phone’s lists, pages in the browser’s history.",
    emergency: "Emergency", mobile: "The emergency number works from mobile phones in most countries.",
    ways: { tel: "Call", sms: "Text", web: "Open" } satisfies Record<Way, string>,
  },

  mine: {
    elsewhere: "A moderator is in, but what you showed is on another of your devices. Open Kindred there, with a connection, so that they can read it. If you don’t have it any more, show it again here.",
    title: "My questions", none: "You have not asked anything yet", noneText: "Press long on a message, then “Ask a moderator”.",
    one: "Your question", loading: "Looking up your questions",
    unread: (n: number) => `${n} new`, gone: "This question is not on this device.",
    what: "What happens now", back: "Back to the chat",
    more: "Show more", withdraw: "Take it back", forget: "Remove it", withdrawTitle: "Take your question back?",
    withdrawText: "The moderators stop working on it, and can make no more evidence of it. What they have read, or made evidence of before, stays with them. You can ask again at any time.", withdrawYes: "Take it back", withdrawn: "You took it back",
    doubted: "It waits for you.", doubtedText: "Something about a phone or a key did not fit. Look below. Then it goes out by itself.",
    forgottenTalk: "This question is over. The server has forgotten who asked it; what is here is on your devices alone. You can ask a new one at any time.",
    closedTalk: "This question is closed. You can still read it, and ask a new one at any time.", waitTalk: "You can write here as soon as your question has arrived.",
    underway: { messages: "What you added is on its way. It goes by itself when there is a connection.", pictures: "The words are there. Pictures are still on their way, and go by themselves." },
    stayed: {
      closed: () => "Something that you wanted to show did not go: the question was closed before. You can ask a new one at any time.",
      unproven: (n: number) => `${messages(n)} did not go: the server could not confirm who wrote ${n === 1 ? "it" : "them"}.`,
      reader: (n: number) => `${messages(n)} did not go: whoever wrote ${n === 1 ? "it" : "them"} reads this question. Ask anew about ${n === 1 ? "it" : "them"}, then they will not see it.`,
      picture: (n: number) => (n === 1 ? "1 picture did not go; its message did. Ask anew about it, then it is tried once more." : `${n.toLocaleString("en")} pictures did not go; their messages did. Ask anew about them, then they are tried once more.`),
    } satisfies Record<StayedFor, (n: number) => string>,
    moreTitle: "Show more", moreRoom: "From which chat?", moreMessage: "Which message?", moreNone: "There is nothing here that could be shown.",
  },

  state: {
    sending: "On its way", refused: "Not taken", unclaimed: "Sent", claimed: "Someone has it", waiting: "Waiting", closed: "Closed",
  } satisfies Record<CaseState, string>,
  stateText: {
    sending: "It goes out by itself when there is a connection. You can close Kindred.",
    refused: "The server did not take it, and nothing was shown to anyone. If someone is in danger, don’t wait for us: call first. You may have many questions open already, have asked very often within a day, or have a pause from asking: “Decisions about you” in Settings says so. If you don’t know why, write to someone who looks after the network.",
    unclaimed: (when: string) => `Someone should look at it by ${when}. You can close Kindred: the answer will be here, and in Settings under “My questions”.`,
    late: "This takes longer than it should. It is not forgotten. If it is urgent, don’t wait: call the number that helps where you are.",
    claimed: "A moderator is reading it and will write to you here.",
    answered: "What the moderator writes to you is here. You can write here at any time.",
    lateAnswer: "A moderator has it, but an answer takes longer than it should. It is not forgotten. If it is urgent, don’t wait: call the number that helps where you are.",
    waiting: "The moderator is waiting for something: an answer from you, or from someone else.",
    unreadable: "It waits here: no coordinator has confirmed a moderator who may read it. It goes by itself once one has. If it is urgent, don’t wait: call the number that helps where you are.",
    unopened: "No moderator can open it yet. This device lets them in by itself once one is there: open Kindred now and then, with a connection. If it is urgent, don’t wait: call the number that helps where you are.",
    unopenedTaken: "The moderator can’t open it yet. This device lets them in by itself: leave Kindred open for a minute, with a connection. If it is urgent, don’t wait: call the number that helps where you are.",
  },

  console: {
    row: "Questions", rowText: (n: number) => (n === 0 ? "All of them are taken" : n === 1 ? "One waits for someone" : `${n} wait for someone`),
    rowNone: "Nothing waits", rowSecond: (n: number) => (n === 1 ? "A decision waits for you" : `${n} decisions wait for you`),
    rowLate: (n: number) => (n === 1 ? "One of yours is late" : `${n} of yours are late`),
    title: "Questions", open: "Open", closed: "Closed", which: "Which questions",
    groups: { late: "Yours, and late", unclaimed: "Nobody has it yet", mine: "Yours", others: "With someone else", waiting: "Waiting", closed: "Closed" },
    none: "Nothing here", noneText: "When someone asks for help, it will be here.", pick: "Choose a question", pickText: "It will open here.",
    due: (left: string) => `${left} left`, late: (by: string) => `${by} late`, answerWithin: (left: string) => `Answer within ${left}`, lateBy: (by: string) => `Late by ${by}`, answered: "Waiting for them", minutes: (n: number) => `${n} min`, hours: (n: number) => `${n} h`, days: (n: number) => (n === 1 ? "1 day" : `${n} days`),
    has: (name: string) => `${name} has it`, mine: "You have it", nobody: "Nobody has it", asked: (when: string) => `asked ${when}`, anonymous: "someone who did not give a name",
    shortcuts: "Keys", keys: { j: "Next question", k: "The one before", c: "Take it", h: "Hand it over", e: "Close it", n: "Write a note", a: "Ready answers", "?": "This list" } as Record<string, string>,
    gone: "This question is not open to you, or it was taken back.",
  },

  file: {
    claim: "Take it", claimText: "The others see that you have it.", claimed: "You have it now", taken: "Somebody else has just taken it.",
    hand: "Hand over", handTitle: "Who should have it?", handText: "They see everything that you see here.", handBack: "Give it back to everybody", handNobody: "Nobody else can see this question.", handed: "Handed over",
    wait: "Let it wait", waitOwed: "Nobody has written to them yet, so the time to answer goes on.", waitOff: "Go on with it", close: "Close it", closeTitle: "How did it end?", closeText: "The person who asked reads this in kind words.", more: "Parts of this question", partShown: "What was shown", partTalk: "Talk",
    outcomes: { helped: "They were helped", acted: "We decided something", referred: "Passed on to someone else", nothing_found: "Nothing had to be done" } as Record<Exclude<Outcome, "withdrawn">, string>,
    closed: "Closed",
    outside: "This device can’t read it yet", outsideText: "It opens by itself when the device of whoever asked, or of a moderator who is in, has a connection.",
    outsideGone: "It opens by itself when the device of a moderator who is in has a connection. Whoever asked has gone: if no moderator is in any more, nobody can open it.",
    wish: "What they hope for", from: (name: string) => `From ${name}`, passedOn: (name: string) => `Passed on by ${name}`, incomplete: "Some of it is still on its way.", elsewhere: "Nothing that was shown has come here yet. It may be on another device of whoever asked: ask them to open Kindred where they asked from, or to show it again.", loading: "Opening what was shown",
    exhibits: (n: number, kind: "open" | "group" | "direct" | null) => `What was shown: ${messages(n)}${kind === null ? "" : { open: " from an open room", group: " from a private group", direct: " from a chat of two" }[kind]}`, show: "Show it", hide: "Cover it", showAll: "Show all",
    verified: "Proven: sent like this, by this person", changed: "This changes an earlier message.", takenBack: "This takes an earlier message back.",
    as: { reaction: "A reaction", name: "The name they gave themselves", title: "The name they gave a group" }, reactionBack: "This takes an earlier reaction back.", nameThen: (name: string) => `Their name then: ${name}`,
    unreadable: "Nobody was shown this message. It is not in a form that can be read and checked. Below is what of it can be read at all.", sum: (sum: string) => `Its check number (SHA-256): ${sum}`,
    skipped: (n: number) => (n === 1 ? "1 entry not shown" : `${n.toLocaleString("en")} entries not shown`),
    related: "Other questions about the same people", talk: "Talk with who asked", talkClosed: "This question is closed.",
    askerGone: "Whoever asked has deleted their account", askerGoneText: "They can’t read or write here any more. What they showed is still here: you can make evidence of it, go on with it and close the question. It can’t be handed over to an agency, as they can’t take their yes back.",
    askerGoneTalk: "Whoever asked has deleted their account. What was said is still here.",
    people: "Whose messages were shown", decide: "Decide something",
    starter: [
      "Thank you for telling us. I am reading it now.", "Are you safe at the moment?", "What would help you most right now?", "I will come back to you today.",
    ],
    doubts: {
      unsigned: "Not proven: the server’s seal is missing or does not fit.", edited: "Not proven: the words are not the ones that were sent.", wrong_sender: "Not proven: the seal is for someone else’s message.",
      wrong_room: "Not proven: the seal is for another chat.", wrong_case: "Not proven: the seal was made for another question.", wrong_place: "Not proven: the seal is for another place in the chat.", twice: "Not proven: this place in the chat was shown twice.",
    } satisfies Record<ExhibitDoubt, string>,
  },

  about: {
    title: (name: string) => `About ${name}`, open: "About this person", openText: "Other questions, and what was decided", loading: "Looking up what there is",
    shown: "Questions in which their messages were shown", shownNone: "None that you can see.", asked: "Questions that they asked with their name", askedNone: "None that you can see.",
    decided: "What was decided about them", decidedNone: "Nothing that you can see.", unknown: "This device can’t tell how often they asked.",
    apart: "What somebody asked without a name stands with nobody.", apartAsker: "They gave no name here. What they do under their name is not shown beside it.",
    times: (n: number, named: boolean) => `Asked ${n === 1 ? "once" : `${n} times`} ${named ? "with their name" : "without a name"} in the last 30 days.`,
    ended: (how: string) => `Closed: ${how}.`, count: (how: string, n: number) => `${n} × ${how}`, closed: (how: string) => `Closed: ${how}`,
    outcomes: { helped: "they were helped", acted: "something was decided", referred: "passed on", nothing_found: "nothing had to be done", withdrawn: "taken back" } satisfies Record<Outcome, string>,
  },

  pause: {
    seen: (n: number) => `You have uncovered ${n.toLocaleString("en")} messages and pictures in this shift.`, text: "This is heavy reading. A few minutes away from the screen help. Someone else can take over.",
    took: "I took a pause", later: "Go on",
  },
};
