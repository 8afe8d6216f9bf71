import type { FailureCode, Role } from "../../contract/index.ts";
import { decisions } from "./en-decisions.ts";
import { helping } from "./en-helping.ts";
import { devices } from "./en-devices.ts";
import { cases } from "./en-cases.ts";
import { contacts } from "./en-contacts.ts";
import { evidence } from "./en-evidence.ts";
import { pictures } from "./en-pictures.ts";
import { openness } from "./en-openness.ts";
import { care } from "./en-roles.ts";
import { staff } from "./en-staff.ts";
import { appointments } from "./en-appointments.ts";
import { trust } from "./en-trust.ts";
import { hints } from "./en-hints.ts";
import { push } from "./en-push.ts";
import { reasons } from "./en-reasons.ts";
import { recovery } from "./en-recovery.ts";
import { scan } from "./en-scan.ts";

const plural = new Intl.PluralRules("en");

function count(n: number, one: string, other: string): string {
  return `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : other}`;
}

const failures: Record<FailureCode, string> = {
  offline: "There is no connection at the moment. Nothing is lost. Try again when it is back.",
  invite_unknown: "This link does not match any invite. A part of it may be missing. Ask for it to be sent again, and copy it whole.",
  invite_used: "This invite has already been used. Ask the person who sent it for a new one.",
  invite_expired: "This invite has run out. Invites only last for some days. Ask the person who sent it for a new one.",
  invite_revoked: "This invite was taken back. Ask the person who sent it, if you think it should still work.",
  rate_limited: "That was tried many times in a short while. Nothing is lost. Wait a little, then try again.",
  forbidden: "This is not open to you. Nothing has changed.",
  decided: "The moderators decided this. They can lift it.",
  by_decision: "In an open room this takes a decision with a reason. Nothing has changed. You can decide it from their name in the room.",
  suspended: "Your access is paused at the moment. What is on this device stays here.",
  not_found: "This is no longer there. Nothing else has changed.",
  pin_mismatch: "That PIN didn’t match. Nothing is lost. Try again.",
  storage_full: "This device is out of space, so this could not be saved. Free some space, then try again.",
  server_full: "The server has no space for this at the moment. Nothing is lost. Try again later. If it stays, tell someone who looks after the network.",
  room_full: "This room is full at the moment. Nothing has changed.",
  too_large: "This is too long to send at once. Send it in smaller parts.",
  unavailable: "Kindred can’t do this just now. Nothing is lost. Try again in a little while.",
  conflict: "Something changed at the same moment. Nothing is lost. Look again, then try once more.",
  withdrawn: "Whoever asked took the question back, so no more evidence is made of it.",
  untrusted: "What the server sent did not fit what this device knows, so it was not used. Nothing is lost. Try again later. If it stays, tell someone who looks after the network.",
  unsupported_browser: "This browser can’t keep your messages safe. Open the link in an up-to-date Chrome, Firefox or Safari, and not in a private window.",
  expired: "The time for this is over. Nothing is lost. Start again to get a new code.",
  cancelled: "This was stopped. Nothing is lost.",
  unexpected: "That didn’t work. Nothing you wrote is lost. Try again.",
};

const roles: Record<Role, string> = { member: "Member", moderator: "Moderator", coordinator: "Coordinator" };

/** Everything the screens say, in English. Other languages have the same shape: `const xx: Words = { … }`. */
export const en = {
  lang: "en",
  dir: "ltr" as "ltr" | "rtl",
  app: "Kindred",

  common: {
    back: "Back", close: "Close", cancel: "Cancel", keep: "Go back", next: "Continue", done: "Done", tryAgain: "Try again", save: "Save",
    copy: "Copy link", copied: "Copied", share: "Share", search: "Search", clear: "Clear the search", loading: "Loading", you: "You",
    someone: "Someone new", nothingFound: (what: string) => `Nothing found for “${what}”.`,
    people: (n: number) => count(n, "person", "people"),
    list: (names: string[]) => new Intl.ListFormat("en").format(names),
  },

  failures,
  pinWait: "That PIN didn’t match. Nothing is lost.",
  waitSeconds: (s: number) => `You can try again in ${count(s, "second", "seconds")}.`,
  waitMinutes: (m: number) => `You can try again in ${count(m, "minute", "minutes")}.`,
  roles,

  exit: {
    label: "Exit", long: "Exit this page quickly", region: "Leave quickly",
    two: "Shift, press 2 more times to exit.", one: "Shift, press 1 more time to exit.", expired: "Exit by Shift stopped.",
    leaving: "Loading",
    how: "Exit, or the Shift key three times, leaves this page at once and opens a weather page. It does not erase your browser history.",
  },

  line: {
    offline: "You are offline. What you write waits here and goes out later.",
    connecting: "Connecting. What you write waits here and goes out by itself.",
    update: "A new version is ready.", updateUse: "Use it now", updateLater: "Later",
    updateHow: "It also starts by itself the next time you open Kindred.",
    conduct: "The code of conduct has changed.", conductRead: "Read it",
  },

  start: {
    loading: "Opening Kindred",
    failed: "Kindred could not open",
    failedText: "A part of it did not arrive. Nothing on this device is lost. Check the connection, then try again.",
  },

  later: {
    title: "This page is not on your phone yet",
    offline: "It comes once you are connected. Nothing is lost. Then open Kindred anew, with your PIN.",
    changed: "It did not arrive, or there is a newer Kindred by now. Nothing is lost. Open Kindred anew, with your PIN.",
    anew: "Open Kindred anew",
  },

  noInvite: {
    title: "A private place to talk",
    text: "People come to Kindred by invite. If someone sent you an invite link, open it on this device, or paste it here.",
    label: "Invite link", open: "Open the invite", empty: "Paste the link first.",
    bad: "This does not look like an invite link. It has “#i.” in it, and a long row of letters after that. Copy it whole, then paste it again.",
    room: "This link opens a group for people who are already in Kindred. First you need an invite to Kindred itself. Ask the person who sent you the link.",
    left: "You left before joining. Nothing was kept. You can open your invite again at any time.",
    erased: "Everything on this device was forgotten.",
  },

  invite: {
    checking: "Looking at your invite",
    from: (name: string) => `${name} invites you`, fromNobody: "You are invited",
    to: (network: string) => `to ${network}`,
    what: "Kindred is a private place to talk with people who understand. Only the people in a conversation can read it.",
    asRole: (role: Role) => `You are invited as a ${roles[role].toLowerCase()}.`,
    asked: "What you will be asked", askedName: "A name you choose. It does not have to be your own.", askedPin: "A PIN that opens Kindred on this device.",
    notAsked: "What you will not be asked", notAskedText: "No phone number, no e-mail, no real name.",
    until: (when: string) => `This invite works until ${when}.`,
    start: "Start", problem: "This invite can’t be used", unread: "Your invite could not be opened", toRoom: "An invite to a group", other: "Use another link",
    already: (network: string) => `You are already in ${network}`, alreadyText: "You don’t need this invite on this device. Someone else can still use it.", toChats: "Go to your chats",
  },

  roomInvite: {
    from: (name: string) => `${name} invites you to a group`, fromNobody: "You are invited to a group",
    text: "The people in the group will see that you joined, and your name. You will see what is written from now on, and nothing from before.",
    join: "Join the group", joining: "Joining",
  },

  name: {
    title: "Choose a name", text: "People in your conversations will see this name. Choose one that does not lead to you. You can change it later.",
    label: "Your name here", shuffle: "Suggest another", empty: "Choose a name first.", long: "That name is too long. Use 40 letters or fewer.",
    suggested: (name: string) => `Suggested: ${name}`,
  },

  pin: {
    title: "Choose a PIN", text: "Six numbers that open Kindred on this device. Nobody can reset a forgotten PIN.",
    again: "Enter it once more", againText: "So that it is the one you meant.",
    label: "PIN, six numbers", digits: (n: number) => `${n} of 6 numbers entered`, delete: "Delete the last number",
    mismatch: "The two PINs were not the same. Choose one again. Nothing is lost.",
    simple: "That PIN is easy to guess. Choose another one.",
    forgotten: "Without the PIN, what is on this device can’t be opened again. Don’t use a birthday, or a PIN that someone else knows.",
    key: (digit: string) => digit,
  },

  conduct: {
    title: "How we treat each other", text: (network: string) => `This is what ${network} asks of everyone. You can read it again at any time in Settings.`,
    agree: "I agree", leave: "Leave", leaveTitle: "Leave now?", leaveText: "Nothing is kept on this device. Your invite still works until it runs out.", leaveYes: "Leave", stay: "Stay",
    changed: "It has changed since you agreed to it.", agreed: "You agreed to this.", later: "Not now",
    none: "This network has not written a code of conduct yet.",
  },

  joining: {
    title: "Getting your place ready", text: "This can take up to a minute on an older phone. Please keep this page open.",
    keys: "Making your keys on this device", account: "Telling the network", done: "Ready",
    failed: "Joining did not work yet", back: "Back to the invite",
  },

  unlock: {
    title: "Enter your PIN", opening: "Opening", forgot: "Forgot the PIN?",
    forgotTitle: "If you forgot your PIN", forgotText: "Nobody can reset it, and nobody else can open what is on this device. You can try again as often as you need. If it does not come back, you can forget everything on this device. With your recovery words you come back. Without them you need a new invite.",
    forget: "Forget this device",
  },

  elsewhere: {
    title: "Kindred is open in another tab", text: "It can only be open in one place at a time, so that nothing gets mixed up.", use: "Use it here",
  },

  suspended: {
    title: "You can’t get in", text: "Someone who looks after this network closed your access. You can’t read or write.", none: "If you don’t know why, ask someone you trust in this network.",
  },

  chats: {
    title: "Chats", list: "Your chats", open: "Rooms you can join", openText: "Everyone in the network can join these.", openNobody: "Nobody is in it yet",
    join: "Join", joinRoom: (title: string) => `Join ${title}`, joining: "Joining",
    unread: (n: number) => count(n, "unread message", "unread messages"), many: "99+",
    waiting: "Waiting", failed: "Not sent", draft: "Draft:", you: "You:", muted: "Muted", left: "You left", noMessages: "No messages yet",
    empty: "No conversations yet", emptyText: "Join a room below, or write to someone with the plus button.", emptyAlone: "When you join a group or someone writes to you, it will be here.",
    add: "New", addTitle: "Start something", write: "Write to someone", writeText: "Only the two of you can read it",
    group: "New group", groupText: "A private group with a name that only its people know",
    invite: "Invite people", inviteText: "Make a link that lets someone in", openRoom: "New open room", openRoomText: "Everyone in the network can find and join it",
    settings: "Settings", pick: "Choose a conversation", pickText: "It will open here.",
    people: "People", searchLabel: "Search chats and people",
  },

  room: {
    messages: "Messages", people: (n: number) => count(n, "person", "people"), direct: "Just the two of you", alone: "The other person left", notIn: "You are no longer in it",
    details: "Details",
    beginning: "This is the beginning of what this device has.", beginningText: "Only the people in this conversation can read it.", beginningTalk: "Only those who are in this talk can read it.",
    empty: "Nothing here yet", emptyText: "Say hello, or just read along for a while. Both are fine.", emptyDirect: "Only the two of you can read what is written here.",
    earlier: "Loading earlier messages", earlierFailed: "Earlier messages could not be loaded.", failed: "The messages could not be opened. Nothing is lost.",
    newLine: "New since you were here",
    toNewest: "Go to the newest message", toNewestCount: (n: number) => `Go to the newest, ${count(n, "new message", "new messages")}`,
    toUnread: (n: number) => `${count(n, "new message", "new messages")}, go to the first`, toUnreadShort: (n: number) => `${n} new`,
    left: "You are no longer in this conversation. You can still read what is here.",
    lost: "While this device was away, some messages were kept no longer and could not be fetched. Everything else is here.",
    gone: "This conversation is not on this device.",
  },

  message: {
    deleted: "Message deleted", edited: "edited", retold: (who: string | null, when: string) => (who === null ? `Said again, from ${when}` : `Passed on, not proven: ${who}, ${when}`), unchecked: "This message could not be checked, so its text is not shown.", uncheckedWhat: "What does this mean?",
    uncheckedTitle: "A message that could not be checked", uncheckedText: "Every message carries a seal that shows who wrote it and that nobody changed it. The seal of this one did not fit. It may be a fault in the sender’s app. Nothing on your device is harmed. You can ask the person to send it again.",
    waiting: "Waiting to be sent", sent: "Sent", delivered: "Delivered", failed: "Not sent", serverFull: "Not sent. The server has no space for it at the moment. Try again later.", retry: "Try again", discard: "Remove it",
    menu: "Message menu", reply: "Reply", copy: "Copy text", edit: "Edit", remove: "Delete for everyone", react: "React", writeTo: (name: string) => `About ${name}`,
    moreReactions: "More reactions", reaction: (emoji: string, n: number, mine: boolean) => `${emoji} ${count(n, "reaction", "reactions")}${mine ? ", one is yours" : ""}`,
    reactions: { title: "Who reacted", askText: "You see first what they would see" },
    unreadable: "This message can’t be shown. It is not in a form that can be read and checked.",
    reactWith: (emoji: string) => `React with ${emoji}`,
    removeTitle: "Delete this message for everyone?", removeText: "It disappears here and on the other devices. Someone may already have read it.", removeYes: "Delete",
    removeAgain: "Really delete it? It can’t be brought back.", removeReally: "Yes, delete it",
    replyTo: (name: string) => `Reply to ${name}`, replyGone: "A message that is not on this device", from: (name: string, time: string) => `${name}, ${time}`, mine: (time: string) => `You, ${time}`,
    actions: "Message menu", arrived: (name: string, text: string) => `${name}: ${text}`,
  },

  system: {
    joined: (name: string) => `${name} joined`, added: (name: string, by: string) => `${by} added ${name}`, left: (name: string) => `${name} left`,
    removed: (name: string, by: string) => `${by} removed ${name}`, removedNobody: (name: string) => `${name} is no longer here`, renamed: (by: string, name: string) => `${by} named the group “${name}”`,
    youJoined: "You joined", youAdded: (by: string) => `${by} added you`, youLeft: "You left", youRemoved: "You are no longer in this conversation", youRenamed: (name: string) => `You named the group “${name}”`, addedByYou: (name: string) => `You added ${name}`, letIn: (name: string) => `${name} can read this`,
    rejoined: "This device came back into the conversation. Messages from in between may be missing.",
    waiting: "The server keeps disturbing this conversation. This device waits longer each time before it comes back in.", lost: "Some messages from here can’t be read on this device. The others may still have them.",
    linked: "This device was added here. What is above came from your other device, or from your locked copy.",
  },

  composer: {
    label: "Write a message", send: "Send", save: "Save the change", editing: "Changing your message", cancelEdit: "Stop changing it", cancelReply: "Don’t reply to this",
    waits: "You are offline. It will wait here and go out later.",
  },

  link: {
    title: "Leave Kindred?", text: (host: string) => `This opens ${host} in your browser. That site, and anyone who looks at your browser history, can see that you went there.`,
    open: "Open the page", stay: "Stay here",
  },

  person: {
    title: "Person", you: "This is you", shared: "Conversations you share", none: "You share no conversation at the moment.", write: "Write",
    hearsay: "Someone else in the room gave us this name. It is sure once this person writes.", role: "Looks after the network as", unknown: "Their name is not known yet. It comes when they write.",
    only: "Only people you share a conversation with can see your name.", gone: "This person is not in any of your conversations.",
    askName: "Ask a moderator about this name", askNameText: (room: string | null) => (room === null ? "You see first what they would see" : `As it came in ${room}. You see first what they would see`),
  },

  group: {
    title: "About this conversation", open: "Open room", openText: "Everyone in the network can join. Only the people in it can read what is written.",
    group: "Private group", groupText: "Only its people know that it exists and what it is called.", direct: "Just the two of you",
    members: "People here", membersThen: "Who was here, as far as this device knows", add: "Add people", invite: "Invite by link or QR code", rename: "Change the name", mute: "Mute", muteText: "No signal for new messages. They still count as unread.",
    leave: "Leave", leaveTitle: (title: string) => `Leave “${title}”?`, leaveText: "You will get no more messages from here. The others see that you left. What you wrote stays with them.", leaveYes: "Leave",
    leaveAgain: "Really leave? To come back, someone has to add you again.", leaveAgainOpen: "Really leave? You can join again later, but you will miss what is written in between.", leaveReally: "Yes, leave",
    forget: "Remove from this device", forgetText: "The conversation and everything said in it", forgetTitle: (title: string) => `Remove “${title}” from this device?`,
    forgetBody: "What was said here is deleted on this device. The others keep what they have.", forgetYes: "Remove", forgetAgain: "Really remove it? What is deleted cannot be brought back.", forgetReally: "Yes, remove it",
    renameTitle: "Change the name", renameLabel: "Name", renameText: "Only the people in the group can see it.", renameTextOpen: "Everyone in the network can see it.", renameEmpty: "Write a name first.", renameLong: "That name is too long. Use 80 letters or fewer.",
    showAll: (n: number) => `Show all ${n} people`,
  },

  add: {
    title: "Add people", text: "They will see only what comes after. Nothing from before.", add: (n: number) => (n === 0 ? "Add" : `Add ${count(n, "person", "people")}`), adding: "Adding",
    search: "Search people", nobody: "Everyone you know here is already in it", nobodyText: "You can add people you share a conversation with. You can also invite by link.",
  },

  groupInvite: {
    title: "Invite to this group", text: "Whoever has this link and is in the network can join the group. They will see only what comes after.",
    uses: "How many people can use it", days: "How long it works", make: "Make the link", making: "Making the link",
  },

  newGroup: {
    title: "New group", name: "Name of the group", nameHint: "Only its people will see it.", people: "Who should be in it", create: "Create the group", creating: "Creating the group",
    empty: "Write a name first.", long: "That name is too long. Use 80 letters or fewer.", later: "You can add people later, too.",
  },

  write: {
    title: "Write to someone", text: "You can write to people you share a room with. Only the two of you can read it. They see the new chat as soon as you choose them.", search: "Search people", opening: "Opening",
    nobody: "Nobody here yet", nobodyText: "Join a room first. Then you can write to the people in it.",
  },

  openRoom: {
    title: "New open room", text: "Everyone in the network can see the name and join. The server knows this name, so that people can find the room.", name: "Name of the room", create: "Create the room", creating: "Creating the room",
  },

  settings: {
    title: "Settings", name: "Your name", nameText: "Everyone in your conversations sees the new name.", change: "Change", saved: "Saved",
    conduct: "How we treat each other", about: "About Kindred", aboutText: "What it protects from, and what not", invites: "Invites", invitesText: "Let people in, or take an invite back",
    lock: "Lock now", lockText: "You will need your PIN to open it again", device: "This device", you: "You", network: "The network",
    forget: "Forget this device", forgetText: "Removes your messages and keys from here",
    forgetTitle: "Forget everything on this device?", forgetBody: "Your messages, your name and your keys are removed from this device. To come back you need your recovery words, or a new invite. The others keep what you wrote.", forgetYes: "Forget everything",
    forgetAgain: "Really forget it all? Without recovery words nobody can bring it back.", forgetReally: "Yes, forget it all",
  },

  about: {
    title: "About Kindred",
    protects: "What it protects from",
    protectsList: ["Only the people in a conversation can read it. The people who run the server can’t.", "Nobody can find you here by phone number or e-mail. The server does not know your name.", "What is on this device is locked with your PIN.", "Nobody can join without an invite."],
    not: "What it can’t protect from",
    notList: ["Someone who knows your PIN, or looks over your shoulder.", "A phone with spying software on it.", "Someone in the conversation who copies or photographs what you write.", "Your browser history: it shows that this address was opened. Exit does not erase that.", "Whoever runs the server could send your browser a changed app. Choose a network you trust."],
    history: "About leaving quickly",
  },

  invites: {
    title: "Invites", text: "Each invite is a link. Only you have it: the server keeps no copy that could be used.", make: "Make an invite", none: "No invites yet", noneText: "Make one to let someone in.",
    active: "Can be used", past: "No longer work", used: (used: number, uses: number) => `${used} of ${uses} used`, until: (when: string) => `until ${when}`, ended: (when: string) => `ended ${when}`, revoked: "taken back", full: "all used",
    revoke: "Take back", revokeThis: (what: string) => `Take back the invite for ${what}`, revokeTitle: "Take this invite back?", revokeText: "Nobody can join with it any more. Whoever has already joined stays.", revokeYes: "Take it back",
    role: "Who it is for", uses: "How many people can use it", days: "How long it works", one: "1 person", some: (n: number) => count(n, "person", "people"), day: (n: number) => count(n, "day", "days"),
    create: "Make the link", creating: "Making the link", ready: "Your invite link", readyText: "Send it in a way that only the right person can read. It is shown only this once.", qr: "QR code of the invite link", another: "Make another",
    link: "Link",
  },

  devices,
  trust,
  scan,
  push,
  hints,
  recovery,
  care,
  cases,
  contacts,
  staff, appointments,
  evidence,
  pictures,
  helping,
  decisions,
  reasons,
  openness,

  time: {
    today: "Today", yesterday: "Yesterday", yesterdayAt: (clock: string) => `yesterday, ${clock}`, tomorrowAt: (clock: string) => `tomorrow, ${clock}`, at: (day: string, clock: string) => `${day}, ${clock}`,
  },
};

export type Words = typeof en;
