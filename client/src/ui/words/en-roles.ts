/** What is said about looking after a room, about blocking, and about who invited whom. */
export const care = {
  notes: {
    steward: (name: string, by: string) => `${by} asked ${name} to look after this group, too.`,
    stewardMine: (by: string) => `${by} asked you to look after this group, too.`,
    stewardByMe: (name: string) => `You asked ${name} to look after this group, too.`,
    stewardOff: (name: string) => `${name} no longer looks after this group.`,
    stewardOffMine: "You no longer look after this group.",
    addingAll: (by: string) => `${by} lets everyone here add people.`, addingAllMine: "You let everyone here add people.",
    addingSome: (by: string) => `${by} decided that only those who look after the group add people.`,
    addingSomeMine: "You decided that only those who look after the group add people.",
    quiet: (name: string, by: string, until: string) => `${by} gave ${name} a pause from writing, until ${until}.`,
    quietMine: (until: string) => `You have a pause from writing here, until ${until}. You can read along.`,
    quietByMe: (name: string, until: string) => `You gave ${name} a pause from writing, until ${until}.`,
    quietOver: (name: string) => `${name} can write here again.`, quietOverMine: "You can write here again.",
    pinned: (name: string) => `${name} pinned a message.`, pinnedMine: "You pinned a message.",
    removedByYou: (name: string) => `You took ${name} out of this conversation.`,
  },

  removed: "You are no longer in this conversation. Nothing is lost: you can read what is here for as long as you like.",
  removedWhy: "If you did not leave yourself, someone who looks after it decided so. It is all right to ask them why, or to talk about it with someone you trust.",

  decided: "The moderators decided this.", decidedLook: "Read why, and how to object",

  group: {
    looksAfter: "Looks after the group", looksAfterOpen: "Looks after the network", quietUntil: (until: string) => `Has a pause until ${until}`,
    everyoneAdds: "Everyone can add people", everyoneAddsText: "Off: only those who look after the group can.",
    differs: "The server does not see this group the way the people who look after it do. What they said is shown here, and counts.",
    onlySome: "Only those who look after the group add people.",
  },

  member: {
    about: (name: string) => `About ${name}`, menu: "What you can do",
    give: "Ask them to look after it, too", giveText: "They can then do everything here that you can.",
    take: "They no longer look after it", takeMine: "Stop looking after this group",
    takeTitle: (name: string) => `Should ${name} no longer look after this group?`, takeText: "They stay in the group. Everyone in it sees a line about it.", takeYes: "Yes",
    takeMineTitle: "Stop looking after this group?", takeMineText: "You stay in it. The others who look after it go on.",
    pause: "Give them a pause from writing", pauseText: "They can read along, and write again when it is over.",
    pauseFor: "For how long?", hour: "An hour", day: "A day", week: "A week",
    end: "End the pause", endText: "Moderators decided it. You see what can be ended.", reason: "You choose why, and they read it.",
    remove: "Take them out", removeText: "They read nothing that comes after, from that moment on.",
    removeTitle: (name: string) => `Take ${name} out?`, removeWhat: "They read nothing that comes after. What they have already read stays with them. They can come back only when someone who looks after it adds them. They are not told who decided it.", removeYes: "Take out",
    removeAgain: (name: string) => `The others will see that you took ${name} out.`, removeReally: "Yes, take out",
    removed: (name: string) => `${name} is no longer here.`,
  },

  quiet: { composer: (until: string) => `You have a pause from writing here, until ${until}. You can read along.` },

  pin: {
    pin: "Keep at the top", unpin: "No longer at the top", bar: "Kept at the top", from: (name: string) => `From ${name}`,
  },

  block: {
    block: "Block", blockText: "You no longer see what they write. They are not told.",
    unblock: "Unblock", title: (name: string) => `Block ${name}?`,
    what: "What they write is hidden from you, everywhere, and makes no sound. They are not told and can’t see it. In groups you are both still there: others see what they write, and they see what you write.", yes: "Block",
    done: (name: string) => `${name} is blocked. They are not told.`, undone: (name: string) => `${name} is no longer blocked.`,
    isBlocked: "You have blocked this person. They don’t know.",
    name: "Someone you blocked", message: "Hidden: from someone you blocked", look: "Show it once", hide: "Hide it again", quote: "A message from someone you blocked",
    direct: "You have blocked this person, so this chat is hidden from your list. They don’t know. To write here, unblock them.",
    screen: "Blocked people", screenText: "What they write is hidden from you. They don’t know.", none: "You have blocked nobody.", noneText: "You can block someone from their page. They are not told.",
    read: "Read your chat with them",
  },

  tree: {
    title: "Who invited whom", row: "Who invited whom", rowText: "How everyone came into the network",
    text: "Only coordinators see this. The names are those that this device knows.",
    short: (id: string) => `Not met yet (${id})`, you: "You",
    joined: (day: string) => `here since ${day}`, invited: (n: number) => `${n === 1 ? "one person" : `${n} people`} came through them`, mine: (n: number) => `${n === 1 ? "one person" : `${n} people`} came through you`, suspended: "access is paused",
    search: "Search by name", open: (name: string) => `Show whom ${name} invited`, close: (name: string) => `Hide whom ${name} invited`,
    revoke: "Cut off this branch", revokeText: "For when somebody turns out to be dangerous.",
    confirmTitle: (name: string) => `Cut off the branch of ${name}?`, count: (n: number) => `This shuts out ${n === 1 ? "one person" : `${n} people`}.`,
    confirmText: "They lose access at once and leave every conversation. The invites that they left open stop working.",
    confirmYes: "Go on", again: "It can’t be taken back as a whole.", reallyYes: "Yes, cut off now",
    second: "Because they are so many, a second person has to agree: another coordinator, or a moderator where there is no other. Their open invites stop working at once.",
    pause: "The one on top gets a pause of access at once, unless the rules here ask for two. The others stay until then.", nobodyElse: "Nobody else is here yet who could agree, so it waits until somebody is. Until then you can pause the access of each person by themselves.",
    proposedThen: "It begins when a second person agrees.", proposeYes: "Yes, propose it", proposed: "Proposed. A second person has to agree.", grew: "Nobody was shut out: more people have come in meanwhile. Look at the number again.",
    ended: "This has ended already: somebody agreed, did not agree, or took it back. There is nothing left to do here.", other: "Nobody was shut out: a proposal about this branch waits already. You find it under Decisions.", unsure: "This was not done: something changed at the same moment. Look again, then try once more.",
    loading: "Counting the people",
    waiting: { title: (name: string) => `${name}: cut off this branch`, below: (name: string) => `${name}: cut off those who came through them`, then: (n: number) => `It has grown: ${n === 1 ? "it was one person" : `they were ${n}`} when it was proposed.`, by: (name: string) => `Proposed by ${name}. It waits for a second person.`, alone: "Nobody else is here yet who could agree.", agreeTitle: "Agree to cut off this branch?", refused: "The proposal is gone. Nobody else was cut off.", refusedPause: "If the one on top has a pause of access, it goes on: you find it under All, and can end it." },
    only: "Only those who came through them", onlyText: (n: number) => `${n === 1 ? "One person" : `${n} people`} who came through them lose access at once. They themselves stay.`,
    onlyMine: "Only those who came through you", onlyMineText: (n: number) => `${n === 1 ? "One person" : `${n} people`} who came through you lose access at once. You stay.`,
    done: (n: number) => n === 0 ? "Nobody was left to cut off." : n === 1 ? "One person was cut off." : `${n} people were cut off.`,
    own: "You are in this branch yourself, so it can’t be cut off from here.", empty: "Nobody is here yet.",
    failed: "This could not be loaded. Nothing is lost.",
  },
};
