/** Help from outside of the network, talks about decisions, and being told while the console is open. */
export const helping = {
  asker: "Whoever asked", askerWithin: "whoever asked", askerText: "If questions are asked to hurt someone",
  service: {
    line: (name: string) => `Someone who can help: ${name}`, head: "Someone who can help",
    hours: "When", place: "Where", call: (number: string) => `Call ${number}`, open: "Open the page", copy: "Copy all of it", copied: "Copied",
    trace: "A call stays in your phone’s list. You decide whether you go there. The moderators don’t tell them anything.",
    offer: "Offer a service", title: "Offer a service", text: "They see it as a card in your talk, and decide themselves. The service is told nothing.",
    before: "Offered before", forget: (name: string) => `Forget ${name}`, fields: { name: "Its name", does: "What it does", phone: "Phone", web: "Page or e-mail", place: "Where it is", hours: "When it is open" },
    none: "Give its name, and one way to reach it.", long: "Use 300 letters or fewer in each field.", send: "Offer it", sent: "Offered in your talk",
  },
  handOver: {
    line: (to: string) => `May ${to} see this?`, saidYes: "Said yes", saidNo: "Said no",
    open: "Hand over to an agency", title: "Hand over to an agency", text: "Nothing is handed over now. First they say in their question whether they want it. A second moderator may have to agree too.",
    to: "To whom?", toHint: "For example the police in your town, and the name of the officer.", what: "What will they get?", whatHint: "For example the six messages that were shown, with who wrote them.", why: "What for?", whyHint: "What they can do with it.",
    fields: { to: "To whom?", what: "What will they get?", why: "What for?" },
    empty: "Say all three. They can only say yes to what they understand.", long: "Use 300 letters or fewer in each field.", send: "Ask them", sent: "They can read it in their question now",
    ask: (to: string) => `The moderators want to show this to: ${to}`, askText: "Nothing is shown without your yes. You can take it back until it is done.",
    whatIs: "What they would get", whyIs: "What for", yes: "Yes", no: "No", takeBack: "Take my yes back", changeYes: "Say yes after all",
    yesDone: "You said yes", noDone: "You said no. Nothing is shown.", overDone: "You took your yes back. Nothing more is shown.", noWords: "A moderator wants to ask you something. It is still on its way.",
    mine: {
      open: "It waits for your answer.", no: "You said no. Nothing is shown.", yes: "You said yes. It has not been handed over yet.", closed: "This question is closed. Nothing was handed over.",
      stands: "This question is closed, but your yes stands: it can still be handed over until you take your yes back.",
      withdrawn: "You took your question back. Nothing is handed over.", withdrawnOver: "You took your question back. What was handed over before stays there, and nothing more is.",
      done: (when: string) => `You said yes. It was handed over ${when}. What was handed over can’t be taken back.`, over: "You took your yes back. What was handed over before stays there, and nothing more is.",
    },
    list: "Handing over", proposed: (name: string, when: string) => `${name} proposed it ${when}.`, gone: "Someone who is gone",
    states: { asked: "Waits for their answer.", no: "They said no. Nothing may be handed over.", over: "They took their yes back. Nothing more may be handed over.", withdrawn: "They took their question back. Nothing more may be handed over.", yes: "They said yes.", second: "Waits for a second moderator.", agreed: (name: string) => `${name} agreed.`, done: (when: string) => `Handed over ${when}.`, lost: "The words of this did not reach this device." },
    agree: "I agree too", agreeTitle: "Agree to handing this over?", agreeText: "You stand for it together with who proposed it.", agreeYes: "Agree", agreed: "Agreed",
    make: "Hand it over now", again: "Make the file again", seal: "Make the file and hand it over", sealText: (to: string) => `For ${to}. The audit log keeps that it was handed over.`,
  },
  talk: {
    title: "About the decision", open: "Talk about it", begin: "Write to them about it", new: (n: number) => `${n} new`, row: "Talk with the moderators about it",
    text: "You and the moderators of your network. Nobody else reads it.", staffText: (name: string) => `${name} and the moderators read this, also while access is paused.`,
    waiting: "This device is still coming into the talk.", outside: "This device can’t read it yet. Whoever is in it lets you in by opening it.", line: "A moderator wrote to you about a decision.", look: "Read it",
    noSubject: "That account is gone.",
  },
  told: {
    title: "Tell me when something waits", text: "While this page is open behind others. It says only the words that you chose, and never what it is about.", on: "Tell me", isOn: "You will be told", isOff: "You will not be told",
    denied: "Your browser says no to notes from this page. You can change that in its settings.", unable: "This browser can’t do that.", words: "Something is waiting for you",
  },
};
