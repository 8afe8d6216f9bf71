/** Bodies of the HTTP API (docs/protocol.md, section 3), as this client reads them. */
import type { Bytes } from "./bytes.ts";
import { base64, count, flag, list, nullable, object, oneOf, type Reader, text, uuid } from "./shape.ts";

const role = oneOf("member", "moderator", "coordinator");
const kind = oneOf("open", "group", "direct", "self", "case", "staff", "notes");
const network = object({ id: text, title: text });
const cards = list(object({ title: text, text, finding: nullable(text) }));
const conduct = object({ version: count, cards });
const deviceName = object({ account: uuid, device: text });

export const server = object({ domain: text, external_sender: base64, time: count });
export type ServerInfo = ReturnType<typeof server>;

export const invitePreview = object({ network, role, conduct, expires_at: count });

const contact = object({ name: text, way: text, to: text, line: text });
export type ContactBody = ReturnType<typeof contact>;
export const contacts = object({ contacts: list(contact) });

const ownNetwork = object({ id: text, title: text, languages: nullable(list(text)), contacts: nullable(list(contact)) });

export const me = object({
  account: uuid, device: text, role, suspended: flag, network: ownNetwork, conduct_version: count, conduct, domain: text,
  key_packages_left: count, devices: count,
});
export type MeBody = ReturnType<typeof me>;

/** `saved_on` is a day, as 2026-11-24. */
export const backupState = object({ backup: nullable(object({ locator_hash: base64, size: count, saved_on: text })) });

export const keyPackagesLeft = object({ key_packages_left: count });

export const room = object({
  id: uuid, kind, title: nullable(text), epoch: count, head: count, cursor: count,
  roster: list(deviceName), pending_removals: list(deviceName), created_by_me: flag,
  members_may_add: flag, stewards: list(uuid), muted: list(object({ account: uuid, until: count })),
});
export type RoomBody = ReturnType<typeof room>;

const elsewhere = object({ id: uuid, kind, title: nullable(text) });
export const rooms = object({
  rooms: list(room), open: list(object({ id: uuid, title: text, members: count })), elsewhere: list(elsewhere),
});
export type ElsewhereBody = ReturnType<typeof elsewhere>;
export type OpenRoomBody = ReturnType<typeof rooms>["open"][number];

export const groupInfo = object({
  epoch: count, group_info: base64, external_sender: base64, kind, roster: list(deviceName),
});
export type GroupInfoBody = ReturnType<typeof groupInfo>;

export const claim = object({
  packages: list(object({
    account: uuid, device: text, key_package: base64, identity_key: base64, certificate: base64,
  })),
  missing: list(deviceName),
});
export type ClaimedPackage = ReturnType<typeof claim>["packages"][number];

const account = object({
  account: uuid, role, identity_key: base64,
  devices: list(object({ device: text, signature_key: base64, certificate: base64 })),
});
export const accounts = object({ accounts: list(account) });
export type AccountBody = ReturnType<typeof account>;

export const ownDevices = object({
  devices: list(object({ device: text, current: flag, created_on: text, last_seen_on: nullable(text) })),
});
export const linkOffer = object({ offer: base64 });
export const linkTaken = object({ parts: nullable(count), sealed: nullable(base64) });

export const invite = object({
  id: text, role, uses: count, used: count, expires_at: count, revoked: flag, created_at: count,
});
export type InviteBody = ReturnType<typeof invite>;
export const invites = object({ invites: list(invite) });
export const inviteTree = object({
  people: list(object({ account: uuid, invited_by: nullable(uuid), joined_on: text, suspended: flag, role })),
});
export const revokedBranch = object({ suspended: count, invites_revoked: count, waits: nullable(uuid) });
export const roomInvite = object({ id: text, expires_at: count });
export const roomInvitePreview = object({ room: uuid, members: count, expires_at: count });

export const nothing: Reader<null> = () => null;

/** `POST /join`. Key packages are MLS KeyPackage structures without the MLSMessage header. */
export interface JoinRequest {
  secret: Bytes;
  account: string;
  identity_key: Bytes;
  device: string;
  signature_key: Bytes;
  certificate: Bytes;
  token_hash: Bytes;
  conduct_version: number;
  key_packages: Bytes[];
  last_resort: Bytes;
  /** By an invite to look after the network (docs/protocol.md, section 2.3). */
  staff_proof?: Bytes;
}
