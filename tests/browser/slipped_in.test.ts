import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeIdentityKey } from "../../client/src/crypto/identity.ts";
import { openInvite, signTerms } from "../../client/src/crypto/room-invite.ts";
import { formatLink, HOUR_MS } from "../../client/src/protocol/links.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { at, type App } from "./app.ts";
import { yes } from "./moderating.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const root = resolve(import.meta.dirname, "../..");
const pictures = join(root, "test-results/browser");
const run = promisify(execFile);
const world = useWorld();
let asha: App;
let mira: App;
let eve: App;
let rooms: [Room, Room];

/** Inserts an invite to the only private group, as anybody can who has the database; gives the link to it. */
async function insertInvite(): Promise<string> {
  const secret = new Uint8Array(randomBytes(16));
  const { presented, key } = await openInvite(secret);
  const insert = `
import datetime, hashlib, sqlite3, sys, uuid
base = sqlite3.connect(sys.argv[1], timeout=30)
(room,) = base.execute("SELECT id FROM chat_room WHERE kind = 'group'").fetchone()
now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
base.execute(
    "INSERT INTO chat_roominvite (id, room_id, secret_hash, uses, used, expires_at) VALUES (?, ?, ?, 1, 0, ?)",
    (uuid.uuid4().hex, room, hashlib.sha256(bytes.fromhex(sys.argv[2])).digest(), str(now + datetime.timedelta(days=1))),
)
base.commit()
print(uuid.UUID(room))
`;
  const database = join(world.server.dataDir, "kindred.sqlite3");
  const { stdout } = await run(join(root, ".venv/bin/python"), ["-c", insert, database, Buffer.from(presented).toString("hex")]);
  const [room, identity, by] = [stdout.trim(), await makeIdentityKey(), randomUUID()];
  const [uses, expires] = [1, HOUR_MS * Math.ceil(Date.now() / HOUR_MS + 1)];
  const terms = await signTerms(identity, key.publicKey, { room, by, uses, expires });
  return formatLink(world.server.address, { kind: "room", secret, name: "Lighthouse", inviter: { account: by, identityKey: identity.publicKey }, uses, expires, terms });
}

/** Lets the time pass for the app that newcomers have to show their invite. */
async function later(app: App): Promise<void> {
  await app.page.eval(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 70_000;
  });
}

test("an account that comes by an invite which an operator inserted is told to those in the group, and gets nothing", async () => {
  asha = await world.member("Asha", world.links.coordinator);
  [mira, eve] = [await world.member("Mira"), await world.member("Eve")];
  for (const app of [asha, mira]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  await (await asha.open("Welcome")).waitFor("Mira is here");
  rooms = [await asha.makeGroup("Lighthouse", ["Mira"]), await mira.open("Lighthouse")];
  const [ashas, miras] = rooms;
  await ashas.details();
  await asha.click("groupEveryoneAdds");
  await miras.waitForSystem(en.care.notes.addingSome("Asha"));
  await asha.open("Lighthouse");

  const eves = await eve.acceptRoomInvite(await insertInvite(), "Lighthouse");
  await ashas.send("only for us");
  await miras.send("nor this");
  for (const app of [asha, mira]) await later(app);
  for (const app of [asha, mira]) await app.page.waitFor(at("doubtBanner"));
  await ashas.waitForState("only for us", "waiting");
  await miras.waitForState("nor this", "waiting");
  expect((await eves.shown()).map(({ text }) => text)).toEqual([en.system.youJoined]);
  mkdirSync(pictures, { recursive: true });
  for (const app of [mira, asha]) await puppetOf(app.page).setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
  await mira.page.screenshot(join(pictures, "slipped-in-banner-360.png"));
  for (const app of [mira, asha]) {
    await app.click("doubtLook");
    await app.page.waitFor(at("decide"));
    await app.page.screenshot(join(pictures, `slipped-in-${app.name}-360.png`));
  }
  // Those who look after the group can take somebody out; the others can leave.
  expect([await asha.page.has(at("decideTakeOut")), await mira.page.has(at("decideTakeOut"))]).toEqual([true, false]);
  expect([await asha.page.has(at("decideLeave")), await mira.page.has(at("decideLeave"))]).toEqual([false, true]);
});

test("and when who looks after the group has taken them out, what waited goes to the others", async () => {
  const [ashas, miras] = rooms;
  await asha.click("decideTakeOut");
  await yes(asha);
  await miras.waitFor("only for us");
  await ashas.waitFor("nor this");
  for (const app of [asha, mira]) await app.page.waitGone(at("doubtBanner"));
});
