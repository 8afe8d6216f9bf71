/** Recovery words and deleting the account. */
export const recovery = {
  row: "Recovery words", rowText: "The way back if this phone is lost",
  title: "Recovery words",
  loading: "Looking up your backup",

  none: {
    heading: "If you lose this phone, you lose everything here",
    text: "Your name, your chats and your keys are only on this phone. Nobody else has a copy. Twelve words on paper are the way back.",
    how: "How it works",
    steps: [
      "You get twelve words. Write them down on paper.",
      "A locked copy of your chats is kept on the server. Only your words open it. The people who run the server can’t.",
      "On a new phone you type the words, and you are back.",
    ],
    lost: "If you lose the words and all your phones, this account is gone for good. Nobody can bring it back.",
    danger: "Anyone who has the words can read the copy and write as you.",
    make: "Make my words",
  },
  here: {
    heading: "You have recovery words", saved: (when: string) => `Locked copy saved: ${when}.`, notYet: "The locked copy is not saved yet. It will be, when you are online.",
    text: "This phone keeps the copy up to date by itself. Kindred does not know the words and can’t show them again.",
    save: "Save now", saving: "Saving", savedNow: "Saved",
  },
  elsewhere: {
    heading: "You made words on another device", text: (day: string) => `That device keeps the locked copy up to date. It was last saved ${day}. If you no longer have that device or the words, make new ones here.`,
  },
  replaced: "The words were changed on another device. This phone no longer keeps the copy.",
  history: "Messages in the locked copy", historyText: "Your people and the list of your chats are always in it.", historyOthers: "What others wrote to you is in it, too.",
  histories: { all: "All", recent: "Last 30 days", none: "None" },
  replace: "Make new words", replaceText: "The old words stop working",
  replaceTitle: "Make new words?", replaceBody: "When you have checked the new words, the old ones stop working. Use this if someone may have seen the old words.", replaceYes: "Make new words",
  forget: "Delete the locked copy", forgetText: "The words then open nothing",
  forgetTitle: "Delete the locked copy?", forgetBody: "Your words will open nothing any more. If this phone is lost after that, there is no way back to your account. Your chats on this phone stay.", forgetYes: "Delete it", forgetAgain: "Really delete it? Without it, a lost phone means a lost account.", forgetReally: "Yes, delete it",
  forgotten: "The locked copy is deleted",

  show: {
    title: "Your twelve words", alone: "Are you alone?",
    aloneText: "The words will be on the screen. Make sure nobody looks. Have paper and a pen ready. Don’t take a photo of them, and don’t keep them in a message.",
    language: "Language of the words",
    ready: "Show the words",
    text: "Write them down in this order. You see them only now.",
    written: "I have written them down",
  },
  check: {
    title: "Check what you wrote", text: "Look at your paper and type these three words. This makes sure that they work when you need them.",
    label: (n: number) => `Word number ${n}`, wrong: (n: number) => `Word number ${n} is a different one. Look at your paper again.`,
    wrongMany: "Some words are different. Look at your paper again.", again: "Show the words again", done: "Finish", saving: "Locking and saving your copy",
    failed: "Your words are not in use yet.",
  },
  ready: {
    title: "Your words work now", text: "Keep the paper in a place that only you know. Not with this phone.", old: "If you had other words before, they don’t work any more. You can throw them away.", done: "Done",
  },

  offer: { text: "If this phone is lost, so are your chats. Twelve words on paper can bring them back.", show: "Show me how", later: "No, thank you" },

  enter: {
    link: "I have my recovery words",
    title: "Type your words", text: "In the order on your paper. Mostly the first four letters of a word are enough.",
    label: (n: number) => `Word ${n} of 12`, take: (word: string) => `Take the word ${word}`, entered: "Your words", change: "Change it",
    unknown: (typed: string) => `“${typed}” is not one of the words. Check the spelling.`,
    misfit: "These twelve words don’t belong together. One may be spelled wrong or in the wrong place. Touch a word to change it.",
    paste: "You can also paste all twelve.", complete: "All twelve words are there.",
  },
  pin: { title: "Choose a PIN", text: "Six numbers that open Kindred on this phone. It can be the old PIN or a new one." },
  working: {
    title: "Bringing you back", text: "This can take a minute or two. Please keep this page open.", failed: "That did not work yet",
    unknown: "No locked copy was found for these words. They may have been replaced by newer ones, or the account was deleted. Nothing is lost by trying again.",
    changeWords: "Look at the words again", back: "Back to the start",
  },
  back: {
    title: (name: string) => `Welcome back, ${name}`,
    what: (rooms: string, people: string) => `You are back in ${rooms}, with ${people} you know. It can take a minute until every chat is ready.`,
    rooms: (n: number) => `${n.toLocaleString("en")} ${n === 1 ? "chat" : "chats"}`, people: (n: number) => `${n.toLocaleString("en")} ${n === 1 ? "person" : "people"}`,
    missed: "What was written after your last saved copy is not here.",
    old: "Is your old phone lost, or does someone else have it?",
    oldText: "Then cut it off. It gets no new messages, and every chat takes it out. What is on it already stays there, locked with its PIN.",
    cut: "Cut off my other devices", cutDone: "Your other devices are cut off", keep: "I still have it",
    stolen: "If someone had your phone open or knows your words, also make new words in Settings.",
  },

  remove: {
    row: "Delete my account", rowText: "Removes everything about you from the server",
    title: "Delete my account", heading: "What happens", can: "Nobody can undo this, and nobody can bring the account back.",
    list: [
      "Your account, your devices, your locked copy and your keys are removed from the server.",
      "Everyone in your chats sees that you left.",
      "Everything on this phone is forgotten.",
      "Your recovery words stop working.",
    ],
    stays: "What stays", staysText: "What you wrote stays on the phones of the people you wrote to. You can delete single messages for everyone before you go. For a while, at most 30 days, chats keep a note of when your device came and went, without your name.",
    instead: "If you only want to be unseen on this phone, “Forget this device” in Settings is enough.",
    button: "Delete my account", asked: "Delete your account?", askedText: "This can’t be undone.", yes: "Delete it", again: "Really delete your account, for good? There is no way back, not even with your recovery words.", really: "Yes, delete my account",
    gone: "Your account is deleted. Nothing about you is left here.",
  },
};
