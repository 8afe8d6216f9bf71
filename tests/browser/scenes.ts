import { en } from "../../client/src/ui/words/en.ts";
import type { Page } from "../support/browsers/page.ts";
import { at } from "./app.ts";
import { pictureScenes } from "./picture_scenes.ts";
import { room, type Scene, type Step, tap } from "./scene.ts";

const pin = async (page: Page, digits: string): Promise<void> => {
  await page.waitFor(at("pinInput"));
  await page.type(at("pinInput"), digits);
};
const toConduct: Step = async (page) => {
  await tap("inviteStart", "nameNext")(page);
  await pin(page, "274951");
  await page.waitFor(at("screenPin", '[data-step="again"]'));
  await pin(page, "274951");
  await page.waitFor(at("conductAgree"));
};
const lure: Step = async (page) => {
  await page.eval(() => { window.fake.receive("group-1", "I can get you a job in a hotel by the sea. You only pay 200 euros for the visa first."); });
  await page.waitFor(at("hint"));
};
const menuOfOwn: Step = async (page) => page.longPress(`${at("message", ".mine[data-state=delivered]")} .bubble`);
const toWrongCheck: Step = async (page) => {
  await tap("newWordsNext")(page);
  await page.waitFor(at("newWord"));
  await tap("newWordsNext")(page);
  await page.type(at("checkWord"), "wagon");
  await tap("newWordsNext")(page);
  await page.waitFor("text=Look at your paper again");
};
/** The words of the made-up engine, and a PIN. */
const toRecovering: Step = async (page) => {
  await tap("recoverStart")(page);
  await page.type(at("enterWord"), "legal winner thank year wave sausage worth useful legal winner thank yellow ");
  await page.waitFor("text=All twelve words");
  await tap("enterNext")(page);
  await pin(page, "274951");
  await page.waitFor(at("screenPin", '[data-step="again"]'));
  await pin(page, "274951");
};
/** From the start to the code of a new device. */
const toLinkCode: Step = async (page) => {
  await tap("linkStart")(page);
  await pin(page, "274951");
  await page.waitFor(at("screenPin", '[data-step="again"]'));
  await pin(page, "274951");
};
const toNumber: Step = async (page) => {
  await page.type(at("deviceCode"), "7k2mqx9d3htbw5rc81zp");
  await tap("deviceFind")(page);
  await page.waitFor(at("deviceNumber"));
};
/** From a message of somebody else to what moderators would see. */
const toAsk: Step = async (page) => {
  await page.longPress(`${at("message", ":not(.mine)")} .bubble.text`);
  await tap("menuAsk")(page);
  await page.waitFor(at("askMessage"));
};
export const toReview: Step = async (page) => {
  await toAsk(page);
  await tap("askNext")(page);
  await page.click(at("askConcern", "[data-concern=danger]"));
  await page.waitFor(at("emergency"));
};
/** A camera that looks at a bright wall, and one that the person does not want. */
const toScanner: Step = async (page) => {
  await page.eval(() => {
    const wall = document.createElement("canvas");
    const paint = wall.getContext("2d");
    if (paint) paint.fillStyle = "#d8d4cc";
    // A picture comes of it only when it is painted.
    setInterval(() => paint?.fillRect(0, 0, wall.width, wall.height), 100);
    navigator.mediaDevices.getUserMedia = async () => wall.captureStream(5);
  });
  await tap("scanOpen")(page);
  await page.waitFor("text=Hold the square code");
};
const toRefused: Step = async (page) => {
  await page.eval(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await tap("scanOpen")(page);
  await page.waitFor(at("scanAgain"));
};
/** Every screen, in every state that looks different. */
export const scenes: Record<string, Scene> = {
  "no invite": { scene: "phase=fresh", shows: "screenNoInvite" },
  "a link that is none": { scene: "phase=fresh", shows: "inviteLinkInput", then: (page) => page.type(at("inviteLinkInput"), "hello").then(() => page.press("Enter")) },
  "an invite": { scene: "phase=fresh#i.abcd1234.ef", shows: "inviteStart" },
  "an invite for staff": { scene: "phase=fresh#i.abcdstaff.ef", shows: "inviteStart" },
  "a used invite": { scene: "phase=fresh#i.abcdused.ef", shows: "inviteProblem" },
  "an invite without a network": { scene: "phase=fresh&net=offline#i.abcd1234.ef", shows: "inviteProblem" },
  "a group's invite for nobody yet": { scene: "phase=fresh#r.abcd1234.ef", shows: "inviteProblem" },
  name: { scene: "phase=fresh#i.abcd1234.ef", shows: "inviteStart", then: tap("inviteStart", "nameShuffle") },
  "a simple PIN": { scene: "phase=fresh#i.abcd1234.ef", shows: "inviteStart", then: async (page) => { await tap("inviteStart", "nameNext")(page); await pin(page, "123456"); } },
  "code of conduct": { scene: "phase=fresh#i.abcd1234.ef", shows: "inviteStart", then: toConduct },
  "leaving before joining": { scene: "phase=fresh#i.abcd1234.ef", shows: "inviteStart", then: async (page) => { await toConduct(page); await tap("conductLeave")(page); await page.waitFor(at("confirmNo")); } },
  "joining failed": { scene: "phase=fresh&fail=unavailable#i.abcd1234.ef", shows: "inviteProblem" },
  locked: { scene: "phase=locked", shows: "screenUnlock" },
  "a wrong PIN": { scene: "phase=locked", shows: "screenUnlock", then: async (page) => { await pin(page, "000000"); await page.waitFor("text=30 seconds"); } },
  "a forgotten PIN": { scene: "phase=locked", shows: "screenUnlock", then: tap("unlockForgot") },
  "another tab": { scene: "phase=elsewhere", shows: "screenElsewhere" },
  suspended: { scene: "phase=suspended", shows: "statement" },
  loading: { scene: "forever", shows: "screenLoading" },
  broken: { scene: "broken", shows: "screenBroken" },
  "an old browser": { scene: "broken=browser", shows: "screenBroken" },
  chats: { shows: "chatItem" },
  "no chats": { scene: "rooms=empty&role=member", shows: "screenChats" },
  "many chats, offline": { scene: "rooms=many&net=offline&conduct=changed", shows: "connectionLine" },
  "chats searched": { shows: "chatItem", then: (page) => page.type(at("chatSearch"), "a") },
  "something new": { shows: "add", then: async (page) => { await tap("add")(page); await page.waitFor(at("addWrite")); } },
  "a notice": { scene: "fail=room_full", shows: "openRoomJoin", then: async (page) => { await tap("openRoomJoin")(page); await page.waitFor(at("notice")); } },
  "a conversation": { screen: room("group-1"), shows: "message" },
  "its beginning": { screen: room("group-1"), shows: "message", then: (page) => page.eval(() => document.querySelector('[role="log"]')?.scrollTo(0, -99_999)) },
  "a conversation with unread": { screen: room("open-1"), shows: "unreadLine" },
  "a conversation with very many unread": { screen: room("group-long"), shows: "jumpUnread" },
  "an empty conversation": { screen: room("direct-sol"), shows: "composer" },
  "a conversation that was left": { screen: room("group-left"), shows: "systemLine" },
  "a conversation that cannot be opened": { scene: "fail=unexpected", screen: room("group-1"), shows: "screenRoom" },
  "a conversation that is loading": { scene: "slow=2000", screen: room("group-1"), shows: "screenRoom" },
  "a message's menu": { screen: room("group-1"), shows: "message", then: async (page) => { await menuOfOwn(page); await page.waitFor(at("menuDelete")); } },
  "deleting a message": { screen: room("group-1"), shows: "message", then: async (page) => { await menuOfOwn(page); await tap("menuDelete")(page); await page.waitFor(at("confirmYes")); } },
  "answering a message": { screen: room("group-1"), shows: "message", then: async (page) => { await menuOfOwn(page); await tap("menuReply")(page); await page.waitFor(at("composerCancel")); } },
  "a link": { screen: room("open-1"), shows: "message", then: async (page) => { await page.eval(() => document.querySelector<HTMLElement>("article a")?.click()); await page.waitFor(at("linkOpen")); } },
  person: { screen: { name: "person", account: "asha" }, shows: "screenPerson" },
  "a person by hearsay": { screen: { name: "person", account: "long" }, shows: "screenPerson" },
  "about a conversation": { screen: { name: "group", room: "group-1" }, shows: "member" },
  "about a conversation of 300": { screen: { name: "group", room: "group-long" }, shows: "member" },
  "about a conversation that was left": { screen: { name: "group", room: "group-left" }, shows: "groupForget" },
  "leaving a conversation": { screen: { name: "group", room: "group-1" }, shows: "groupLeave", then: async (page) => { await tap("groupLeave")(page); await page.waitFor(at("confirmYes")); } },
  renaming: { screen: { name: "group", room: "group-1" }, shows: "groupRename", then: async (page) => { await tap("groupRename")(page); await page.waitFor(at("renameSave")); } },
  "adding people": { screen: { name: "addPeople", room: "group-left" }, shows: "screenAddPeople" },
  "a group's invite": { screen: { name: "groupInvite", room: "group-1" }, shows: "inviteCreate", then: async (page) => { await tap("inviteCreate")(page); await page.waitFor(at("inviteQr")); } },
  "a group's invite, opened": { scene: "#r.abcd1234.ef", shows: "roomInviteJoin" },
  "an invite that is not needed": { scene: "#i.abcd1234.ef", shows: "screenInvite" },
  "a new group": { screen: { name: "newGroup" }, shows: "personChoice", then: async (page) => { await tap("personChoice", "groupCreate")(page); } },
  "writing to someone": { screen: { name: "write" }, shows: "personChoice" },
  "writing to nobody": { scene: "rooms=empty", screen: { name: "write" }, shows: "screenWrite" },
  "a new open room": { screen: { name: "newOpenRoom" }, shows: "openRoomName" },
  "a changed key": { scene: "trust=changed", screen: room("group-1"), shows: "doubtBanner" },
  "a changed key, explained": { scene: "trust=changed", screen: room("group-1"), shows: "doubtLook", then: async (page) => { await tap("doubtLook")(page); await page.waitFor(at("decideNew")); } },
  "a device that could not be checked": { scene: "trust=device", screen: room("direct-asha"), shows: "doubtLook", then: async (page) => { await tap("doubtLook")(page); await page.waitFor(at("decideAnyway")); } },
  "a stranger": { scene: "trust=stranger", screen: room("direct-asha"), shows: "doubtLook", then: async (page) => { await tap("doubtLook")(page); await page.waitFor(at("decideLeave")); } },
  "somebody whom nobody let in": { scene: "trust=uninvited", screen: room("group-1"), shows: "doubtLook", then: async (page) => { await tap("doubtLook")(page); await page.waitFor(at("decideAnyway")); } },
  "a person with a changed key": { scene: "trust=changed", screen: { name: "person", account: "asha" }, shows: "personDoubt" },
  "comparing numbers": { screen: { name: "safety", account: "asha" }, shows: "safetyQr" },
  "comparing numbers after a change": { scene: "trust=changed", screen: { name: "safety", account: "asha" }, shows: "safetyQr" },
  "numbers that differ": { screen: { name: "safety", account: "asha" }, shows: "safetyDifferent", then: tap("safetyDifferent") },
  "numbers that were compared": { screen: { name: "safety", account: "mira" }, shows: "safetyDone" },
  "no number yet": { screen: { name: "safety", account: "new" }, shows: "screenSafety" },
  "a scanned code": { scene: "#v.abcd", shows: "scannedYes" },
  "a scanned code that does not fit": { scene: "#v.different", shows: "screenScanned" },
  "a room's check number": { screen: { name: "roomCheck", room: "group-1" }, shows: "roomCheck" },
  "something that did not fit": { screen: room("group-left"), shows: "oddLook", then: tap("oddLook") },
  settings: { screen: { name: "settings" }, shows: "settingsName" },
  "hints explained and on": { scene: "hints", screen: { name: "hints" }, shows: "hintsSwitch" },
  "why there is a hint": { scene: "hints", screen: room("group-1"), shows: "message", then: async (page) => { await lure(page); await tap("hint")(page); await page.waitFor(at("hintFine")); } },
  "a hint": { scene: "hints", screen: room("group-1"), shows: "message", then: (page) => lure(page) },
  "notes off": { screen: { name: "waking" }, shows: "wakingOn" },
  "notes on": { screen: { name: "waking" }, scene: "push=on", shows: "wakingOff", then: tap("wakingQuiet") },
  "notes blocked": { screen: { name: "waking" }, scene: "push=denied", shows: "screenWaking" },
  "forgetting this device": { screen: { name: "settings" }, shows: "settingsErase", then: async (page) => { await tap("settingsErase", "confirmYes")(page); await page.waitFor("text=Really forget"); } },
  "own devices": { screen: { name: "devices" }, shows: "device", then: (page) => page.eval(() => { window.fake.devices.arrive(); }) },
  "own devices without a network": { scene: "net=offline", screen: { name: "devices" }, shows: "screenDevices" },
  "a device that nobody was told of": { shows: "chatItem", then: async (page) => { await page.eval(() => { window.fake.devices.arrive(); }); await page.waitFor(at("newDeviceLine")); } },
  "what to do with a device": { screen: { name: "devices" }, shows: "deviceMenu", then: async (page) => { await tap("deviceMenu")(page); await page.waitFor(at("deviceRename")); } },
  "cutting a device off": { screen: { name: "devices" }, shows: "deviceMenu", then: async (page) => { await page.click(`${at("device", '[data-device="0000000000000003"]')} ${at("deviceMenu")}`); await tap("deviceCut", "confirmYes")(page); await page.waitFor("text=Really cut it off"); } },
  "naming a device": { screen: { name: "devices" }, shows: "deviceMenu", then: async (page) => { await tap("deviceMenu", "deviceRename")(page); await page.waitFor(at("deviceNameSave")); } },
  "adding a device": { screen: { name: "addDevice" }, shows: "deviceCode" },
  "a code that leads nowhere": { screen: { name: "addDevice" }, shows: "deviceCode", then: async (page) => { await page.type(at("deviceCode"), "0000-0000-0000-0000-0000"); await tap("deviceFind")(page); await page.waitFor("text=didn’t match"); } },
  "looking for a code": { screen: { name: "addDevice" }, shows: "scanOpen", then: toScanner },
  "no camera is wanted": { screen: { name: "addDevice" }, shows: "scanOpen", then: toRefused },
  "is it this device": { screen: { name: "addDevice" }, shows: "deviceCode", then: toNumber },
  "the PIN before sending": { screen: { name: "addDevice" }, shows: "deviceCode", then: async (page) => { await toNumber(page); await tap("deviceSame")(page); await page.waitFor(at("pinInput")); } },
  "sent to a device": { screen: { name: "addDevice" }, shows: "deviceCode", then: async (page) => { await toNumber(page); await tap("deviceSame")(page); await pin(page, "135790"); await page.waitFor(at("deviceSent")); } },
  "the code of a new device": { scene: "phase=fresh", shows: "linkStart", then: async (page) => { await toLinkCode(page); await page.waitFor(at("linkTyped")); } },
  "no code without a network": { scene: "phase=fresh&net=offline", shows: "linkStart", then: async (page) => { await toLinkCode(page); await page.waitFor(at("linkAgain")); } },
  "a code for another device": { scene: "phase=fresh#l.AAECAwQFBgcICQoL", shows: "screenNoInvite" },
  "a device whose account was deleted": { scene: "phase=signedout&signed=deleted", shows: "signedOutStart" },
  "a device that the server does not know": { scene: "phase=signedout&signed=unknown", shows: "settingsErase" },
  "a device that was signed out": { scene: "phase=signedout", shows: "signedOutStart" },
  about: { screen: { name: "about" }, shows: "screenAbout" },
  "a changed code of conduct": { scene: "conduct=changed", screen: { name: "conductAgain" }, shows: "conductAgree" },
  invites: { screen: { name: "invites" }, shows: "inviteItem" },
  "no invites": { scene: "rooms=empty", screen: { name: "invites" }, shows: "screenInvites" },
  "invites without a network": { scene: "net=offline", screen: { name: "invites" }, shows: "screenInvites" },
  "a new invite": { screen: { name: "newInvite" }, shows: "inviteCreate" },
  "no recovery words yet": { screen: { name: "recovery" }, shows: "recoveryMake" },
  "recovery words and their copy": { scene: "words=here", screen: { name: "recovery" }, shows: "recoverySave" },
  "recovery words of another device": { scene: "words=elsewhere", screen: { name: "recovery" }, shows: "recoveryReplace" },
  "recovery words without a network": { scene: "net=offline", screen: { name: "recovery" }, shows: "screenRecovery" },
  "deleting the locked copy": { scene: "words=here", screen: { name: "recovery" }, shows: "recoveryForget", then: async (page) => { await tap("recoveryForget", "confirmYes")(page); await page.waitFor("text=Really delete"); } },
  "being alone": { screen: { name: "newWords" }, shows: "newWordsNext" },
  "the words": { screen: { name: "newWords" }, shows: "newWordsNext", then: async (page) => { await tap("newWordsNext")(page); await page.waitFor(at("newWord")); } },
  "checking the words": { screen: { name: "newWords" }, shows: "newWordsNext", then: toWrongCheck },
  "an offer of recovery words": { scene: "words=offered", shows: "recoveryOffer" },
  "typing recovery words": { scene: "phase=fresh", shows: "recoverStart", then: async (page) => { await tap("recoverStart")(page); await page.type(at("enterWord"), "legal winner thank y"); await page.waitFor(at("enterSuggestion")); } },
  "recovery words that are not in order": { scene: "phase=fresh", shows: "recoverStart", then: async (page) => { await tap("recoverStart")(page); await page.type(at("enterWord"), `${"legal ".repeat(12)}`); await page.waitFor("text=don’t belong together"); } },
  "recovery words that open nothing": { scene: "phase=fresh&fail=not_found", shows: "recoverStart", then: async (page) => { await toRecovering(page); await page.waitFor(at("recoveringWords")); } },
  "being back": { scene: "phase=fresh", shows: "recoverStart", then: async (page) => { await toRecovering(page); await page.waitFor(at("recoveredCut")); } },
  "choosing what moderators see": { screen: room("group-1"), shows: "message", then: toAsk },
  "what moderators would see, and numbers to call": { screen: room("group-1"), shows: "message", then: toReview },
  "what moderators would see, before it is known who": { screen: room("group-1"), shows: "message", then: async (page) => { await page.eval(() => (window.fake.cases.readers = () => new Promise(() => undefined))); await toReview(page); await page.waitFor(at("askLookingUp")); } },
  "a question that needs an answer now": { screen: room("group-1"), shows: "message", then: async (page) => { await toReview(page); await tap("askSend")(page); await page.waitFor(at("emergencyContact")); } },
  "whom to call, from the settings": { screen: { name: "helpNow" }, shows: "emergencyContact" },
  "whom the network says to call": { screen: { name: "contacts" }, shows: "contact" },
  "a network that says nobody to call": { scene: "rooms=empty", screen: { name: "contacts" }, shows: "contactAdd" },
  "a contact that leads nowhere": { screen: { name: "contacts" }, shows: "contact", then: async (page) => { await tap("contactChange")(page); await page.fill(at("contactTo"), "call us"); await tap("contactSave")(page); await page.waitFor("text=Use digits"); } },
  "numbers to call while suspended": { scene: "phase=suspended", shows: "emergencyMore", then: async (page) => { await tap("emergencyMore")(page); await page.waitFor(at("emergencyContact")); } },
  "own questions": { screen: { name: "questions" }, shows: "question" },
  "a key that has changed in a question": { scene: "trust=changed", screen: { name: "question", id: "q1", fresh: false }, shows: "doubtBanner" },
  "a device that could not be checked among the notes on a question": { scene: "trust=device", screen: { name: "console", id: "3" }, shows: "doubtBanner", then: async (page) => { await page.click(at("notes", ` ${at("doubtLook")}`)); await page.waitFor(at("decideAnyway")); } },
  "a question and its talk": { screen: { name: "question", id: "q1", fresh: false }, shows: "message" },
  "a question of which something stayed behind": { screen: { name: "question", id: "q2", fresh: false }, shows: "questionState" },
  "a question in which two things were shown in one moment": { screen: { name: "console", id: "8" }, shows: "exhibit" },
  "the moderators' queue": { screen: { name: "console", id: null }, shows: "caseItem" },
  "what a coordinator is to look at": { screen: { name: "console", id: null }, shows: "caseItem", then: async (page) => { await page.eval(() => { window.fake.appointments.fill(); }); await page.waitFor(at("unconfirmed")); } },
  "a coordinator who is not the one that this device knew": { shows: "chatItem", then: async (page) => { await page.eval(() => { window.fake.appointments.another(); }); await page.waitFor(at("firstLine")); await tap("firstLook")(page); await page.waitFor(at("firstYes")); } },
  "a question as moderators see it": { screen: { name: "console", id: "3" }, shows: "exhibit", then: tap("exhibitTurn") },
  "the talk about a question": { screen: { name: "console", id: "3" }, shows: "exhibit", then: async (page) => { await tap("caseTalk")(page); await page.waitFor(at("message")); } },
  "answers that a moderator has ready": { screen: { name: "console", id: "3" }, shows: "notes", then: async (page) => { await tap("caseTalk")(page); await tap("answersOpen")(page); await page.waitFor(at("answer")); } },
  "writing a note on a question": { screen: { name: "console", id: "3" }, shows: "noteWrite", then: async (page) => { await tap("noteWrite")(page); await page.waitFor(at("noteKeep")); } },
  "a new ready answer": { screen: { name: "console", id: "3" }, shows: "notes", then: async (page) => { await tap("caseTalk", "answersOpen", "answerNew")(page); await page.waitFor(at("answerSave")); } },
  "closing a question": { screen: { name: "console", id: "3" }, shows: "caseClose", then: async (page) => { await tap("caseClose")(page); await page.waitFor(at("caseClosing")); } },
  "a picture that was shown": { screen: { name: "console", id: "3" }, shows: "exhibitPicture", then: async (page) => { await tap("exhibitPictureLoad")(page); await page.waitFor(at("exhibitPictureTurn")); } },
  "a picture that was shown and is not there": { screen: { name: "console", id: "3" }, shows: "exhibitPicture", then: async (page) => { await page.eval(() => (window.fake.cases.picture = () => Promise.resolve({ state: "gone" }))); await tap("exhibitPictureLoad")(page); await page.waitFor(at("exhibitPicture", '[data-state="gone"]')); } },
  "exporting evidence": { screen: { name: "console", id: "3" }, shows: "evidenceOpen", then: async (page) => { await tap("evidenceOpen")(page); await page.waitFor(at("evidenceMake")); await tap("evidencePerson")(page); } },
  "deciding about somebody": { screen: { name: "decide", subject: "long", question: "1" }, shows: "decideNext", then: async (page) => { await page.click("input[value=mute]"); await page.click("input[name=reason][value='2']"); } },
  "deciding about somebody in an open room": { screen: { name: "decide", subject: "asha", question: null, here: { room: "open-1", kind: "mute" } }, shows: "decideNext", then: async (page) => { await page.click("input[name=reason][value='2']"); await page.click(at("decideSeen")); await tap("decideFact")(page); } },
  "what can be done for somebody in an open room": { screen: { name: "group", room: "open-1" }, shows: "member", then: async (page) => { await page.click(at("member", '[data-account="asha"]')); await page.waitFor(at("memberRemove")); } },
  "what restricts somebody in an open room": { screen: { name: "decisions", holds: { account: "new", room: "open-1" } }, shows: "screenDecisions", then: async (page) => { await page.waitFor(`text=${en.decisions.list.noneHolds}`); } },
  "offering a service": { screen: { name: "console", id: "3" }, shows: "serviceOpen", then: async (page) => { await tap("serviceOpen", "serviceBefore")(page); } },
  "asking to hand a question over": { screen: { name: "console", id: "3" }, shows: "handOverOpen", then: async (page) => { await tap("handOverOpen")(page); await page.waitFor(at("handOver")); await tap("handOverSend")(page); } },
  "a question whose person has deleted their account": { screen: { name: "console", id: "5" }, shows: "caseAskerGone" },
  "the talk about a question whose person has deleted their account": { screen: { name: "console", id: "5" }, shows: "caseAskerGone", then: async (page) => { await tap("caseTalk")(page); await page.waitFor(at("message")); } },
  "the talk about a decision, while suspended": { scene: "phase=suspended", shows: "decisionTalk", then: async (page) => { await tap("decisionTalk")(page); await page.waitFor(at("message")); } },
  "about somebody": { screen: { name: "aboutPerson", account: "long", nameless: null }, shows: "aboutCase" },
  "about whoever asked": { screen: { name: "aboutPerson", account: "tala", nameless: "1" }, shows: "aboutDecision" },
  "one decision": { screen: { name: "decisions", only: "d3" }, shows: "decision" },
  "decisions that wait": { screen: { name: "decisions" }, shows: "decisionAgree" },
  "why a decision is taken back": { screen: { name: "decisions" }, shows: "decisionAgree", then: async (page) => { await page.click(`text=${en.decisions.list.overturn}`); await page.waitFor(at("decisionReason")); } },
  "a decision about oneself that was not read yet": { shows: "chatItem", then: async (page) => { await page.eval(async () => { window.fake.decisions.news = 1; await window.fake.referrals.answer("q1", "r1", true); }); await page.waitFor(at("decisionLine")); } },
  "back after a ban": { shows: "chatItem", then: async (page) => { await page.eval(async () => { window.fake.decisions.behind = ["group-left", "open-2", "direct-asha"]; await window.fake.referrals.answer("q1", "r1", true); }); await page.waitFor(at("comeback")); } },
  "decisions about oneself": { screen: { name: "myDecisions" }, shows: "statementAppeal" },
  "who may decide what": { screen: { name: "rights" }, shows: "rightsOf" },
  "how the network is run": { screen: { name: "openness" }, shows: "opennessSteps" },
  "showing how the network is run to everybody": { screen: { name: "openness" }, shows: "opennessPublish", then: async (page) => { await tap("opennessPublish")(page); await page.waitFor(at("confirmYes")); } },
  "how the network is run, for everybody to read": { screen: { name: "openness" }, shows: "opennessPublish", then: async (page) => { await tap("opennessPublish", "confirmYes")(page); await page.waitFor(at("opennessAddress")); } },
  "how a network is run in which nothing happened, and a log that does not fit": { scene: "rooms=empty&role=member", screen: { name: "settings" }, shows: "settingsName", then: async (page) => { await page.eval(() => { window.fake.openness.doubt({ seq: 0, why: "unsigned" }); }); await tap("settingsOpenness")(page); await page.waitFor("text=Nothing happened"); } },
  "the moderators' log that does not fit": { screen: { name: "openness" }, shows: "opennessLog", then: async (page) => { await page.eval(() => { window.fake.openness.doubt({ seq: 119, why: "changed" }, { seq: 140, why: "cut" }); }); await tap("opennessLog")(page); await page.waitFor(at("auditEarlier")); } },
  "the moderators' log, without a network": { scene: "net=offline", screen: { name: "auditLog" }, shows: "screenAuditLog" },
  ...pictureScenes,
  "deleting the account": { screen: { name: "deleteAccount" }, shows: "deleteAccount" },
  "deleting the account, asked again": { screen: { name: "deleteAccount" }, shows: "deleteAccount", then: async (page) => { await tap("deleteAccount", "confirmYes")(page); await page.waitFor("text=for good"); } },
};
