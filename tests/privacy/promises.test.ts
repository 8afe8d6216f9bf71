import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openInvite } from "../../client/src/crypto/room-invite.ts";
import { base64url, fromBase64url } from "../../client/src/protocol/bytes.ts";
import { bytesBelow, changes, dump, type Change, type Dump } from "./database.ts";
import { formsOf, formsOfBytes, found, type Form } from "./forms.ts";
import { addresses, known, play, secrets, type Evidence } from "./scene.ts";

let evidence: Evidence;

beforeAll(async () => {
  evidence = await play();
}, 600_000);
afterAll(() => evidence?.end());

/** What stands of `forms` in what is to be searched: one line for each place. */
function findings(forms: readonly Form[], searched: Iterable<readonly [string, Buffer]>): string[] {
  return [...searched].flatMap(([place, bytes]) => found(forms, bytes).map((how) => `${place}: ${how}`));
}

/** Everything the server keeps or prints, by name. */
async function kept(): Promise<[string, Buffer][]> {
  return [...(await bytesBelow(evidence.server.dataDir))];
}

function traffic(): [string, Buffer][] {
  const { requests, responses, fromBrowser, toBrowser } = evidence.wire.heard();
  return [
    ...requests.map(({ line, headers, body }): [string, Buffer] => [line, Buffer.concat([Buffer.from(`${line}\n${[...headers].join("\n")}\n`, "latin1"), body])]),
    ...responses.map(({ line, body }, index): [string, Buffer] => [`answer ${index} (${line})`, body]),
    ...fromBrowser.map((frame, index): [string, Buffer] => [`frame ${index} from a browser`, frame]),
    ...toBrowser.map((frame, index): [string, Buffer] => [`frame ${index} to a browser`, frame]),
    ...evidence.wire.raw().map((bytes, index): [string, Buffer] => [`direction ${index} of a connection`, bytes]),
  ];
}

/** The traffic without what `ask` in scene.ts sends itself, which no browser typed. */
function browserTraffic(): [string, Buffer][] {
  return traffic().filter(([, bytes]) => !bytes.includes("Curious/1"));
}

const secretOf = (link: string): string => new URL(link).hash.split(".")[1] ?? "";

/** What invites show to the server: of one to the network its secret, of one to a room what is derived from it. */
async function shownSecrets(): Promise<string[]> {
  const { presented } = await openInvite(fromBase64url(secretOf(evidence.roomLink)));
  return [evidence.links.coordinator, ...evidence.links.members.slice(0, 2)].map(secretOf).concat(base64url(presented));
}

describe("whoever searches here can find", () => {
  test("what the server may know is found in traffic, database and Redis", async () => {
    const room = (await dump(evidence.server.dataDir)).rows["chat_room"]?.find((row) => row["title"] === known);
    expect(findings(formsOf(known), browserTraffic())).not.toEqual([]);
    expect(findings(formsOf(known), await kept())).not.toEqual([]);
    const id = Buffer.from(String(room?.["id"]).replaceAll("-", ""), "hex");
    const { fromBrowser, toBrowser } = evidence.wire.heard();
    expect(found(formsOfBytes(id), Buffer.concat(fromBrowser)), "inside the masked frames of browsers").not.toEqual([]);
    expect(found(formsOfBytes(id), Buffer.concat(toBrowser))).not.toEqual([]);
    expect(found(formsOfBytes(id), Buffer.concat(evidence.redis.raw())), "in what went through Redis").not.toEqual([]);
  });

  test("in the server's memory, each time, what it is asked just then and what is left of what it was sent is found", () => {
    expect(evidence.watch.looks).toHaveLength(7);
    for (const { when, remains } of evidence.watch.looks) expect(remains, when).toBeGreaterThan(0);
    expect(evidence.watch.foundOf(known), "what the server may know").not.toEqual([]);
  });

  test("every form of a text is found", () => {
    const [text] = [secrets["a message"]];
    for (const { how, bytes } of formsOf(text)) expect(found(formsOf(text), Buffer.concat([Buffer.from("…before"), bytes, Buffer.from("after…")])), how).not.toEqual([]);
    for (const lead of ["", "a", "ab"]) {
      const inside = Buffer.from(`${lead}${text} and more`);
      for (const encoding of ["base64", "base64url"] as const) expect(found(formsOf(text), Buffer.from(inside.toString(encoding))), encoding).not.toEqual([]);
    }
    expect(found(formsOf("123456"), Buffer.from("at 1712345678 o'clock"))).toEqual([]);
  });

  test("answers of the API and frames are not compressed, so that they can be searched", () => {
    const { requests, responses } = evidence.wire.heard();
    expect(responses.filter(({ headers }) => headers.get("content-type")?.startsWith("application/json") && headers.has("content-encoding"))).toEqual([]);
    expect(responses.filter(({ headers }) => headers.has("sec-websocket-extensions"))).toEqual([]);
    expect(requests.filter(({ headers }) => headers.get("upgrade") === "websocket").length).toBeGreaterThanOrEqual(3);
  });
});

describe("P1 no plaintext", () => {
  const words = Object.entries(secrets);

  test.each(words)("%s is nowhere in database, log or any other file of the server", async (_what, text) => {
    expect(findings(formsOf(text), await kept())).toEqual([]);
  });

  test.each(words)("%s never passes between browser and server", (_what, text) => {
    expect(findings(formsOf(text), browserTraffic())).toEqual([]);
  });

  test.each(words)("%s never goes through Redis", (_what, text) => {
    expect(found(formsOf(text), Buffer.concat(evidence.redis.raw()))).toEqual([]);
  });

  test.each(words)("%s is never in the server's memory", (what) => {
    expect(evidence.watch.foundOf(what)).toEqual([]);
  });

  test("an answer to a broken request does not repeat what was asked", () => {
    const { responses } = evidence.wire.heard();
    expect(responses.filter(({ line }) => / (400|401|404|422|429) /.test(line)).length).toBeGreaterThan(20);
    expect(findings(formsOf(secrets["a message"]), responses.map(({ line, body }, index) => [`answer ${index} (${line})`, body] as const))).toEqual([]);
  });
});

describe("P2 no sender", () => {
  test("no column of a stored entry leads to an account or a device", () => {
    const { schema } = evidence.turns[0];
    expect(schema["chat_entry"]?.references).toEqual([["room_id", "chat_room"]]);
    expect(schema["chat_entry"]?.columns.toSorted()).toEqual(
      ["accepted_at", "entry_id", "epoch", "frank", "hub_key", "id", "kind", "payload", "room_id", "seq", "tag"].toSorted(),
    );
  });

  test("no table refers to a stored entry", () => {
    const referring = Object.entries(evidence.turns[0].schema).filter(([, { references }]) => references.some(([, table]) => table === "chat_entry"));
    expect(referring).toEqual([]);
  });

  test("the id of an entry, its tag and its frank stand in one row of one table", () => {
    const all = evidence.held[2];
    const entries = all.rows["chat_entry"] ?? [];
    expect(entries.length).toBeGreaterThan(0);
    for (const column of ["entry_id", "tag", "frank"]) {
      const values = new Set(entries.map((row) => JSON.stringify(row[column])).filter((value) => value !== "null"));
      for (const [table, rows] of Object.entries(all.rows)) {
        if (table === "chat_entry") continue;
        const repeated = rows.filter((row) => Object.values(row).some((value) => values.has(JSON.stringify(value))));
        expect(repeated, `${column} in ${table}`).toEqual([]);
      }
    }
  });

  test("whoever of the two wrote, the same kinds of rows changed in the same way", () => {
    const [before, between, after] = evidence.held;
    // The server notes every two minutes how far the log is (chat/delivery/ages.py), whatever anybody does.
    const byPeople = (one: Dump, other: Dump): Change[] => changes(one, other).filter(({ table }) => table !== "chat_entrymark");
    expect(byPeople(before, between)).toContainEqual({ table: "chat_entry", what: "added", count: 1 });
    expect(byPeople(between, after)).toEqual(byPeople(before, between));
  });

  test("nor does it show from who has acknowledged what", () => {
    const [before, between, after] = evidence.turns;
    // When an entry that everyone has goes is a matter of time alone.
    const lasting = (from: Dump, to: Dump): Change[] => changes(from, to).filter(({ table }) => table !== "chat_entry");
    expect(lasting(before, between)).not.toEqual([]);
    expect(lasting(between, after)).toEqual(lasting(before, between));
  });

  test("no column says how far a device has come, and its own row stays as it is when it writes and reads", () => {
    const [before, between, after] = evidence.turns;
    expect(before.schema["chat_roomdevice"]?.columns.toSorted()).toEqual(
      ["device_id", "id", "joined_seq", "leaf", "removal_seq", "removed_at", "room_id"].toSorted(),
    );
    const places = (all: Dump): string => JSON.stringify(all.rows["chat_roomdevice"]);
    expect(places(between)).toBe(places(before));
    expect(places(after)).toBe(places(before));
  });
});

describe("P3 no address", () => {
  test("the server saw everyone's address and browser", () => {
    const { requests } = evidence.wire.heard();
    expect(requests.filter(({ headers }) => headers.get("user-agent")?.includes("Chrome")).length).toBeGreaterThan(0);
    expect(requests.filter(({ headers }) => headers.get("x-forwarded-for") === addresses.forwarded).length).toBeGreaterThan(20);
    expect(evidence.wire.heard().responses.filter(({ line }) => line.includes(" 429 ")).length, "rate limits counted them").toBeGreaterThan(0);
  });

  test.each([addresses.peer, addresses.forwarded, "Mozilla/", "Curious", "HeadlessChrome"])("%s is in no file of the server", async (text) => {
    expect(findings(formsOf(text), await kept())).toEqual([]);
  });

  test("no table holds any address at all, not even loopback", async () => {
    const texts = JSON.stringify((await dump(evidence.server.dataDir)).rows);
    expect(texts).not.toMatch(/\b(?:\d{1,3}\.){3}\d{1,3}\b/);
    expect(texts).not.toContain("::1");
  });

  test.each([addresses.peer, addresses.forwarded, "Mozilla/"])("%s never goes through Redis", (text) => {
    expect(found(formsOf(text), Buffer.concat(evidence.redis.raw()))).toEqual([]);
  });
});

describe("P4 secrets stay in the fragment", () => {
  test("an invite's secret goes over the wire only inside a body", async () => {
    const { requests } = evidence.wire.heard();
    for (const secret of await shownSecrets()) {
      const forms = [...formsOf(secret), ...formsOfBytes(Buffer.from(secret, "base64url"))];
      const heads = requests.map(({ line, headers }) => [line, Buffer.from(`${line}\n${[...headers].join("\n")}`, "latin1")] as const);
      expect(findings(forms, heads)).toEqual([]);
      const bodies = requests.filter(({ body }) => found(forms, body).length > 0);
      expect(bodies.length, "the search would find it").toBeGreaterThan(0);
    }
  });

  test("the database holds an invite's SHA-256 and not the invite", async () => {
    const files = (await kept()).filter(([path]) => /\.sqlite3|\.db/.test(path));
    for (const secret of await shownSecrets()) {
      const raw = Buffer.from(secret, "base64url");
      const plain = [{ how: "as text", bytes: Buffer.from(secret) }, ...formsOfBytes(raw)];
      expect(findings(plain, files)).toEqual([]);
      expect(findings(formsOfBytes(createHash("sha256").update(raw).digest()), files)).not.toEqual([]);
    }
  });

  test("the secret of an invite to a room never reaches the server, in whatever form", async () => {
    const secret = secretOf(evidence.roomLink);
    const forms = [...formsOf(secret), ...formsOfBytes(Buffer.from(secret, "base64url"))];
    expect(findings(forms, browserTraffic())).toEqual([]);
    expect(findings(forms, await kept())).toEqual([]);
  });

  test("no token is part of a URL", () => {
    const { requests } = evidence.wire.heard();
    const tokens = new Set(requests.flatMap(({ headers }) => /^Bearer ([\w-]{43})$/.exec(headers.get("authorization") ?? "")?.[1] ?? []));
    expect(tokens.size).toBe(3);
    for (const token of tokens) expect(requests.filter(({ line }) => line.includes(token))).toEqual([]);
  });
});

describe("P9 padded", () => {
  test("texts of different lengths have ciphertexts of one size", () => {
    const sizes = new Map<number, number>();
    for (const row of evidence.held[2].rows["chat_entry"] ?? []) {
      const payload = row["payload"];
      if (row["kind"] !== 0 || payload === null || typeof payload !== "object") continue;
      sizes.set(payload.hex.length / 2, (sizes.get(payload.hex.length / 2) ?? 0) + 1);
    }
    const count = [...sizes.values()].reduce((sum, one) => sum + one, 0);
    expect(count).toBeGreaterThan(8);
    // One size for each bucket of the protocol's section 6; what is said here fits into the first two or three.
    expect([...sizes.keys()].length, JSON.stringify([...sizes])).toBeLessThanOrEqual(3);
  });
});

describe("P10 no trace in the browser's open", () => {
  const ids = (): string[] => ["chat_account", "chat_room"].flatMap((table) => (evidence.held[2].rows[table] ?? []).map((row) => String(row["id"])));

  test("the stores hold something, and it is searched", () => {
    expect(evidence.stored.length).toBeGreaterThan(10_000);
  });

  test.each(Object.entries(secrets))("%s is not in the stores", (_what, text) => {
    expect(found(formsOf(text), Buffer.from(evidence.stored))).toEqual([]);
  });

  // Not promised: a link that was opened stands in the browser's own history, with the names that it carries in its fragment.
  const history = /\/(History|Favicons|Sessions|segmentation_platform)\b/;

  test.each(Object.entries(secrets))("%s is in no file of the closed browser", async (what, text) => {
    const files = [...(await bytesBelow(evidence.profile))].filter(([path]) => what !== "a private room's name" || !history.test(path));
    expect(files.length).toBeGreaterThan(50);
    expect(findings(formsOf(text), files)).toEqual([]);
  });

  test("no id of an account or a room is in the stores", () => {
    expect(ids().length).toBeGreaterThan(4);
    for (const id of ids()) {
      const raw = Buffer.from(id.replaceAll("-", ""), "hex");
      const dashed = raw.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      expect(found([...formsOfBytes(raw), { how: "with dashes", bytes: Buffer.from(dashed) }], Buffer.from(evidence.stored))).toEqual([]);
    }
  });
});

describe("P11 no third party", () => {
  test("nothing but Kindred's own server was ever asked", () => {
    const origins = new Set(evidence.asked.filter((url) => !/^(about|data|blob):/.test(url)).map((url) => new URL(url).origin));
    expect([...origins]).toEqual([evidence.wire.address]);
  });

  test("every page forbids all else", () => {
    const pages = evidence.wire.heard().responses.filter(({ headers }) => headers.get("content-type")?.startsWith("text/html"));
    expect(pages.length).toBeGreaterThan(0);
    for (const { headers } of pages) {
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/\*|https:|http:|unsafe-inline|'unsafe-eval'/);
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });
});
