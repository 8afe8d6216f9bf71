import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { testid } from "../../client/src/ui/testids.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { headless, type Headless } from "../../client/test/headless.ts";
import { at, type App } from "../browser/app.ts";
import { atDesk, because, choose, reads, review, toCase, toDecisions, yes } from "../browser/moderating.ts";
import { World } from "../browser/world.ts";
import { patience } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { pause, until } from "../support/processes.ts";
import { LocalBrowser, PushService } from "../support/push.ts";
import { Service } from "../support/services.ts";
import { Recorder } from "./recorder.ts";
import { everythingStored } from "./scene.ts";
import { Watch } from "./watch.ts";

/** Typed by people into real browsers while one of them asks moderators and these help. They stand nowhere else in the world. */
export const secrets = {
  "the name of whoever asked": "Tansy qx81 Ormerod",
  "the name of whom it is about": "Rodion wz17 Pell",
  "a moderator's name": "Mirela kd55 Voss",
  "a message that is shown": "I know vy63 someone who pays well",
  "a message of their own that is not": "Leave me alone bk29 please",
  "what they hope for": "Only make ht76 him stop writing",
  "what they say to the moderators": "He waits at nf48 the tram stop",
  "what a moderator says to them": "Are you sg91 safe tonight, somewhere warm",
  "a note among moderators": "Her phone pm34 is her brother's",
  "the title of a saved answer": "Hour lz07 before I can",
  "a saved answer": "I need rc58 an hour, then I am back",
  "a service that is offered": "Lantern ux12 house",
  "what the service does": "A bed jq83 and no questions",
  "to whom it is handed over": "Inspector dw46 Marsh in Ghent",
  "what they would get": "All of it ob95 with times",
  "what for": "So that he is gv20 looked for",
  "the own words of a decision": "Please xb22 offer no work here",
  "why in words, to whom it is about": "We read ea67 what you wrote, and it ends here",
  "what they answer to that": "I did not mean fk31 it like that",
} as const;

/** For the server to know: it shows that whoever searches can find. */
export const known = "Openly titled cm14 hall";

export interface Evidence {
  world: World;
  /** What passed between browsers and server, between server and Redis, and between server and push service. */
  wire: Recorder;
  redis: Recorder;
  pushes: Recorder;
  push: PushService;
  /** What the server's memory held after each step. */
  watch: Watch;
  /** Everything in the browsers' databases and stores, by whose it is. */
  stored: Map<string, string>;
  /** What moderators' consoles show at the end, in one text. */
  consoles: string;
  /** The evidence that a moderator saved. */
  zip: Buffer;
  end: () => Promise<void>;
}

/** Everything that carries words is done once, on a server with Redis and push, and every byte is kept. */
export async function play(): Promise<Evidence> {
  const [wire, redis, pushes] = [await Recorder.listen("127.0.0.1"), await Recorder.listen("127.0.0.1"), await Recorder.listen("127.0.0.1")];
  const [service, push] = [await Service.start("redis"), await PushService.start()];
  redis.leadTo(Number(new URL(service.url).port));
  pushes.leadTo(push.port);
  const world = new World({
    settings: {
      ORIGIN: wire.address, REDIS_URL: `redis://127.0.0.1:${redis.port}/0`, LOG_LEVEL: "DEBUG",
      VAPID_SUBJECT: "mailto:push@kindred.example", PUSH_TRUSTED_ORIGINS: pushes.address, PUSH_GRACE_MS: "100",
    },
  });
  const watch = new Watch(() => world.server, wire, { ...secrets, [known]: known });
  const people: Headless[] = [];
  const end = async (): Promise<void> => {
    for (const person of people) await person.end();
    await world.end();
    await Promise.all([wire.close(), redis.close(), pushes.close(), push.end()]);
    await service.remove();
  };
  try {
    await world.start();
    wire.leadTo(world.server.port);
    const [asha, mira] = [await world.member("Asha", world.links.coordinator), await world.member(secrets["a moderator's name"], world.links.moderator)];
    const link = await asha.makeInvite("moderator");
    people.push(await away(wire.address, new URL(link).hash, pushes));
    const [tansy, rodion] = [await world.member(secrets["the name of whoever asked"]), await world.member(secrets["the name of whom it is about"])];
    await (await asha.makeOpenRoom(known)).send("Good morning");
    await watch.look("everybody has joined");
    await ask(tansy, rodion, watch);
    for (const app of [asha, mira]) await atDesk(app);
    await help(mira, tansy, watch);
    await handOver(mira, asha, tansy, watch);
    await explain(mira, rodion, asha, watch);
    const zip = await evidence(world, mira);
    await watch.look("evidence was made");
    await until(async () => (await push.received()).length > 0, patience, () => "nobody was called");
    const consoles = (await Promise.all([asha, mira].map(({ page }) => page.texts("body")))).flat().join("\n");
    const stored = new Map<string, string>();
    for (const app of [asha, mira, tansy, rodion]) stored.set(app.name, await app.page.eval(everythingStored));
    await watch.look("at the end");
    return { world, wire, redis, pushes, push, watch, stored, consoles, zip, end };
  } catch (error) {
    await world.picture("asking a moderator, with words that are looked for");
    await end();
    throw error;
  }
}

/** A second moderator who turned notes on and closed the app. */
async function away(origin: string, link: string, pushes: Recorder): Promise<Headless> {
  const person = await headless({ origin, waking: new LocalBrowser(pushes.address) });
  await person.engine.join(link, { name: "Away", pin: "2580", conductVersion: (await person.engine.readInvite(link)).conduct?.version ?? 1 });
  await until(() => Promise.resolve(person.engine.connection() === "online"), patience, () => "the second moderator does not connect");
  await person.engine.push.turnOn({ words: "Reminder", icon: "clock" });
  await person.engine.push.setDelay(0);
  await person.engine.lock();
  return person;
}

async function ask(tansy: App, rodion: App, watch: Watch): Promise<void> {
  const [hers, his] = [await tansy.joinOpenRoom(known), await rodion.joinOpenRoom(known)];
  await his.send(secrets["a message that is shown"]);
  await hers.waitFor(secrets["a message that is shown"]);
  await watch.look("a message came");
  await hers.send(secrets["a message of their own that is not"]);
  await review(hers, secrets["a message that is shown"], "recruitment");
  await tansy.fill("askWish", secrets["what they hope for"]);
  await tansy.click("askSend");
  await reads(tansy, "questionState", en.cases.state.unclaimed);
  await watch.look("a question was asked");
}

/** What is said in the talk of a question, or about a decision, reaches the other side. */
async function says(from: App, text: string, to: App): Promise<void> {
  await from.fill("composer", text);
  await from.click("send");
  await reads(to, "messageText", text);
}

async function help(mira: App, tansy: App, watch: Watch): Promise<void> {
  await toCase(mira);
  await mira.click("caseClaim");
  await mira.click("exhibitTurn");
  await reads(mira, "exhibit", secrets["a message that is shown"]);
  await reads(mira, "screenConsole", secrets["what they hope for"]);
  await watch.look("a moderator read it");
  await says(mira, secrets["what a moderator says to them"], tansy);
  await says(tansy, secrets["what they say to the moderators"], mira);
  await watch.look("they talked");
  await mira.click("noteWrite");
  await mira.fill("noteText", secrets["a note among moderators"]);
  await mira.click("noteKeep");
  await reads(mira, "note", secrets["a note among moderators"]);
  await watch.look("a note was written");
  await mira.click("answersOpen");
  await mira.click("answerNew");
  await mira.fill("answerTitle", secrets["the title of a saved answer"]);
  await mira.fill("answerText", secrets["a saved answer"]);
  await mira.click("answerShare");
  await mira.click("answerSave");
  await reads(mira, "answer", secrets["a saved answer"]);
  await mira.click("answerPick");
  await mira.click("send");
  await reads(tansy, "messageText", secrets["a saved answer"]);
  await watch.look("an answer was saved and sent");
}

async function fill(app: App, field: "serviceField" | "handOverField", values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await app.page.fill(`[data-testid="${testid[field]}-${name}"]`, value);
}

async function handOver(mira: App, asha: App, tansy: App, watch: Watch): Promise<void> {
  await mira.click("serviceOpen");
  await fill(mira, "serviceField", { name: secrets["a service that is offered"], does: secrets["what the service does"], phone: "1" });
  await mira.click("serviceSend");
  await reads(tansy, "serviceCard", secrets["a service that is offered"]);
  await watch.look("a service was offered");
  await mira.click("handOverOpen");
  await fill(mira, "handOverField", { to: secrets["to whom it is handed over"], what: secrets["what they would get"], why: secrets["what for"] });
  await mira.click("handOverSend");
  await reads(tansy, "referral", secrets["what they would get"]);
  await tansy.click("referralYes");
  await reads(tansy, "referral", en.helping.handOver.mine.yes);
  await toCase(asha);
  await asha.click("referralAgree");
  await yes(asha);
  await reads(asha, "referral", en.helping.handOver.states.agreed(en.common.you));
  await watch.look("a hand-over was agreed to");
}

/** To the server a decision is codes alone; why in words is said in its talk, and so is what whoever objects says. */
async function explain(mira: App, rodion: App, asha: App, watch: Watch): Promise<void> {
  await choose(mira, "warn", "caseSubject", () => mira.fill("decideOwn", secrets["the own words of a decision"]));
  await yes(mira);
  await mira.page.waitFor(at("decision"));
  await watch.look("a decision was made");
  await toDecisions(mira);
  await mira.page.click(`label:has([name="which"][value="all"])`);
  await mira.click("decisionTalk");
  await mira.page.waitFor(at("composer"));
  await mira.fill("composer", secrets["why in words, to whom it is about"]);
  await mira.click("send");
  await rodion.toChats();
  await rodion.click("decisionLook");
  await rodion.click("statementAppeal");
  await yes(rodion);
  await reads(rodion, "statement", "You objected");
  await rodion.click("decisionTalk");
  await reads(rodion, "messageText", secrets["the own words of a decision"]);
  await reads(rodion, "messageText", secrets["why in words, to whom it is about"]);
  await says(rodion, secrets["what they answer to that"], mira);
  await watch.look("whoever it is about objected and said why");
  const { list, mine } = en.decisions;
  await toDecisions(asha);
  await because(asha, list.uphold, list.found.upheld.fits, `${mine.upheld} ${mine.found.fits}`);
  await watch.look("the objection was answered");
  // Where no chats stand beside it.
  await toCase(asha);
}

async function evidence(world: World, mira: App): Promise<Buffer> {
  const downloads = join(await world.folder(), "downloads");
  await mkdir(downloads);
  const puppet = puppetOf(mira.page);
  const session = await puppet.createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, browserContextId: puppet.browserContext().id ?? "" });
  await toCase(mira);
  await mira.click("evidenceOpen");
  await mira.click("evidenceMake");
  const name = await until(async () => (await readdir(downloads)).find((one) => one.endsWith(".zip")) ?? null, patience, () => "no evidence was saved");
  // Until it is written whole.
  for (let size = -1, file = await readFile(join(downloads, name)); ; file = await readFile(join(downloads, name))) {
    if (file.length === size) return file;
    size = file.length;
    await pause(200);
  }
}
