import { Failure, type FailureCode, type Invite, type InvitePreview, type Role } from "../../contract/index.ts";
import { cards } from "./fake-data.ts";

/** Made-up invites: one of each kind. A link's fragment says by its words what is wrong with it. */
export class FakeInvites {
  readonly #now = Date.now();
  #invites: Invite[];

  constructor(empty: boolean, private readonly ask: () => Promise<void>) {
    const now = this.#now;
    const day = 86_400_000;
    const invite = (id: string, more: Partial<Invite>): Invite => ({ id, role: "member", uses: 1, used: 0, expiresAt: now + 6 * day, revoked: false, createdAt: now - day, ...more });
    this.#invites = empty ? [] : [invite("1", {}), invite("2", { uses: 20, used: 7 }), invite("3", { role: "moderator", expiresAt: now + day }), invite("4", { used: 1 }), invite("5", { revoked: true }), invite("6", { expiresAt: now - day })];
  }

  async preview(fragment: string): Promise<InvitePreview> {
    await this.ask();
    const codes: Record<string, FailureCode> = { used: "invite_used", expired: "invite_expired", revoked: "invite_revoked", unknown: "invite_unknown" };
    const wrong = Object.entries(codes).find(([word]) => fragment.includes(word));
    if (wrong) throw new Failure(wrong[1]);
    const room = fragment.startsWith("#r.");
    return { kind: room ? "room" : "network", title: room ? "Tuesday circle" : "Harbour Network", inviter: fragment.includes("nobody") ? null : "Asha", role: fragment.includes("staff") ? "moderator" : "member", conduct: room ? null : { version: 2, cards }, expiresAt: this.#now + 6 * 86_400_000 };
  }

  async toRoom(): Promise<string> {
    await this.ask();
    return `${location.origin}/#r.AAECAwQFBgcICQoLDA0ODw.g6FyxBAAAQIDBAUGBwgJCgsMDQ4PoW6uVHVlc2RheSBjaXJjbGWhZKpsb2NhbGhvc3Q`;
  }

  async create(options: { role: Role; uses: number; days: number }): Promise<string> {
    await this.ask();
    this.#invites = [{ id: String(this.#invites.length + 1), role: options.role, uses: options.uses, used: 0, expiresAt: Date.now() + options.days * 86_400_000, revoked: false, createdAt: Date.now() }, ...this.#invites];
    return `${location.origin}/#i.AAECAwQFBgcICQoLDA0ODw.g6FupEFzaGGhYcQQAAECAwQFBgcICQoLDA0OD6FrxCAAAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw`;
  }

  async all(): Promise<Invite[]> {
    await this.ask();
    return this.#invites;
  }

  async revoke(id: string): Promise<void> {
    await this.ask();
    this.#invites = this.#invites.map((one) => (one.id === id ? { ...one, revoked: true } : one));
  }
}
