/** What moderators, those who ask them and those about whom they decide have to do with one another, on an open profile. */
import { Answers, CaseNotes, Staffwork } from "./staff/index.ts";
import { type CaseParts, Casework, Services } from "./cases/index.ts";
import { Comeback, DecisionTalks, Statements } from "./decisions/index.ts";
import type { Own } from "./account/index.ts";
import { Retelling } from "./sync/index.ts";

export interface ModerationParts extends Omit<CaseParts, "services"> {
  own: Own;
}

export class Moderation {
  readonly cases: Casework;
  readonly talks: DecisionTalks;
  readonly statements: Statements;
  readonly comeback: Comeback;
  readonly answers: Answers;
  readonly staff: Staffwork;

  constructor(private readonly parts: ModerationParts) {
    const { http, store, rooms, outbox, own, entering, roll, membership, introductions, self, emitter, errands, pump } = parts;
    const changed = () => {
      emitter.emit("cases", null);
    };
    this.answers = new Answers(http, store, rooms, outbox, own, membership, self.account, pump, changed);
    this.cases = new Casework({ ...parts, services: new Services(store, own) });
    this.talks = new DecisionTalks(http, rooms, entering, membership, introductions, roll, (room) => this.cases.mayBeOfCase(room), pump, new Retelling(store, outbox), self, (name, work) => {
      void errands.run(name, work);
    });
    emitter.on("room", (id) => {
      if (id !== null) this.talks.changed(id);
    });
    this.statements = new Statements(http, store, changed);
    this.comeback = new Comeback(store, rooms, changed);
    const notes = new CaseNotes(http, store, rooms, outbox, membership, self.account, pump);
    this.staff = new Staffwork((id) => this.cases.look(id), notes, this.answers, rooms, store, emitter, self);
  }

  async load(): Promise<void> {
    await Promise.all([this.cases.load(), this.statements.load(), this.comeback.load(), this.answers.load()]);
  }

  /** There is a connection, if only to the rooms of this person's own cases. */
  connected(): void {
    this.talks.connected();
    void this.parts.errands.run("all cases", async () => {
      await this.cases.ready();
      await this.#lookAtTalks();
    });
    this.#lookAtStatements();
  }

  /** Somebody is certified as staff who was not. */
  certified(): void {
    this.cases.certified();
    this.talks.certified();
  }

  /** The server says that some case or decision is no longer as it was. */
  changed(): void {
    this.#lookAtStatements();
    void this.parts.errands.run("talks", () => this.#lookAtTalks());
  }

  #lookAtStatements(): void {
    void this.parts.errands.run("statements", async () => {
      const statements = await this.statements.look();
      this.talks.heard(statements);
      await this.comeback.heard(statements);
    });
  }

  async #lookAtTalks(): Promise<void> {
    if (this.parts.online() && this.parts.profile.value.role !== "member") await this.talks.look();
  }
}
