import type { Proposal } from "ts-mls";
import { encodeContent, frankingTag, invited, messageId, newSalt, pad, profile, reaction, render, roomName, text, unspecified, type Content } from "./content.ts";
import { fromBase64url, roomUri, toHex, userUri, uuidBytes, type Bytes, type Client } from "./encodings.ts";
import { Refused, type Http } from "./http.ts";
import { readKeyPackage } from "./key_packages.ts";
import { idOf, readLine, textOf, type Line } from "./lines.ts";
import { Log, type Arrived } from "./log.ts";
import { Group, type Keys, type Prepared, type Trust } from "./mls.ts";
import type { People } from "./people.ts";
import { newId, type Accepted, type Socket } from "./socket.ts";

/** What a room needs of the device it is on. */
export interface Surroundings {
  me: Client;
  http: Http;
  people: People;
  trust: Trust;
  externalSender: Bytes;
  socket(): Socket;
  newKeys(): Promise<Keys>;
  /** Is told of each key package that was handed out to add somebody. */
  claimed(keyPackage: Bytes): void;
}

/** One room on one device: its log in order, its MLS group, and what is said in it. */
export class Room extends Log {
  group: Group | null = null;
  /** How this person is called here. */
  name = "";
  readonly lines: Line[] = [];
  /** Set while this device's group is not the one that the room goes on with. */
  private healing: Promise<void> | null = null;
  private readonly ownCommits = new Map<string, Prepared>();
  private readonly ownLines = new Map<string, Omit<Line, "seq">>();
  constructor(
    readonly id: string,
    private readonly around: Surroundings,
  ) {
    super(uuidBytes(id), around.socket);
  }

  get uri(): string {
    return roomUri(this.around.me.domain, this.id);
  }

  /** The texts of what was said so far, edits and deletions not counted in. */
  get texts(): string[] {
    return this.lines.flatMap((line) => textOf(line) ?? []);
  }

  /** The server's proposals that no commit has carried out yet. */
  get pendingProposals(): number {
    return this.inside.pendingProposals;
  }

  get accounts(): string[] {
    return [...new Set(this.members().map(({ account }) => account))].sort();
  }

  members(): Client[] {
    return this.inside.seats();
  }

  /** Begins a room that was made at the server: an Add of the first members, or an empty commit. */
  async found(accounts: readonly string[]): Promise<void> {
    this.group = await Group.create(this.raw, await this.around.newKeys(), this.around.externalSender, "kindred", this.around.trust);
    await this.commit(await this.adds(accounts));
  }

  /** Joins by a Welcome; what this device may read begins after its commit. */
  async welcome(welcome: Bytes, keys: Keys, commitSeq: number): Promise<void> {
    this.group = await Group.byWelcome(welcome, keys, this.around.externalSender, this.around.trust);
    this.begin(commitSeq);
  }

  /** Joins by external commit, or again when this device's state is of no use any more. */
  async enter(invite: string | null = null): Promise<void> {
    const { http, me } = this.around;
    const answer = await http.groupInfo(this.id, invite ?? undefined);
    if (this.group !== null && answer.epoch < this.group.epoch) throw new Error("A group never goes back");
    const again = answer.roster.some(({ account, device, leaf }) => account === me.account && device === me.device && leaf !== undefined);
    // Whoever is not in the room yet may not see who is: the certificates come after the commit.
    const prepared = await Group.byExternalCommit(fromBase64url(answer.group_info), await this.around.newKeys(), again, async () => true);
    const accepted = await this.around.socket().commit(this.raw, prepared.epoch, prepared.commit, prepared.groupInfo, null, invite === null ? null : fromBase64url(invite));
    this.group = new Group(prepared.next, this.around.externalSender).trusting(this.around.trust);
    this.begin(accepted.seq);
    for (const seat of this.group.seats()) {
      if (!(await this.around.trust(seat, seat.signatureKey))) throw new Error(`The room has an uncertified device: ${seat.account}:${seat.device}`);
    }
  }

  async say(words: string): Promise<Line> {
    return this.send({ disposition: render, part: text(words) });
  }

  async sayName(): Promise<Line> {
    return this.send({ disposition: unspecified, part: profile(this.name) });
  }

  async showInvite(invite: Parameters<typeof invited>[0]): Promise<Line> {
    return this.send({ disposition: unspecified, part: invited(invite) });
  }

  /** What a private room is called; its maker says so first. */
  async sayRoomName(name: string): Promise<Line> {
    return this.send({ disposition: unspecified, part: roomName(name) });
  }

  async answer(to: Line, words: string): Promise<Line> {
    return this.send({ disposition: render, part: text(words), inReplyTo: idOf(to) });
  }

  async edit(line: Line, words: string): Promise<Line> {
    return this.send({ disposition: render, part: text(words), replaces: idOf(line) });
  }

  async react(to: Line, emoji: string): Promise<Line> {
    return this.send({ disposition: reaction, part: text(emoji), inReplyTo: idOf(to) });
  }

  async remove(line: Line): Promise<Line> {
    return this.send({ disposition: render, part: null, replaces: idOf(line) });
  }

  /** Content as this person would send it, to be changed by whoever means no good. */
  compose(given: Partial<Content>): Content {
    const sender = userUri(this.around.me.domain, this.around.me.account);
    return { salt: newSalt(), replaces: null, inReplyTo: null, sender, room: this.uri, name: this.name, disposition: render, part: null, ...given };
  }

  async send(given: Partial<Content>): Promise<Line> {
    const content = this.compose(given);
    const raw = encodeContent(content);
    return this.sendBytes(pad(raw), frankingTag(content.salt, raw), { account: this.around.me.account, id: toHex(messageId(content, raw)), content, doubt: null });
  }

  /** Encrypts and sends any bytes at all; `line` is what this device itself remembers of it. */
  async sendBytes(data: Bytes, tag: Bytes, line: Omit<Line, "seq">): Promise<Line> {
    const id = newId();
    this.ownLines.set(toHex(id), line);
    const { seq } = await this.sendInEpoch(id, data, tag);
    this.came(seq, { own: toHex(id) });
    await this.upTo(seq);
    return { seq, ...line };
  }

  /** Encrypts anew as often as the room has left the epoch: for somebody's removal, or by many commits (section 5). */
  private async sendInEpoch(id: Bytes, data: Bytes, tag: Bytes): Promise<Accepted> {
    for (let tries = 1; ; tries++) {
      await this.healing;
      while (this.inside.pendingProposals > 0) await this.commit();
      const [epoch, payload] = await this.serially(async () => [this.inside.epoch, await this.inside.encrypt(data)] as const);
      try {
        return await this.around.socket().send(this.raw, epoch, payload, tag, id);
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "epoch_too_old" || tries === 10) throw error;
        await this.settle();
      }
    }
  }

  /** One commit, made anew as often as another one was first. */
  async commit(proposals: readonly Proposal[] = []): Promise<void> {
    for (let tries = 1; ; tries++) {
      const id = newId();
      const prepared = await this.serially(() => this.inside.prepare(proposals));
      this.ownCommits.set(toHex(id), prepared);
      try {
        const { seq } = await this.around.socket().commit(this.raw, prepared.epoch, prepared.commit, prepared.groupInfo, prepared.welcome, null, id);
        this.beginOnce(seq - 1);
        this.came(seq, { own: toHex(id) });
        return await this.upTo(seq);
      } catch (error) {
        this.ownCommits.delete(toHex(id));
        if (!(error instanceof Refused) || !["stale_epoch", "pending_removal"].includes(error.code) || tries === 10) throw error;
        await this.settle();
      }
    }
  }

  /** Adds every device of these accounts. */
  async add(accounts: readonly string[]): Promise<void> {
    await this.commit(await this.adds(accounts));
  }

  /** New keys for this device's leaf and the path above it. */
  async renew(): Promise<void> {
    await this.commit();
  }

  async leave(): Promise<void> {
    await this.around.http.leave(this.id);
  }

  /** Fetches and processes everything that the server has and this device has not, and waits until it is whole again. */
  async settle(): Promise<void> {
    await this.catchUp();
    await this.healing;
  }

  protected override overtaken(): void {
    this.healing ??= this.heal().catch((error: unknown) => void this.faults.push(error as Error));
  }

  /** Everything that was missed is fetched first, then the room is entered again. */
  private async heal(): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.catchUp();
      try {
        await this.enter();
        this.healing = null;
        return;
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "stale_epoch" || tries === 20) throw error;
      }
    }
  }

  private get inside(): Group {
    if (this.group === null) throw new Error("This device is not in the room's group");
    return this.group;
  }

  private async adds(accounts: readonly string[]): Promise<Proposal[]> {
    if (accounts.length === 0) return [];
    const { packages } = await this.around.http.claim(this.id, accounts);
    for (const { account, identity_key, key_package } of packages) {
      this.around.claimed(fromBase64url(key_package));
      if (!this.around.people.pin(account, fromBase64url(identity_key))) throw new Error(`The identity key of ${account} changed`);
    }
    return packages.map(({ key_package }) => ({ proposalType: "add", add: { keyPackage: readKeyPackage(fromBase64url(key_package)) } }));
  }

  protected override async processed(seq: number, what: Arrived): Promise<void> {
    const id = "own" in what ? what.own : toHex(what[4]);
    const commit = this.ownCommits.get(id);
    const line = this.ownLines.get(id);
    if (commit !== undefined) return this.inside.adopt(commit);
    if (line !== undefined) return void this.lines.push({ seq, ...line });
    if ("own" in what) throw new Error("The server took something that this device never sent");
    const [, , kind, , , payload, tag] = what;
    const result = await this.inside.process(payload);
    if ((kind === 0) !== (result.kind === "application")) throw new Error("The entry's kind is not what the message is");
    if (result.kind === "application") this.lines.push(readLine({ seq, account: result.sender.account, data: result.data, tag, domain: this.around.me.domain, room: this.uri }));
  }
}
