/** Being told while Kindred is closed. */
export const push = {
  row: "Notes about news", rowText: "When Kindred is closed",
  title: "Notes about news", loading: "Looking up how it is set",
  off: {
    heading: "Your phone can tell you when someone writes",
    text: "It shows a short note. The note never says who wrote, what they wrote, or where.",
    cost: "What you should know",
    costs: [
      "The company behind your browser, like Google, Apple or Mozilla, delivers the note. It learns that this phone hears from this address, and when. It can’t read anything.",
      "Whoever sees your screen sees the note.",
      "Without it, nobody learns anything. New messages are there when you open Kindred.",
    ],
    on: "Turn on notes", asking: "Your browser may ask you now",
  },
  on: { heading: "Notes are on", text: "You can change your mind at any time.", off: "Turn off notes", isOff: "Notes are off" },
  denied: { heading: "Your browser says no", text: "Notes from this address are blocked. If you want them, allow them in your browser’s settings for this page. New messages are there when you open Kindred." },
  unable: { heading: "There are no notes here", text: "This browser or your network can’t send them. New messages are there when you open Kindred." },
  isOn: "Notes are on",
  note: "What the note says", noteText: "Pick words that tell nobody anything.",
  notes: { news: "Something is new", reminder: "Reminder", update: "Update ready" },
  quiet: "Quiet hours", quietText: "No notes in this time", from: "From", to: "Until",
  muted: "A chat that you muted sends no notes.",
};
