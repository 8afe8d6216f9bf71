export const staff = {
  notes: {
    title: "Notes", coming: "Earlier notes come as soon as Kindred is open with a moderator who has them.", gone: "There may have been earlier notes. Nobody is left who had them, so they are gone.", only: "Only moderators see this. Whoever asked does not.", loading: "Opening the notes", fresh: (n: number) => (n === 1 ? "1 new" : `${n} new`),
    write: "Write a note", label: "Note for other moderators", save: "Keep this note", saved: "Other moderators can read it now. Whoever asked can’t.", stay: "It stays: a note can’t be changed or taken back.",
    waiting: "on its way", passedOn: (name: string) => `passed on by ${name}`, long: "This is too long for one note. Make two of it.",
  },
  answers: {
    open: "Ready answers", title: "Ready answers", text: "Choose one. You can change it before you send it.", mine: "Only you have it", shared: "All moderators have it", start: "To begin with",
    write: "Write a new one", change: "Change", changeTitle: "Change this answer", newTitle: "A new answer",
    name: "What to call it", words: "What it says", share: "Share with moderators", shareText: "They can use it, change it and delete it too.",
    save: "Save", saved: "Saved", remove: "Delete it", removed: "Deleted",
    empty: "Give it a name and some words.", long: "This is too long. Make it shorter.",
  },
};
