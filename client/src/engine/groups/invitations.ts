/** Invites to the network and to private groups. Secrets are made here; only their hashes leave. */
import { cleanName, LONGEST_NAME, LONGEST_ROOM_NAME } from "../../content/characters.ts";
import { invite as inviteBody, type InviteBody, invitePreview, invites as invitesBody, roomInvite, roomInvitePreview } from "../../protocol/api.ts";
import { type Bytes, randomBytes, sha256 } from "../../protocol/bytes.ts";
import { isSigned, openInvite, proveInvited, type ShownInvite, signTerms } from "../../crypto/room-invite.ts";
import { formatLink, HOUR_MS, type InviteLink, parseLink, type RoomInviteLink } from "../../protocol/links.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type Invite, type InvitePreview, type Role } from "../../contract/index.ts";
import type { Certifying, StaffRoll } from "../trust/index.ts";
import type { Profile, Room } from "../rooms/index.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Throws Failure when the fragment is no invite. */
export function readLink(fragment: string): InviteLink {
  const link = parseLink(fragment);
  if (!link) throw new Failure("invite_unknown");
  return link;
}

/** Asks the server what the invite is for. `http` has to be of an open profile for a room's invite. */
export async function preview(http: Http, link: InviteLink): Promise<InvitePreview> {
  const inviter = link.name !== null && link.kind === "network" ? cleanName(link.name, LONGEST_NAME) || null : null;
  if (link.kind === "room") {
    const { presented } = await openInvite(link.secret);
    const { expires_at: expiresAt } = await http.post("/room-invites/check", { secret: presented }, roomInvitePreview);
    const title = cleanName(link.name ?? "", LONGEST_ROOM_NAME);
    return { kind: "room", title, inviter, role: "member", conduct: null, expiresAt };
  }
  const { network, role, conduct, expires_at: expiresAt } = await http.post("/invites/check", { secret: link.secret }, invitePreview);
  return { kind: "network", title: network.title, inviter, role, conduct, expiresAt };
}

export class Invitations {
  constructor(
    private readonly http: Http, private readonly profile: Profile, private readonly origin: string, private readonly roll: StaffRoll,
    private readonly certifying: Certifying,
  ) {}

  /** A link to the network. */
  async create(role: Role, uses: number, days: number): Promise<string> {
    const secret = randomBytes(16);
    // Whoever is invited is to know from the link, and not by the server's word, whom to believe about staff.
    if (this.roll.first === null) await this.roll.refresh();
    const proof = role === "member" ? null : await this.certifying.invited(role, uses, Date.now() + days * DAY_MS);
    await this.http.post("/invites", { secret_hash: await sha256(secret), role, uses, expires_in_ms: days * DAY_MS }, inviteBody);
    return formatLink(this.origin, {
      kind: "network", secret, name: this.profile.value.name, inviter: this.#identity, first: this.roll.first, proof,
    });
  }

  /** A link to a private group, which carries the group's name. */
  async createForRoom({ id, record }: Room, uses: number, days: number): Promise<string> {
    const secret = randomBytes(16);
    const { presented, key } = await openInvite(secret);
    const body = { secret_hash: await sha256(presented), uses, expires_in_ms: days * DAY_MS };
    const { expires_at: expiresAt } = await this.http.post(`/rooms/${id}/invites`, body, roomInvite);
    const { account, identity } = this.profile.value;
    // The server's clock may be the better one; it does not get to make the invite last.
    const expires = HOUR_MS * Math.ceil(Math.min(expiresAt, Date.now() + (days + 1) * DAY_MS) / HOUR_MS);
    const terms = await signTerms(identity, key.publicKey, { room: id, by: account, uses, expires });
    return formatLink(this.origin, { kind: "room", secret, name: record.title, inviter: this.#identity, uses, expires, terms });
  }

  /** What to show of the invite: to the server, and to the group once this device is in it. The server says which room it is for, and the inviter has signed that. */
  async use({ secret, inviter, uses, expires, terms }: RoomInviteLink): Promise<{ room: string; presented: Bytes; shown: ShownInvite }> {
    const { presented, key } = await openInvite(secret);
    const { room } = await this.http.post("/room-invites/check", { secret: presented }, roomInvitePreview);
    const by = inviter.account;
    if (!(await isSigned(terms, inviter.identityKey, key.publicKey, { room, by, uses, expires }))) throw new Failure("invite_unknown");
    return { room, presented, shown: { by, key: key.publicKey, uses, expires, terms, proof: await proveInvited(key, room, this.#identity) } };
  }

  async list(): Promise<Invite[]> {
    return (await this.http.get("/invites", invitesBody)).invites.map(asInvite);
  }

  async revoke(id: string): Promise<void> {
    await this.http.post(`/invites/${encodeURIComponent(id)}/revoke`, {}, inviteBody);
  }

  get #identity() {
    const { account, identity } = this.profile.value;
    return { account, identityKey: identity.publicKey };
  }
}

function asInvite({ id, role, uses, used, revoked, expires_at: expiresAt, created_at: createdAt }: InviteBody): Invite {
  return { id, role, uses, used, expiresAt, revoked, createdAt };
}
