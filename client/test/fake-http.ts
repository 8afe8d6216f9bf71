/** The HTTP side of the fake server. */
import { base64url, fromBase64url, hex, sha256 } from "../src/protocol/bytes.ts";
import { newUuid } from "../src/protocol/ids.ts";
import { caseRoute } from "./fake-cases.ts";
import { DOMAIN, type Fields, headOf, Refused, type ServerDevice, type ServerRoom } from "./fake-model.ts";
import type { FakeServer } from "./fake-server.ts";

const CONDUCT = { version: 1, cards: [{ title: "Be kind", text: "We are here for each other.", finding: "hurtful" }] };

export async function answerHttp(server: FakeServer, path: string, init: RequestInit): Promise<Response> {
  const [, blob] = /^\/rooms\/([^/]+\/blobs\/[^/]+)$/.exec(path) ?? [];
  if (blob !== undefined) return answerBlob(server, blob, init);
  const body = (init.body ? JSON.parse(init.body as string) : {}) as Fields;
  const bearer = (init.headers as Record<string, string>)["Authorization"]?.replace("Bearer ", "");
  const device = bearer ? await server.deviceByToken(fromBase64url(bearer)) : null;
  try {
    return json(200, await route(server, path, body, device));
  } catch (error) {
    if (error instanceof Refused) return json(error.status, { error: { code: error.code, message: "", ...error.detail } });
    throw error;
  }
}

/** Ciphertexts, which anybody may bring and fetch here. */
function answerBlob(server: FakeServer, blob: string, { body }: RequestInit): Response {
  if (body instanceof Uint8Array) {
    const refused = server.refuseBlobs;
    if (refused) return json(409, { error: { code: refused, message: "" } });
    server.brought.push(blob);
    server.blobs.set(blob, new Uint8Array(body));
    return json(200, {});
  }
  const found = server.blobs.get(blob);
  return found ? new Response(found) : json(404, { error: { code: "not_found", message: "" } });
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

async function route(server: FakeServer, path: string, body: Fields, device: ServerDevice | null): Promise<unknown> {
  if (path === "/server") return { domain: DOMAIN, version: "1", suite: 3, external_sender: base64url(server.key.publicKey), time: server.now(), limits: {} };
  if (path === "/invites/check") {
    const invite = await inviteOf(server, body["secret"]);
    return { network: server.network, role: invite.role, conduct: CONDUCT, expires_at: invite.expires };
  }
  if (path === "/join") return join(server, body);
  if (!device) throw new Refused("unauthenticated", {}, 401);
  if (path === "/me") return me(server, device);
  if (path === "/me/conduct") {
    const account = server.accounts.get(device.account);
    if (account) account.agreed = Number(body["version"]);
    return me(server, device);
  }
  if (path === "/me/key-packages") {
    device.packages.push(...(body["key_packages"] as string[]));
    if (body["last_resort"]) device.lastResort = body["last_resort"] as string;
    return { key_packages_left: device.packages.length };
  }
  if (path === "/accounts") return { accounts: (body["accounts"] as string[]).flatMap((account) => accountOf(server, device, account)) };
  if (path === "/invites") {
    const expires = Date.now() + Number(body["expires_in_ms"]);
    const invite = { id: newUuid(), role: String(body["role"]), uses: Number(body["uses"]), used: 0, revoked: false, expires, joined: new Set<string>() };
    server.invites.set(hex(fromBase64url(String(body["secret_hash"]))), invite);
    return { ...invite, joined: undefined, expires_at: expires, created_at: server.now() };
  }
  if (path === "/room-invites/check") {
    const invite = await roomInviteOf(server, body["secret"]);
    return { room: invite.room, members: server.room(invite.room).places.size, expires_at: Date.now() + 1e6 };
  }
  if (path === "/staff") return server.coordinator.roll(server);
  if (path === "/staff/certificates") return {};
  if (path === "/me/decisions") return { statements: [] };
  if (path === "/push") return { webpush: true, fcm: false, vapid_public_key: base64url(new Uint8Array(65)) };
  if (path === "/me/push") return { channel: "webpush", quiet: null, delay_ms: null, muted: [] };
  if (path.startsWith("/cases")) return caseRoute(server, path, body, device);
  return roomRoute(server, path, body, device);
}

async function roomRoute(server: FakeServer, path: string, body: Fields, device: ServerDevice): Promise<unknown> {
  if (path === "/rooms" && body["id"]) return createRoom(server, body, device);
  if (path === "/rooms") {
    const all = [...server.rooms.values()];
    const mine = all.filter(({ places, removing }) => places.has(device.key) && !removing.has(device.key));
    const open = all.filter((room) => room.kind === "open" && !mine.includes(room));
    return { rooms: mine.map((room) => roomOf(room, device)), open: open.map(({ id, title, places }) => ({ id, title, members: places.size })), elsewhere: [] };
  }
  const [, id = "", action] = /^\/rooms\/([^/]+)\/?(.*)$/.exec(path) ?? [];
  const room = server.room(id);
  const inside = room.places.has(device.key) && !room.removing.has(device.key);
  if (action === "group-info") {
    const invited = body["invite"] ? (await roomInviteOf(server, body["invite"])).room === id : false;
    if (!inside && !invited && room.kind !== "open") throw new Refused("not_found", {}, 404);
    if (!room.groupInfo) throw new Refused("room_not_ready");
    return { epoch: room.epoch, group_info: base64url(room.groupInfo), external_sender: base64url(server.key.publicKey), kind: room.kind, roster: [] };
  }
  if (!inside) throw new Refused("not_found", {}, 404);
  if (room.kind === "open" && (action === "mute" || action === "remove")) throw new Refused("by_decision", {}, 403);
  switch (action) {
    case "":
      return roomOf(room, device);
    case "title":
      room.title = String(body["title"]);
      return roomOf(room, device);
    case "claim":
      return { packages: (body["accounts"] as string[]).flatMap((account) => claim(server, room, account)), missing: [] };
    case "stewards":
    case "rules":
    case "mute":
      return changeRoles(server, room, action, body, device);
    case "remove":
      await server.remove(room, String(body["account"]));
      return {};
    case "leave":
      await server.remove(room, device.account);
      return {};
    case "invites":
      server.roomInvites.set(hex(fromBase64url(String(body["secret_hash"]))), { room: id, uses: Number(body["uses"]) });
      return { id: newUuid(), expires_at: Date.now() + 1e6 };
    default:
      throw new Refused("not_found", {}, 404);
  }
}

async function inviteOf(server: FakeServer, secret: unknown) {
  const invite = server.invites.get(hex(await sha256(fromBase64url(String(secret)))));
  if (!invite) throw new Refused("invite_unknown", {}, 404);
  if (invite.used >= invite.uses) throw new Refused("invite_used");
  return invite;
}

async function roomInviteOf(server: FakeServer, secret: unknown) {
  const invite = server.roomInvites.get(hex(await sha256(fromBase64url(String(secret)))));
  if (!invite) throw new Refused("invite_unknown", {}, 404);
  return invite;
}

async function join(server: FakeServer, body: Fields): Promise<unknown> {
  const { account, device, token_hash: tokenHash, identity_key: identityKey } = body as Record<string, string>;
  const key = `${String(account)}:${String(device)}`;
  const known = server.devices.get(key);
  if (known) return me(server, known);
  const invite = await inviteOf(server, body["secret"]);
  invite.used += 1;
  server.accounts.set(String(account), { account: String(account), identityKey: String(identityKey), role: invite.role, suspended: false, agreed: 1 });
  const made: ServerDevice = {
    key, account: String(account), device: String(device), tokenHash: hex(fromBase64url(String(tokenHash))),
    signatureKey: String(body["signature_key"]), certificate: String(body["certificate"]),
    packages: body["key_packages"] as string[], lastResort: String(body["last_resort"]), inbox: [],
  };
  server.devices.set(key, made);
  return me(server, made);
}

function me(server: FakeServer, { account, device, packages }: ServerDevice): unknown {
  const { role, suspended, agreed } = server.accounts.get(account) ?? { role: "member", suspended: false, agreed: 1 };
  return { account, device, role, suspended, network: server.network, conduct_version: agreed, conduct: CONDUCT, domain: DOMAIN, key_packages_left: packages.length, devices: 1 };
}

function roomOf(room: ServerRoom, device: ServerDevice): unknown {
  const { id, kind, title, epoch, places, creator } = room;
  const roster = [...places].map(([key, { leaf }]) => ({ account: key.slice(0, 36), device: key.slice(37), leaf }));
  return {
    id, kind, title, epoch, head: headOf(room), cursor: places.get(device.key)?.cursor ?? 0, roster, pending_removals: [...room.removing].map((key) => ({ account: key.slice(0, 36), device: key.slice(37) })),
    created_by_me: creator === device.account, members_may_add: rolesOf(room).everyone, stewards: rolesOf(room).stewards,
    muted: rolesOf(room).muted,
  };
}

/** Without asking who may: what clients make of a server that lets anyone is theirs to show. */
export function rolesOf(room: ServerRoom): NonNullable<ServerRoom["roles"]> {
  return (room.roles ??= { stewards: room.kind === "group" ? [room.creator] : [], everyone: true, muted: [] });
}

function changeRoles(server: FakeServer, room: ServerRoom, what: string, body: Fields, device: ServerDevice): unknown {
  const roles = rolesOf(room);
  const account = String(body["account"]);
  if (what === "rules") roles.everyone = body["members_may_add"] === true;
  else if (what === "stewards") roles.stewards = [...roles.stewards.filter((one) => one !== account), ...(body["steward"] === true ? [account] : [])];
  else {
    const { until } = body;
    roles.muted = [...roles.muted.filter((mute) => mute.account !== account), ...(typeof until === "number" ? [{ account, until }] : [])];
  }
  server.tell(room, "roles");
  return roomOf(room, device);
}

function createRoom(server: FakeServer, body: Fields, device: ServerDevice): unknown {
  const id = String(body["id"]);
  const known = server.rooms.get(id);
  if (known) return roomOf(known, device);
  const peer = body["peer"];
  const existing = [...server.rooms.values()].find((room) => room.kind === "direct" && typeof peer === "string"
    && [device.account, peer].every((account) => [...room.places.keys()].some((key) => key.startsWith(account))));
  if (existing) throw new Refused("direct_exists", { room: existing.id });
  const kind = String(body["kind"]);
  const room: ServerRoom = {
    id, kind, title: typeof body["title"] === "string" ? body["title"] : null, epoch: 0, creator: device.account, log: [], purged: 0,
    groupInfo: null, places: new Map(kind === "open" ? [] : [[device.key, { from: 0, cursor: 0, leaf: 0 }]]), removing: new Set(), delivered: 0,
  };
  server.rooms.set(id, room);
  return roomOf(room, device);
}

function claim(server: FakeServer, room: ServerRoom, account: string): unknown[] {
  const identityKey = server.accounts.get(account)?.identityKey;
  return [...server.devices.values()].filter((device) => device.account === account && !room.places.has(device.key)).map((device) => ({
    account, device: device.device, key_package: device.packages.shift() ?? device.lastResort, identity_key: identityKey, certificate: device.certificate,
  }));
}

function accountOf(server: FakeServer, asking: ServerDevice, account: string): unknown[] {
  const found = server.accounts.get(account);
  const shares = [...server.rooms.values()].some(({ places }) => places.has(asking.key) && [...places.keys()].some((key) => key.startsWith(account)));
  if (!found || !shares) return [];
  const devices = [...server.devices.values()].filter((device) => device.account === account)
    .map(({ device, signatureKey, certificate }) => ({ device, signature_key: signatureKey, certificate }));
  return [{ account, role: found.role, identity_key: found.identityKey, devices, shared_rooms: [] }];
}

