import type { Doubt } from "../../contract/index.ts";

/** A person who is not known by name yet stands in the middle of a sentence. */
const whose = (name: string | null): string => name ?? "someone";

/** What is said about keys that do not fit, about comparing numbers, and about making sure that everyone sees the same. */
export const trust = {
  notes: {
    uncertified: (name: string) => `A device came that says it is ${name}’s, and could not be checked. Nothing is sent here until you decide.`,
    uncertifiedMine: "A device came that says it is yours, and could not be checked. Nothing is sent here until you decide.",
    keyChanged: (name: string) => `${name}’s key has changed. Most often that means a new phone. Nothing is sent here until you decide.`,
    uninvited: (name: string) => `It is not clear who let ${name} in. Nothing is sent here until you decide.`,
    notAdded: (name: string) => `A device of ${name} could not be checked, so it was not added.`,
    renewed: (name: string) => `${name} joined again with new keys.`, renewedMine: "Your other device joined again with new keys.",
    odd: "Something from the server did not fit, so it was not used.",
    forked: "The server has shown people different versions of this conversation.",
    what: "What does this mean?",
  },

  banner: {
    changed: (name: string | null) => `${name === null ? "Someone’s" : `${name}’s`} key has changed. Most often that means a new phone. What you write waits here.`,
    device: (name: string | null) => `A device that says it is ${whose(name)}’s could not be checked. What you write waits here.`,
    deviceMine: "A device that says it is yours could not be checked. What you write waits here.",
    stranger: "Someone else is in this conversation between two. What you write waits here.",
    uninvited: (name: string | null) => `It is not clear who let ${whose(name)} into this group. What you write waits here.`,
    unconfirmed: (name: string | null) => `No coordinator has confirmed that ${name ?? "someone here"} is a moderator. What you write waits here.`,
    look: "See what to do",
  },

  decide: {
    title: (doubt: Doubt, mine: boolean) =>
      doubt.why === "changed" ? `${doubt.name === null ? "Someone’s" : `${doubt.name}’s`} key has changed`
        : doubt.why === "stranger" ? "Someone else is here"
        : doubt.why === "uninvited" ? `Who let ${whose(doubt.name)} in?`
        : doubt.why === "unconfirmed" ? "Someone who is not confirmed"
          : mine ? "A device that says it is yours" : "A device that could not be checked",
    what: (doubt: Doubt, mine: boolean) =>
      doubt.why === "changed" ? `A key shows that a message really comes from ${whose(doubt.name)}. Now the server shows another one than before.`
        : doubt.why === "stranger" ? `This conversation was for the two of you. Now there is a third person in it: ${whose(doubt.name)}.`
        : doubt.why === "uninvited" ? `${doubt.name ?? "Someone"} came into this group. There is no invite for them from anyone who may let people in.`
        : doubt.why === "unconfirmed" ? `The server says that ${doubt.name ?? "someone here"} is a moderator. No coordinator has confirmed it.`
          : mine ? "A device joined that says it is yours. Your own key does not stand behind it."
            : `A device joined that says it is ${whose(doubt.name)}’s. ${doubt.name === null ? "Their" : `${doubt.name}’s`} key does not stand behind it.`,
    usually: (doubt: Doubt, mine: boolean) =>
      doubt.why === "changed" ? "Most often it means a new phone. It can also mean that someone tries to read along."
        : doubt.why === "stranger" ? "That should not happen. Someone may be trying to read along."
        : doubt.why === "uninvited" ? "It may be that their phone lost its connection. It can also mean that they were put here so that someone can read along."
        : doubt.why === "unconfirmed" ? "A coordinator can confirm them in Kindred, or say that it was not agreed. What waits here then goes by itself."
          : mine ? "If you did not add a device yourself, someone may be trying to read along."
            : "It may be a new phone that is not ready yet. It can also mean that someone tries to read along.",
    nothing: ({ why }: Doubt) => `Nothing has been sent to ${why === "uninvited" ? "them" : "it"}. There is no hurry.`,
    ask: ({ why, name }: Doubt) => `Ask ${why === "stranger" ? "the person you write with" : why === "uninvited" ? "someone who looks after this group" : (name ?? "them")} first, by voice or when you meet. Not here.`,
    askMine: "Ask the others who look after this group, by voice or when you meet. If you let them stay, nobody in the group is asked about it any more.",
    tell: "If nobody knows about it, leave, and tell someone who looks after the network.",
    tellMine: "If nobody knows about it, take them out, and tell someone who looks after the network.",
    compare: "Compare numbers", useNew: "Use the new key", useNewTitle: (name: string | null) => `Did ${name ?? "they"} tell you so?`,
    useNewText: (name: string | null) => `Only use it if ${name ?? "they"} told you about a new phone, by voice or face to face. What waits here is then sent.`, useNewYes: "Yes, use it",
    keepOld: "Keep the old key", keepOldDone: "The old key is kept. Nothing goes to the new one.",
    anyway: "Send anyway", anywayTitle: "Send to this device too?", anywayText: "Whoever has it can then read what you write here from now on. They can’t read anything from before.", anywayYes: "Yes, send",
    stay: "Let them stay", stayTitle: (name: string | null) => `Let ${whose(name)} stay?`, stayText: "They can then read what is written here from now on. They can’t read anything from before.", stayYes: "Yes, they can stay",
    anywayThem: "Send to them too?", anywayThemText: "They can then read what you write here from now on. They can’t read anything from before.",
    takeOut: "Take them out",
    leave: "Leave the conversation", later: "Decide later", more: (n: number) => `${n} more to look at after this.`,
  },

  unexpected: {
    odd: {
      title: "Something did not fit",
      text: "Kindred checks everything that the server sends. Something did not fit the rest of this conversation, so it was not used. Nothing that you wrote went anywhere else.",
      next: "Once is most often a fault. If it comes again, compare this conversation’s check number with someone in it, and tell someone who looks after the network.",
    },
    forked: {
      title: "Different versions",
      text: "Someone in this conversation was shown other changes to it than this phone was. A server that works as it should shows everyone the same.",
      next: "It is safer to write nothing private here for now. Compare this conversation’s check number with the others, by voice or when you meet, and tell someone who looks after the network.",
    },
    check: "Show the check number",
  },

  person: {
    verified: "Checked by you", compare: "Compare numbers", compareText: "Make sure that nobody is in between", comparedText: "You have checked that this is the right person",
    changed: (name: string | null) => `${name === null ? "This person’s" : `${name}’s`} key has changed. Most often that means a new phone.`,
    device: (name: string | null) => `A device that says it is ${whose(name)}’s could not be checked.`,
  },

  room: {
    verifiedOf: (verified: number, others: number) => `You have checked ${verified} of ${others}.`,
    direct: "Just the two of you, checked by you", people: (people: string, verified: number) => `${people}, ${verified} checked by you`,
    check: "Check number", checkText: "Make sure that everyone sees the same",
    accepted: (names: string) => `You send to a device that could not be checked: ${names}.`,
    acceptedPeople: (names: string) => `It is not clear who let them in, and you send to them: ${names}.`,
  },

  safety: {
    title: "Compare numbers",
    text: (name: string | null) => `Do this with ${name ?? "them"} beside you, or on a call where you know the voice. On the other phone, open the same page about you.`,
    fresh: (name: string | null) => `This is the number for ${whose(name)}’s new key.`,
    number: "The number", same: "If every number is the same on both phones, nobody is in between.",
    scan: "Or by camera", scanText: (name: string | null) => `Let ${name ?? "them"} scan this code, on the same page about you. Then scan theirs.`, qr: "Code to scan from another phone",
    isSame: "It is the same", isDifferent: "It is not the same",
    done: (name: string | null) => `You have checked ${name ?? "this person"}.`, takeBack: "Take the mark back",
    differentTitle: "The numbers differ",
    differentText: (name: string | null) => `First make sure that you both opened the page about each other. If they still differ, don’t write anything private to ${name ?? "them"} here. Talk another way, and tell someone who looks after the network.`,
    unknown: "There is no number yet", unknownText: "It comes once you share a conversation and are connected.",
  },

  scanned: {
    title: "Scanned code",
    same: "It fits", sameText: (name: string | null) => `It is the code that this phone knows for ${whose(name)}, and it was made for you.`,
    ask: (name: string | null) => `Did you scan it just now from ${whose(name)}’s own screen?`, yes: "Yes, mark as checked", no: "No",
    noText: "Then it shows nothing. Anyone can send a link.",
    different: "It does not fit", differentText: (name: string | null) => `This code is not the one this phone knows for ${whose(name)}. Don’t write anything private to them here until you have talked another way. Then tell someone who looks after the network.`,
    stranger: "Someone you share no conversation with", strangerText: "You can compare numbers with people you share a conversation with.",
    bad: "This code can’t be read", badText: "Scan it once more. The whole code has to be in the picture.",
  },

  check: {
    title: "Check number",
    text: "Everyone who sees the same conversation has the same number. Compare it with one of the others, or with all, by voice or when you meet.",
    number: "The check number", changes: (n: number) => `After ${n.toLocaleString("en")} changes`,
    when: "It changes when someone comes or goes, and now and then by itself. Compare it while both of you see the same count of changes.",
    different: "If the count is the same and the number is not, don’t write here. Tell someone who looks after the network.",
    failed: "The number could not be made just now. Nothing is lost.",
  },
};
