import { notes } from "./en-notes.ts";

/** Being told while Kindred is closed. */
export const push = {
  row: "Notifications", rowText: "How you hear of news when Kindred is closed",
  title: "Notifications", loading: "Looking up how it is set",
  off: {
    heading: "Your phone can tell you when someone writes",
    text: "It shows a short notification. It never says who wrote, what they wrote, or where.",
    cost: "What you should know",
    costs: [
      "The company behind your browser, like Google, Apple or Mozilla, delivers it, and learns that this phone hears from this address, and when. It can’t read anything.",
      "Whoever sees your screen sees it.",
    ],
    without: "If you leave them off",
    withoutText: "Kindred fetches new messages each time you open it, and while it is open. No other company is told about this phone, and nothing is kept that could wake it.",
    on: "Turn on notifications", asking: "Your browser may ask you now",
  },
  on: { heading: "Notifications are on", text: "You can change your mind at any time.", off: "Turn off notifications", isOff: "Notifications are off" },
  denied: { heading: "Your browser says no", text: "Notifications from this address are blocked, and Kindred has forgotten how to wake this phone. If you want them, allow them in your browser’s settings for this page. Until then, Kindred fetches new messages each time you open it." },
  unable: { heading: "There are no notifications here", text: "This browser, or the server of this network, can’t send them. Kindred fetches new messages each time you open it." },
  isOn: "Notifications are on",
  note: "What a notification says", noteText: "Pick words that tell nobody anything.",
  notes,
  icon: "Its picture", icons: { none: "None", bell: "Bell", clock: "Clock", check: "Tick" },
  delay: "How late it may come", delayText: "Each one waits for a while, by chance. The longer it may wait, the less its time tells anybody.",
  delays: { none: "At once", seconds: "Up to 20 seconds", minutes: "Up to 10 minutes", hour: "Up to an hour" },
  quiet: "Quiet hours", quietText: "No notifications in this time", from: "From", to: "Until",
  muted: "A chat that you muted sends none.",
};
