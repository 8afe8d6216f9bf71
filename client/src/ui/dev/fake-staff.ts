import type { CaseId, CaseNote, EarlierNotes, Exposed, SavedAnswer, Staff } from "../../contract/index.ts";

const minute = 60_000;

/** Two notes on a case and three answers, as moderators may have them. */
export class FakeStaff implements Staff {
  readonly #notes = new Map<CaseId, CaseNote[]>();
  #answers: SavedAnswer[] = [];
  #exposed: Exposed | null = null;

  constructor(private readonly around: { empty: boolean; ask(): Promise<void>; changed(): void }) {
    if (around.empty) return;
    const now = Date.now();
    const note = (id: string, by: string, name: string | null, ago: number, text: string, passedOnBy: string | null = null): CaseNote => ({ id, by, name, at: now - ago * minute, text, passedOnBy, waiting: false });
    this.#notes.set("3", [
      note("n1", "asha", "Asha", 240, "The same account wrote to two newcomers last month. I kept the dates.", "mira"),
      note("n2", "me", null, 12, "She can talk until six. Please do not call her: her phone is shared."),
    ]);
    this.#answers = [
      { id: "a1", title: "Hotline", text: "If you want to talk to somebody now, these people answer day and night and cost nothing.", shared: true },
      { id: "a2", title: "I need an hour", text: "I have read what you sent. I need about an hour, then I will write again.", shared: false },
    ];
  }

  async notes(id: CaseId): Promise<CaseNote[]> {
    await this.around.ask();
    return this.#notes.get(id) ?? [];
  }

  earlierNotes(): Promise<EarlierNotes> {
    return Promise.resolve("whole");
  }

  async writeNote(id: CaseId, text: string): Promise<void> {
    await this.around.ask();
    const notes = this.#notes.get(id) ?? [];
    this.#notes.set(id, [...notes, { id: `n${notes.length + 9}`, by: "me", name: null, at: Date.now(), text, passedOnBy: null, waiting: true }]);
    this.around.changed();
  }

  async notesRead(): Promise<void> {
    await Promise.resolve();
  }

  async answers(): Promise<SavedAnswer[]> {
    await this.around.ask();
    return this.#answers;
  }

  async saveAnswer(answer: Omit<SavedAnswer, "id"> & { id: string | null }): Promise<void> {
    await this.around.ask();
    const id = answer.id ?? `a${this.#answers.length + 9}`;
    this.#answers = [...this.#answers.filter((one) => one.id !== id), { ...answer, id }];
    this.around.changed();
  }

  async exposed(): Promise<Exposed | null> {
    await Promise.resolve();
    return this.#exposed;
  }

  async keepExposed(exposed: Exposed): Promise<void> {
    await Promise.resolve();
    this.#exposed = exposed;
  }

  async removeAnswer(id: string): Promise<void> {
    await this.around.ask();
    this.#answers = this.#answers.filter((one) => one.id !== id);
    this.around.changed();
  }
}
