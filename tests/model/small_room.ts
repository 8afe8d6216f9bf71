/** What a small device does in a room: comes in, lets others in, renews its keys, gives way, talks and goes. */
import { pad } from "../../client/src/crypto/application-data.ts";
import { OrphanWelcome } from "../../client/src/crypto/mls.ts";
import { openInvite, proveInvited, signTerms } from "../../client/src/crypto/room-invite.ts";
import type { MlsTransaction } from "../../client/src/crypto/transaction.ts";
import { claim, type ClaimedPackage, groupInfo as groupInfoBody, type GroupInfoBody, nothing, room as roomBody, type RoomBody, roomInvite } from "../../client/src/protocol/api.ts";
import { type Bytes, hex, randomBytes, sha256 } from "../../client/src/protocol/bytes.ts";
import { isRefusal, Refusal } from "../../client/src/protocol/errors.ts";
import type { InboxItem } from "../../client/src/protocol/frames.ts";
import { deviceKey } from "../../client/src/protocol/ids.ts";
import { HOUR_MS, type RoomInviteLink } from "../../client/src/protocol/links.ts";
import { write } from "../../client/src/content/writing.ts";
import { Backoff, sleep } from "../../client/src/transport/backoff.ts";
import { commit, type Committed, INSIST_MS } from "./committing.ts";
import { RoomLog } from "./room_log.ts";

/** How often each refusal is worth another try, when many commit at the same time. */
const TRIES: Record<string, number> = { stale_epoch: 60, pending_removal: 20, epoch_too_old: 20, rate_limited: 8, unavailable: 8 };
/** Before a removal is committed, times the own rank among the members, at most five: shorter than people's devices wait. */
const TURN_MS = 40;

type Said = Parameters<typeof write>[0];
/** A message before it is encrypted, and after. */
export type Letter = { id: string; content: Bytes; tag: Bytes };
export type Sealed = { id: string; tag: Bytes; payload: Bytes; epoch: number };

export class SmallRoom extends RoomLog {
  /** How often the group had to be joined again because its state was behind for good. */
  mended = 0;
  /** False when this device commits removals only when told to. */
  attentive = true;
  #attending = false;

  /** Makes a group that the server does not know yet, alone in it. */
  async found(): Promise<void> {
    await this.device.http.post("/rooms", { id: this.id, kind: "group" }, roomBody);
    await this.#make();
  }

  /** Joins by external commit, also again; makes the group of an open room that nobody is in. */
  enter(invite: Bytes | null = null): Promise<Committed> {
    return this.#persist(async () => {
      let info: GroupInfoBody;
      try {
        info = await this.device.http.post(`/rooms/${this.id}/group-info`, invite ? { invite } : {}, groupInfoBody);
      } catch (error) {
        if (!isRefusal(error, "room_not_ready")) throw error;
        return this.#make();
      }
      return this.#come(info.epoch, async (tx) => void (await tx.joinExternal(info.group_info)), invite);
    });
  }

  async welcomed({ commitSeq, welcome }: InboxItem, head: number): Promise<void> {
    if (this.inside && commitSeq <= this.cursor) return;
    try {
      await this.lock.run(async () => {
        const began = performance.now();
        const state = await this.device.mls.transaction(async (tx) => {
          await tx.wipe(this.id);
          await tx.joinWelcome(welcome);
          return this.look(tx);
        });
        this.workMs += performance.now() - began;
        this.begin(state, commitSeq);
      });
      this.reaches(head);
    } catch (error) {
      if (!(error instanceof OrphanWelcome)) throw error;
      await this.enter();
    }
  }

  /** Adds every device of these accounts. */
  async admit(accounts: readonly string[]): Promise<Committed | null> {
    return this.add(await this.claim(accounts));
  }

  async claim(accounts: readonly string[]): Promise<ClaimedPackage[]> {
    return (await this.device.http.post(`/rooms/${this.id}/claim`, { accounts }, claim)).packages;
  }

  add(packages: readonly ClaimedPackage[]): Promise<Committed | null> {
    return this.change(async (tx) => {
      const there = new Set((await this.look(tx)).members);
      const missing = packages.filter((name) => !there.has(deviceKey(name)));
      if (missing.length > 0) await tx.add(this.id, missing.map(({ key_package: keyPackage }) => keyPackage));
    });
  }

  renew(): Promise<Committed | null> {
    return this.change((tx) => tx.update(this.id));
  }

  commitRemovals(): Promise<Committed | null> {
    return this.change(async (tx) => {
      if (this.pending) await tx.commitPending(this.id);
    });
  }

  /** Goes, having read everything, and keeps the keys as somebody might who wants to read on. */
  async leave(): Promise<void> {
    await this.refresh();
    await this.device.http.post(`/rooms/${this.id}/leave`, {}, nothing);
    this.shutOut();
  }

  /** Takes somebody else out; a steward's. */
  async remove(account: string): Promise<void> {
    await this.device.http.post(`/rooms/${this.id}/remove`, { account }, nothing);
  }

  /** Returns the message's place in the log. */
  say(text: string): Promise<number> {
    return this.#tell({ type: "text", text, inReplyTo: null });
  }

  async #tell(meaning: Said): Promise<number> {
    const letter = await this.#letter(meaning);
    return this.#persist(async () => this.send(await this.#encryptWhenNothingWaits(letter)));
  }

  written(text: string): Promise<Letter> {
    return this.#letter({ type: "text", text, inReplyTo: null });
  }

  async #letter(meaning: Said): Promise<Letter> {
    const author = { account: this.device.account, name: "Small", domain: this.device.domain };
    const { content, tag } = await write(meaning, author, this.id);
    return { id: hex(randomBytes(16)), content, tag };
  }

  encrypt({ content, ...rest }: Letter): Promise<Sealed> {
    return this.device.mls.transaction(async (tx) => ({
      ...rest, payload: await tx.encrypt(this.id, pad(content)), epoch: await tx.epoch(this.id),
    }));
  }

  /** Nothing can be encrypted before a removal that waits is committed, and one may arrive at any moment but while the lock is held. */
  async #encryptWhenNothingWaits(letter: Letter): Promise<Sealed> {
    for (;;) {
      if (this.pending) await this.commitRemovals();
      const sealed = await this.lock.run(() => (this.pending ? Promise.resolve(null) : this.encrypt(letter)));
      if (sealed) return sealed;
    }
  }

  /** One try. Throws Refusal. */
  async send({ id, epoch, payload, tag }: Sealed): Promise<number> {
    const { seq } = await this.device.link.insist({ t: "send", id, room: this.id, epoch, payload, tag }, INSIST_MS);
    this.log?.set(seq, { kind: 0, epoch, payload });
    this.ownAt(seq);
    return seq;
  }

  /** A room invite for so many. */
  async invite(uses: number): Promise<RoomInviteLink> {
    const secret = randomBytes(16);
    const { presented, key } = await openInvite(secret);
    const body = { secret_hash: await sha256(presented), uses, expires_in_ms: 3_600_000 };
    await this.device.http.post(`/rooms/${this.id}/invites`, body, roomInvite);
    const expires = HOUR_MS * Math.ceil(Date.now() / HOUR_MS + 1);
    const { account, identity } = this.device;
    const terms = await signTerms(identity, key.publicKey, { room: this.id, by: account, uses, expires });
    return { kind: "room", secret, name: "Circle", inviter: { account, identityKey: identity.publicKey }, uses, expires, terms };
  }

  /** Comes in by the invite, and shows it to the members. */
  async enterBy({ secret, inviter, uses, expires, terms }: RoomInviteLink): Promise<void> {
    const { presented, key } = await openInvite(secret);
    await this.enter(presented);
    const { account, identity } = this.device;
    const proof = await proveInvited(key, this.id, { account, identityKey: identity.publicKey });
    await this.#tell({ type: "invited", invite: { by: inviter.account, key: key.publicKey, uses, expires, terms, proof } });
  }

  asTheServerHasIt(): Promise<RoomBody> {
    return this.device.http.get(`/rooms/${this.id}`, roomBody);
  }

  /** Which of these a device can still read, tried in order with the keys it has; its own state stays as it is. */
  async pry(payloads: readonly Bytes[]): Promise<number[]> {
    const readable: number[] = [];
    const done = new Error("as if it had not been");
    await this.device.mls.transaction(async (tx) => {
      for (const [index, payload] of payloads.entries()) {
        if (!(await tx.exists(this.id))) break;
        if ((await tx.decrypt(this.id, payload)).type === "application") readable.push(index);
      }
      throw done;
    }).catch((error: unknown) => {
      if (error !== done) throw error;
    });
    return readable;
  }

  async change(make: (tx: MlsTransaction) => Promise<void>): Promise<Committed | null> {
    await this.drain();
    return this.#persist(() => this.lock.run(async () => {
      const { committed, state } = await commit(this.device, this.id, { epoch: null, invite: null, make });
      if (committed) this.committed(state, committed.seq);
      return committed;
    }));
  }

  protected caughtUp(): void {
    if (this.broken) {
      this.mended += 1;
      this.device.spawn(this.enter());
    } else if (this.pending && this.attentive) {
      this.device.spawn(this.#attend());
    }
  }

  #make(): Promise<Committed> {
    return this.#come(0, async (tx) => {
      await tx.create(this.id, this.device.externalSender);
      await tx.update(this.id);
    }, null);
  }

  #come(epoch: number, make: (tx: MlsTransaction) => Promise<void>, invite: Bytes | null): Promise<Committed> {
    return this.lock.run(async () => {
      const { committed, state } = await commit(this.device, this.id, {
        epoch, invite,
        make: async (tx) => {
          await tx.wipe(this.id);
          await make(tx);
        },
      });
      if (!committed) throw new Error("a coming without a commit");
      if (this.inside) this.committed(state, committed.seq);
      else this.begin(state, committed.seq);
      return committed;
    });
  }

  /** Tries until it is done or hopeless; what was missed is processed before each further try. */
  async #persist<T>(attempt: () => Promise<T>): Promise<T> {
    const backoff = new Backoff(20, 500);
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Refusal) || tries >= (TRIES[error.code] ?? 1)) throw error;
        await sleep(error.detail.retryAfterMs ?? backoff.next());
        if (this.inside) await this.refresh();
      }
    }
  }

  /** Commits a removal, unless somebody else does so within a random time. */
  async #attend(): Promise<void> {
    if (this.#attending) return;
    this.#attending = true;
    try {
      const rank = Math.max(0, this.members.indexOf(deviceKey(this.device.name)));
      await sleep(Math.random() * Math.min(rank, 5) * TURN_MS);
      if (this.inside && this.pending) await this.commitRemovals();
    } catch (error) {
      // Put out meanwhile. Were it wrong, this device would be missing where the model has it.
      if (!isRefusal(error, "not_in_room")) throw error;
      this.shutOut();
    } finally {
      this.#attending = false;
    }
  }
}
