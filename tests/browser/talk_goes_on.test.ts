import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { at } from "./app.ts";
import { atDesk, choose, read, reads, review, toDecisions, toStatement, yes } from "./moderating.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ wire: true });
const BAIT = "I know someone who pays well, write me in private";
const OWN = "Please do not write people that you know of such work.";

/** The operator changes what the one who was confirmed as a moderator is; apps learn of it when they connect again. */
async function appoint(role: "moderator" | "member"): Promise<void> {
  const find = 'from chat.models import StaffCertificate; print(StaffCertificate.objects.get(role="moderator").account)';
  await world.server.manage("set_role", (await world.server.manage("shell", "-v0", "-c", find)).trim(), role);
  world.server.wire?.cut();
  world.server.wire?.mend();
}

test("a moderator who comes when the others are away reads what was said, as whoever it is about passed it on", async () => {
  const asha = await world.member("Asha", world.links.coordinator);
  // Confirmed once, and away from the staff until the others are away.
  const mira = await world.member("Mira", world.links.moderator);
  await (await mira.joinOpenRoom("Welcome")).send("Mira is here");
  await appoint("member");
  const [tala, rook] = [await world.member("Tala"), await world.member("Rook")];
  await (await asha.joinOpenRoom("Welcome")).send("Asha is here");
  await atDesk(asha);
  const [talas, rooks] = [await tala.joinOpenRoom("Welcome"), await rook.joinOpenRoom("Welcome")];
  await rooks.send(BAIT);
  await review(talas, BAIT, "recruitment");
  await tala.click("askSend");
  await reads(tala, "questionState", en.cases.state.unclaimed);
  await choose(asha, "warn", "caseSubject", async () => asha.fill("decideOwn", OWN));
  await yes(asha);
  await reads(asha, "decision", en.decisions.list.states.in_force);
  await toStatement(rook);
  await rook.click("decisionTalk");
  await rook.page.waitFor(`text=${OWN}`);
  expect(await rook.page.has(at("talkAlone"))).toBe(false);
  await asha.page.close();

  await appoint("moderator");
  await atDesk(mira);
  await toDecisions(mira);
  await mira.page.click('label:has([name="which"][value="all"])');
  await mira.click("decisionTalk");
  // Rook leaves it to Asha for half a minute, who is in.
  await mira.page.waitFor(at("messageRetold"), 2 * patience);
  expect(await mira.page.has(`text=${OWN}`)).toBe(true);
  expect(await read(mira, "messageRetold")).toContain(en.message.retold("", "").slice(0, 12));
  expect(await rook.page.has(at("messageRetold"))).toBe(false);
});
