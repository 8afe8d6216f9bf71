/** A person's devices: which there are, adding one from either side, cutting one off. */
const phrase = (n: number): string => (n === 1 ? "A new device" : `${String(n)} new devices`);

export const devices = {
  row: "Your devices", rowText: "Use Kindred on another phone, or cut one off",
  title: "Your devices",
  text: "Each of these can read your chats and write as you.",
  loading: "Looking up your devices",
  current: "The one in your hand", fresh: "New", unnamed: "Device without a name", other: "Another device",
  addedOn: (day: string) => `added ${day}`, seenOn: (day: string) => `last here ${day}`, neverSeen: "not here yet",
  add: "Add a device",
  options: (name: string) => `What to do with ${name}`,
  rename: "Give it another name", renameTitle: "What do you call it?", renameLabel: "Name of the device", renameText: "Only you see this name, on your own devices.",
  empty: "Write a name first.", long: "That name is too long. Use 40 letters or fewer.",
  cut: "Cut it off", cutTitle: (name: string) => `Cut off “${name}”?`,
  cutText: "It can’t read anything new from now on, and leaves all your conversations. If it is online, Kindred deletes what is on it.", cutYes: "Cut it off",
  cutAgain: "Really cut it off? To use it again, you have to add it again.", cutReally: "Yes, cut it off", cutDone: "It is cut off",
  out: "Sign out here", outTitle: "Sign out on this device?", outText: "Your messages and keys are removed from this device. Your other devices stay as they are.", outYes: "Sign out",
  outAgain: "Really sign out here? What is only on this device is gone then.", outReally: "Yes, sign out",
  stolen: "Did somebody else have your unlocked phone? Then cutting it off may not be enough: your key may have been copied. Ask for a new invite and start fresh, and tell the people you trust.",
  line: (n: number) => `${phrase(n)} can read your chats now. If that was not you, cut it off.`, lineLook: "Look",

  start: {
    link: "I have Kindred on another phone",
    pin: "This PIN is for this device alone. It can be another one than on your other phone.",
    title: "Now take your other phone",
    text: "Keep both phones with you. This takes a minute or two.",
    steps: ["On your other phone, open Kindred, then Settings, Your devices, Add a device.", "Scan the square there, or type this code."],
    code: "Code to type", qr: "QR code for your other phone", number: "Check number", numberText: "Your other phone shows this number too. Go on there only if it is the same.",
    until: (time: string) => `The code works until ${time}.`,
    waiting: "Waiting for your other phone", coming: "Your account is coming over. Keep both phones open.",
    failed: "That didn’t work yet", again: "Make a new code", back: "Back to the start",
    making: "Making a code",
  },

  add1: {
    title: "Add a device", text: "On the new phone, open Kindred and choose “I have Kindred on another phone”. It then shows a code.",
    label: "Or type the code from the new phone", hint: "20 letters and numbers. Big or small does not matter.",
    empty: "Type the code first.", bad: "That is not a whole code. It has five groups of four.", unknown: "That code didn’t match, or its ten minutes are over. Look at the new phone again.",
    next: "Find the new phone", looking: "Looking for it",
  },
  add2: {
    title: "Is it this phone?", text: "Look at the new phone in your hand. It should show this number:",
    warning: "Did someone send you a link or a code, or ask you to do this? Then stop. Whoever has that phone will be able to read everything and write as you.",
    history: "Messages to take along", histories: { all: "All", recent: "Last 30 days", none: "None" },
    yes: "It is the same number", no: "It is not the same",
  },
  add3: { title: "Your PIN, to be sure", text: "The PIN of the phone you are holding, not of the new one. After this, the new phone gets your account.", sending: "Sending. Keep both phones open." },
  add4: { title: "Sent", text: "The new phone opens by itself in a moment and comes into all your conversations. Nobody else needs to do anything.", done: "Done" },

  wrongDevice: "That code is for the phone that already has Kindred. Open it there.",
  coming: "This device is just coming into this conversation. It takes a moment.",

  signedOut: {
    revoked: "This device was signed out", revokedText: "You, or someone with your other device, cut this one off. What was on it has been deleted.",
    deleted: "Your account is deleted", deletedText: "It was deleted on another of your devices, and what was on this one is deleted, too. If that was not you, tell someone you trust. They can ask for a new invite for you.",
    unknown: "The server does not know this device", unknownText: "The account may have been deleted, or the server was set back. What is on this device is still here, locked with your PIN.",
    start: "To the start", again: "Try again", forget: "Forget this device",
  },

  names: { android: "Android phone", iphone: "iPhone", ipad: "iPad", windows: "Windows computer", mac: "Mac", linux: "Linux computer", other: "Device" },
};
