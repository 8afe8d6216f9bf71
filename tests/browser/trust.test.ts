import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { patience } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
let ann: App;
let bea: App;
let anns: Room;
let beas: Room;

/** Opens what this person's phone knows of the other, from a conversation that both are in. */
async function about(room: Room, name: string): Promise<void> {
  const { app } = room;
  await app.open(room.title);
  await room.details();
  await app.page.click(await app.holding("member", name));
  await app.page.waitFor(at("screenPerson"));
}

async function numberOf(app: App): Promise<string> {
  await app.click("personCompare");
  await app.page.waitFor(at("safetyQr"));
  return (await app.page.texts(at("safetyNumber"))).join(" ");
}

test("two people see the same number, and say that they have compared it", async () => {
  [ann, bea] = await Promise.all([world.member("Ann"), world.member("Bea")]);
  [anns, beas] = [await ann.joinOpenRoom("Welcome"), await bea.joinOpenRoom("Welcome")];
  await anns.send("hello");
  await beas.waitFor("hello");
  await beas.send("hello Ann");
  await anns.waitFor("hello Ann");
  await about(anns, "Bea");
  await about(beas, "Ann");
  const [left, right] = [await numberOf(ann), await numberOf(bea)];
  expect(left.match(/\d{5}/g)).toHaveLength(12);
  expect(left).toBe(right);
  await ann.click("safetySame");
  await ann.page.waitFor(at("safetyDone"));
  await ann.open("Welcome");
  await ann.page.waitFor(`text=${en.trust.room.people(en.room.people(2), 1)}`);
  await anns.details();
  await ann.page.waitFor(at("personVerified"));
});

test("or scan each other's code, which counts only when it was really scanned", async () => {
  const link = await bea.page.eval((selector) => document.querySelector<SVGElement>(selector)?.dataset["text"] ?? "", at("safetyQr"));
  const scan = async (): Promise<void> => {
    await ann.page.eval((fragment) => {
      location.hash = fragment;
    }, new URL(link).hash);
    await ann.page.waitFor(at("screenScanned"));
    await ann.page.waitFor(`text=${en.trust.scanned.ask("Bea")}`);
  };
  await scan();
  expect(await ann.page.eval(() => location.hash)).toBe("");
  await ann.click("scannedNo");
  await ann.page.waitFor(`text=${en.trust.scanned.noText}`);
  await ann.toChats();
  await scan();
  await ann.click("scannedYes");
  await ann.page.waitFor(at("screenPerson"));
  await ann.page.waitFor(at("personVerified"));
});

test("a room's check number is the same for everyone in it", async () => {
  const read = async (room: Room): Promise<string> => {
    await room.app.open(room.title);
    await room.details();
    await room.app.click("groupCheck");
    await room.app.page.waitFor(at("roomCheck"));
    return [...(await room.app.page.texts(at("roomCheckChanges"))), ...(await room.app.page.texts(at("roomCheck")))].join(" ");
  };
  const [left, right] = [await read(anns), await read(beas)];
  expect(left.match(/\d{5}/g)).toHaveLength(6);
  expect(left).toBe(right);
});

test("a changed key is told plainly, and what is written waits until the person has decided", async () => {
  await ann.reload();
  // From now on the server says that Bea has another identity key.
  await ann.page.eval(() => {
    const real = window.fetch;
    window.fetch = async (input, init) => {
      const response = await real(input, init);
      if (!String(input).endsWith("/accounts")) return response;
      const { accounts } = (await response.json()) as { accounts: { identity_key: string }[] };
      const another = (key: string): string => `${key.startsWith("A") ? "B" : "A"}${key.slice(1)}`;
      return Response.json({ accounts: accounts.map((one) => ({ ...one, identity_key: another(one.identity_key) })) });
    };
  });
  await ann.open("Welcome");
  await anns.details();
  await ann.click("back");
  await ann.page.waitFor(at("doubtBanner"));
  await ann.page.waitFor(`text=${en.trust.notes.keyChanged("Bea")}`);
  await ann.fill("composer", "only for who you are");
  await ann.click("send");
  await anns.waitForState("only for who you are", "waiting");
  await beas.app.open("Welcome");
  await beas.send("are you there");
  await anns.waitFor("are you there");
  expect((await beas.shown()).map(({ text }) => text)).not.toContain("only for who you are");
  await ann.click("doubtLook");
  await ann.page.waitFor(at("decideOld"));
  await ann.page.waitFor(`text=${en.trust.decide.nothing({ account: "", name: "Bea", why: "changed", about: "" })}`);
  await ann.click("decideOld");
  await ann.page.waitGone(at("doubtBanner"));
  await beas.waitFor("only for who you are");
  await anns.waitForState("only for who you are", "sent");
  await until(async () => (await ann.page.texts(at("roomDetails"))).join().includes(en.trust.room.people(en.room.people(2), 1)), patience, () => "Bea's mark does not come back");
});
