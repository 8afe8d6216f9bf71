/** Cases on the fake server: everybody may open them, and its word for a message is a text. */
import type { Fields, ServerDevice, ServerRoom } from "./fake-model.ts";
import { Refused } from "./fake-model.ts";
import type { FakeServer } from "./fake-server.ts";

export interface ServerCase {
  id: string;
  room: string;
  opener: string;
  kept: readonly string[];
  body: Fields;
  attested: number;
}

export function caseRoute(server: FakeServer, path: string, body: Fields, device: ServerDevice): unknown {
  if (path === "/cases/staff") return { staff: staffOf(server, device.account) };
  if (path === "/cases" && body["id"]) return open(server, body, device);
  const [, id = "", action = ""] = /^\/cases\/([^/?]+)\/?(.*)$/.exec(path) ?? [];
  if (id === "") {
    const closed = path.endsWith("closed=true");
    return { cases: [...server.cases.values()].filter(({ kept }) => !kept.includes(device.account)).map((one) => shown(server, one, device)).filter(({ state }) => (state === "closed") === closed), more: false };
  }
  const found = server.cases.get(id);
  if (!found || found.kept.includes(device.account)) throw new Refused("not_found", {}, 404);
  switch (action) {
    case "attest": {
      const messages = body["messages"] as Fields[];
      if (found.body["state"] === "closed") throw new Refused("case_closed");
      const bad = messages.findIndex(({ seq }) => seq === server.unstamped);
      if (bad >= 0) throw new Refused("bad_frank", { index: bad });
      found.attested += messages.length;
      return { attestations: messages.map(({ sender, seq }) => `${String(sender)} ${String(seq)}`) };
    }
    case "withdraw":
      Object.assign(found.body, { state: "closed", outcome: "withdrawn", closed_at: server.now() });
  }
  return shown(server, found, device);
}

function open(server: FakeServer, { id, room, concern, urgency, kept_from: kept }: Fields, device: ServerDevice): unknown {
  const known = server.cases.get(String(id));
  if (known) return shown(server, known, device);
  if (server.refuseCases) throw new Refused(server.refuseCases);
  const made: ServerRoom = {
    id: String(room), kind: "case", title: null, epoch: 0, creator: device.account, log: [], purged: 0,
    groupInfo: null, places: new Map([[device.key, { from: 0, cursor: 0, leaf: 0 }]]), removing: new Set(), delivered: 0,
  };
  server.rooms.set(made.id, made);
  const found = { id: String(id), room: made.id, opener: device.account, kept: kept as string[], attested: 0, body: { concern, urgency, state: "unclaimed", opened_at: server.now() } };
  server.cases.set(found.id, found);
  return shown(server, found, device);
}

function shown(server: FakeServer, { id, room, opener, kept, body }: ServerCase, { account }: ServerDevice): Fields {
  return { id, room, ...body, mine: opener === account, opened_by: opener, staff: staffOf(server, opener).filter((one) => !kept.includes(one)), subjects: [] };
}

function staffOf(server: FakeServer, but: string): string[] {
  return [...server.accounts.values()].filter(({ account, role }) => role !== "member" && account !== but).map(({ account }) => account);
}
