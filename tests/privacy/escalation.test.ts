import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import { bytesBelow, dump } from "./database.ts";
import { type Evidence, known, play, secrets } from "./escalation_scene.ts";
import { type Form, formsOf, formsOfBytes, found } from "./forms.ts";

let evidence: Evidence;
/** What somebody sends who asks wrongly, with all that must not be repeated to them or kept. */
const asked = "Curious ti86 words in a question";
/** What a moderator may hand on in a file: what was shown as it was sent, with its writer's pseudonym inside, and nothing else. */
const inEvidence: readonly string[] = ["a message that is shown", "the name of whom it is about"];

beforeAll(async () => {
  evidence = await play();
}, 600_000);
afterAll(() => evidence?.end());

/** Where any of `forms` stands in what the server keeps and prints, hears and says, passes through Redis and pushes. */
async function findings(forms: readonly Form[]): Promise<Record<"kept" | "wire" | "redis" | "pushed" | "stored", string[]>> {
  const { world, wire, redis, pushes, push, stored } = evidence;
  const { requests, responses, fromBrowser, toBrowser } = wire.heard();
  const heads = requests.map(({ line, headers, body }) => Buffer.concat([Buffer.from(`${line}\n${[...headers].join("\n")}\n`, "latin1"), body]));
  const said = responses.flatMap(({ line, body }) => [Buffer.from(line, "latin1"), body]);
  const named = (place: string, bytes: Buffer): string[] => found(forms, bytes).map((how) => `${place}: ${how}`);
  return {
    kept: [...(await bytesBelow(world.server.dataDir))].flatMap(([path, bytes]) => named(path, bytes)),
    wire: found(forms, Buffer.concat([...heads, ...said, ...fromBrowser, ...toBrowser, ...wire.raw()])),
    redis: found(forms, Buffer.concat(redis.raw())),
    pushed: found(forms, Buffer.concat([...pushes.raw(), Buffer.from((await push.received()).join("\n"))])),
    stored: [...stored].flatMap(([who, text]) => named(who, Buffer.from(text))),
  };
}

const nowhere = { kept: [], wire: [], redis: [], pushed: [], stored: [] };

describe("whoever searches here can find", () => {
  test("what the server may know, wherever it is searched for", async () => {
    const { kept, wire } = await findings(formsOf(known));
    expect([kept.length > 0, wire.length > 0]).toEqual([true, true]);
    const { rows } = await dump(evidence.world.server.dataDir);
    const room = rows["chat_room"]?.find(({ title }) => title === known)?.["id"];
    expect((await findings(formsOfBytes(Buffer.from(String(room).replaceAll("-", ""), "hex")))).redis).not.toEqual([]);
    // Codes and hashes of what was done are there: the case, its decision, its hand-over, its evidence.
    for (const table of ["moderation_case", "moderation_decision", "moderation_referral", "moderation_casesubject"]) expect(rows[table], table).toHaveLength(1);
    const actions = (rows["moderation_auditentry"] ?? []).map(({ action }) => action);
    for (const action of ["case_opened", "messages_attested", "decision_made", "referral_consented", "referral_agreed", "evidence_exported"]) expect(actions).toContain(action);
    for (const text of evidence.stored.values()) expect(text.length).toBeGreaterThan(10_000);
  });

  test("in the server's memory, each time, what it is asked just then and what is left of what it was sent", () => {
    expect(evidence.watch.looks.length).toBeGreaterThan(10);
    for (const { when, remains } of evidence.watch.looks) expect(remains, when).toBeGreaterThan(0);
    expect(evidence.watch.foundOf(known), "what the server may know").not.toEqual([]);
  });

  test("moderators who were away were called, by a push that says nothing", async () => {
    expect(new Set(await evidence.push.received())).toEqual(new Set(["sync"]));
    expect((await findings([{ how: "the path", bytes: Buffer.from("POST /push/") }])).pushed, "what was sent is searched").not.toEqual([]);
  });
});

describe("P1 no plaintext, while somebody asks moderators", () => {
  test.each(Object.entries(secrets))("%s is nowhere outside devices, and locked on them", async (what, text) => {
    expect(await findings(formsOf(text))).toEqual(nowhere);
    expect(evidence.watch.foundOf(what), "in the server's memory").toEqual([]);
  });

  test("an answer to a broken request does not repeat what was asked, and nothing keeps it", async () => {
    const { world, wire } = evidence;
    const token = wire.heard().requests.map(({ headers }) => headers.get("authorization")).find((one) => one !== undefined) ?? "";
    const answers: string[] = [];
    const id = "0b5d0c9e-0000-4000-8000-000000000000";
    // Straight to the server: what is recorded is what browsers said.
    const origin = `http://127.0.0.1:${world.server.port}`;
    for (const path of ["/cases", `/cases/${id}/attest`, `/cases/${id}/notes`, `/cases/${id}/referrals`, "/decisions", `/decisions/${id}/talk`, `/cases/${id}/exports`, "/transparency"]) {
      for (const body of [JSON.stringify({ wish: asked }), JSON.stringify({ [asked]: 1 }), JSON.stringify({ concern: asked, urgency: asked, id: asked }), asked, "{"]) {
        for (const headers of [{}, { authorization: token }]) {
          const answer = await fetch(`${origin}/api/v1${path}?${encodeURIComponent(asked)}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
          expect(answer.ok).toBe(false);
          answers.push(await answer.text());
        }
      }
    }
    for (const path of [`/transparency/${encodeURIComponent(asked)}`, `/readyz?${encodeURIComponent(asked)}`]) answers.push(await (await fetch(origin + path)).text());
    expect(answers.length).toBeGreaterThan(80);
    expect(found(formsOf(asked), Buffer.from(answers.join("\n")))).toEqual([]);
    expect((await findings(formsOf(asked))).kept).toEqual([]);
  });
});

describe("P26 asked without a name", () => {
  test("no moderator's screen shows one, and no file that they make", () => {
    expect(evidence.consoles).toContain(en.helping.asker);
    for (const what of ["the name of whoever asked", "a message of their own that is not"] as const) expect(evidence.consoles).not.toContain(secrets[what]);
    for (const [what, text] of Object.entries(secrets)) {
      if (inEvidence.includes(what)) expect(found(formsOf(text), evidence.zip), what).not.toEqual([]);
      else expect(found(formsOf(text), evidence.zip), what).toEqual([]);
    }
  });
});
