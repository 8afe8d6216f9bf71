import type { AppealAnswer, DecisionKind, DecisionState, LiftReason, Right } from "../../contract/index.ts";

const kinds: Record<DecisionKind, string> = {
  warn: "A warning", remove_from_room: "Out of a room", mute: "A pause from writing in a room", limit_reports: "A pause from asking moderators", suspend: "Access paused for a time", ban: "Out of the network",
};

/** Decisions about people: for whoever decides, and for whoever they are about. */
export const decisions = {
  kinds,
  rests: {
    all: (what: string) => `It rests on ${what}.`, messages: (n: number | null) => (n === null ? "messages" : n === 1 ? "one message" : `${n} messages`),
    day: (day: string) => `on ${day}`, days: (first: string, last: string) => `from ${first} to ${last}`, room: (title: string) => `in “${title}”`,
  },
  law: {
    which: "Which law?", text: "Its name and section alone, such as “Criminal Code, section 232”. They read it, and the server keeps it, so write nothing about anybody.",
    forbids: (law: string) => `It is about something that the law forbids: “${law}”.`, forbade: (law: string) => `It was seen as something that the law forbids: “${law}”.`, ofBranch: (law: string) => `What they were cut off for is something that the law forbids: “${law}”.`, unnamed: "Which law it is was not written down.",
  },
  rights: { ...kinds, hand_over: "Handing a question on to someone outside", export: "Exporting evidence" } satisfies Record<Right, string>,

  mine: {
    line: "The moderators decided something about you. You can read why, and object.",
    row: "Decisions about you", rowText: "What was decided, why, and how to object",
    title: "Decisions about you", loading: "Looking up what was decided", none: "Nothing was decided about you", noneText: "If that ever happens, you can read here what, why, and how to object.",
    what: {
      warn: "You got a warning.", remove_from_room: "You were taken out of a room.", mute: "You have a pause from writing in a room.", limit_reports: "You can’t ask moderators for a while.",
      suspend: "Your access is paused.", ban: "You can’t use this network any more.",
    } satisfies Record<DecisionKind, string>,
    was: {
      warn: "You got a warning.", remove_from_room: "You were taken out of a room.", mute: "You had a pause from writing in a room.", limit_reports: "You could not ask moderators for a while.",
      suspend: "Your access was paused.", ban: "You could not use this network.",
    } satisfies Record<DecisionKind, string>,
    since: (when: string) => `since ${when}`, began: (when: string) => `began ${when}`, until: (when: string) => `until ${when}`, room: (title: string) => `In “${title}”`, state: {
      proposed: "Not decided yet", in_force: "In force", expired: "Over", refused: "Not decided", lifted: "Ended early", overturned: "Taken back",
    } satisfies Record<DecisionState, string>,
    why: "Why", whyThen: "Why it was decided then", lawThen: "It was seen as something that the law forbids.", conductThen: (title: string) => `It was seen as going against “${title}” in the code of conduct.`, law: "It is about something that the law forbids.", conduct: (title: string) => `It goes against “${title}” in the code of conduct.`,
    conductOfBranch: (title: string) => `What they were cut off for goes against “${title}” in the code of conduct.`,
    from: { report: "Somebody told the moderators about it.", own_initiative: "A moderator saw it." }, operator: "Whoever runs the server of this network decided it. Your moderators can look at it again.", human: "A person decided this, not a computer, and no computer pointed it out to them.",
    proven: "It was checked that you sent it.", unproven: "It could not be checked that you sent it.",
    talk: "The moderators tell you more here, in their own words. Only you and they can read it.",
    everywhere: "It holds everywhere in this network, wherever you are.", everywhereWas: "It held everywhere in this network, wherever you were.", oneRoom: "It is about one room alone, wherever you are.", noEnd: "without an end", nobodyElse: "At the moment there is nobody else here who could look at an objection. You can object all the same: it waits for somebody. You can also write to whoever runs the server.", redress: "You can also turn to a court, or to a body that settles such disputes. Someone you trust, or legal aid, can help with that.",
    appeal: "Ask someone else to look", appealUntil: (when: string) => `You can object until ${when}.`, appealWho: "Only someone who had no part in it may look at it again. If nobody like that is here now, it waits for them.", appealTitle: "Ask someone else to look at this?",
    appealText: "A moderator who had no part in it looks again, as soon as there is one. It costs nothing and can’t make it worse.", appealYes: "Ask", appealed: "You objected. It waits for somebody who had no part in it.",
    waiting: (when: string) => `You objected ${when}. It waits for somebody who had no part in it.`, upheld: "You objected. Somebody else looked at it, and it stays.", overturned: "You objected. Somebody else looked at it and took it back.",
    invites: "If you had given out invites, they stay closed. You can make new ones.",
    found: {
      fits: "They found that this part of the code, or of the law, fits what happened.", in_proportion: "They found that it is not too much for what happened.",
      does_not_fit: "It does not fit what happened. We are sorry.", too_much: "It was too much for what happened. We are sorry.", new_facts: "Something is known now that was not known before.", had_part: "Whoever decided had a part in what happened, and should not have decided. We are sorry.",
    } satisfies Record<AppealAnswer["reason"], string>,
    lifted: {
      mistake: "It ended early because it was a mistake. We are sorry.", heard: "It ended early because the moderators heard you.", new_facts: "It ended early because something is known now that was not known before.", enough: "It ended early because it had been long enough.",
    } satisfies Record<LiftReason, string>,
  },

  decide: {
    title: (name: string) => `About ${name}`, what: "What should happen?", loading: "Looking up what you can decide",
    texts: {
      warn: "They read it. Nothing else changes.", remove_from_room: "They read nothing more in that room.", mute: "They can read along, and write again when it is over.",
      limit_reports: "They can’t ask moderators until it is over.", suspend: "They lose access until it is over, and can object.", ban: "They lose access for good, and can object.",
    } satisfies Record<DecisionKind, string>,
    heldBy: (other: string) => `${other} has this question. Talk with them before you decide, so that two of you do not decide at once.`, heldByNobody: "Nobody has this question. Take it before you decide, so that the others see it.", room: "In which room?", here: "The room of the shown messages", noRoom: "No room that this device knows. Choose something else.", roomFew: "Few people are in this room. They read which one it is, so they can work out who asked. Something that is not about a room tells less.", roomFewOwn: "Few people are in this room. They read which one it is. If somebody told you about them, they can guess who.", until: "For how long?", hour: "An hour", day: "A day", week: "A week", month: "A month", quarter: "Three months",
    why: "Why?", law: "The law forbids it", read: "They will read: what was decided, why, since when, and how to object. They don’t learn who asked, and not who decided, unless you write to them.", readOwn: "They will read: what was decided, why, since when, how to object, and that a moderator saw it. They don’t learn who decided, unless you write to them.",
    facts: "What may they read about it?", factsText: "Turn on nothing that could tell them who asked. What is off, they don’t read.", factsTextOwn: "What is off, they don’t read.",
    seen: "Which of their messages is it about?", seenText: "The newest here that this device has. Choose none if it is about something else.",
    factMessages: (n: number) => (n === 1 ? "That it is one message" : `That it is ${n} messages`), proven: "And that it was checked who sent this", unproven: "And that it could not be checked who sent this",
    factDays: (days: string) => `When: ${days}`, factRoom: "Where", factFew: "When and where it was could tell them who asked, so neither is told.", factFewOwn: "Few people are in this room, so neither when nor where is told.",
    own: "In your own words, if you like", ownText: "Only they and the moderators can read it. It comes with your name, in a talk where they can answer.", ownLater: "When it is agreed, you can also write to them in your own words.", ownLong: "Use 2,000 letters or fewer.",
    unsent: "It is decided, but your words did not go. You can send them again.", again: "Send them again",
    next: "Decide", propose: "Propose", second: "This needs a second moderator. It begins when one of them agrees.",
    nobodyElse: "There is nobody else who could agree, so it would stay a proposal. A pause of access for a time can begin at once, unless the rules here ask for two. Whoever runs the server can decide it too.",
    confirmTitle: (kind: string, name: string) => `${kind}: ${name}?`, confirmYes: "Yes, decide", proposeYes: "Yes, propose", done: "It is decided.", proposed: "Proposed. A second moderator has to agree.",
    denied: "A coordinator has taken this right from you.", none: "There is nothing that you may decide here.", before: "What was decided before", beforeNone: "Nothing so far.",
  },

  list: {
    row: "Decisions", title: "Decisions", which: "Which decisions", waiting: "Waiting", all: "All", older: "Show older", none: "Nothing here", noneText: "Proposals and objections wait here for a second pair of eyes.", noneHolds: "No decision that you can see holds for them in this room.",
    waits: (n: number) => (n === 1 ? "One waits for you" : `${n} wait for you`),
    by: (name: string) => `decided by ${name}`, proposedBy: (name: string) => `proposed by ${name}`, agreedBy: (name: string) => `agreed by ${name}`, gone: "Someone who is gone", operator: "whoever runs the server", you: "you", law: "The law forbids it", branch: "with a whole branch, for what somebody else did", states: {
      proposed: "Waits for a second moderator", in_force: "In force", expired: "Over", refused: "Not agreed", lifted: "Ended early", overturned: "Taken back after an objection",
    } satisfies Record<DecisionState, string>,
    agree: "Agree", refuse: "Don’t agree", takeBack: "Take it back", lift: "End it now", liftWhy: "Why does it end?", liftTitle: "End this now?", liftYes: "End it", willRead: (words: string) => `They will read: “${words}”`,
    lifting: { mistake: "It was a mistake", heard: "They were heard", new_facts: "Something new is known", enough: "It has been long enough" } satisfies Record<LiftReason, string>,
    appeal: (when: string) => `They objected ${when}.`, uphold: "It stays", overturn: "Take it back", upholdWhy: "Why does it stay?", overturnWhy: "Why is it taken back?", upholdTitle: "Does it stay?", overturnTitle: "Take it back?", appealMine: "You had a part in it, so only someone else may look at this.", appealRight: "Someone who may decide this kind of thing looks at it.", agreeRight: "Only someone who may decide this kind of thing can agree.", upheld: "They objected, and it stayed.",
    found: {
      upheld: { fits: "The rule fits what happened", in_proportion: "It is not too much for what happened" },
      overturned: { does_not_fit: "The rule does not fit what happened", too_much: "It was too much for what happened", new_facts: "Something new is known", had_part: "Whoever decided had a part in it" },
    } satisfies { [Outcome in AppealAnswer["outcome"]]: Record<Extract<AppealAnswer, { outcome: Outcome }>["reason"], string> },
    done: "Done",
    agreeTitle: "Agree to this?", agreeText: "It begins at once.", agreeYes: "Agree",
  },

  may: {
    row: "Who may decide what", title: "Who may decide what", loading: "Looking up the rights", second: "Needs a second moderator", secondText: "For these, one proposes and another agrees.",
    each: "What each of them may do", all: "Coordinators may do everything.",
  },
};
