import {
  type BackupHistory,
  Failure,
  type FailureCode,
  type Recovered,
  type Recovery,
  type RecoveryState,
  type WordList,
} from "../../contract/index.ts";

const made = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(" ");
const japanese = "そつう れきだい ほんやく わかす りくつ ばいか ろせん やちん そつう れきだい ほんやく わかめ".split(" ");
const list = [...new Set([...made, "yard", "wagon", "wait", "wall", "walnut", "use", "used", "user", "lens", "leg", "legend"])].sort();

/** Words that always are the same, and a backup that is nowhere. */
export class FakeRecovery implements Recovery {
  #state: RecoveryState;

  constructor(
    words: RecoveryState["words"],
    private readonly offer: boolean,
    private readonly ask: () => Promise<void>,
    private readonly left: (how: "recovered" | "deleted") => void,
    private readonly fail: FailureCode | null,
  ) {
    this.#state = { words, history: words === "here" ? "all" : null, savedAt: words === "none" ? null : Date.now() - 3 * 3_600_000 };
  }

  async state(): Promise<RecoveryState> {
    await this.ask();
    return { ...this.#state };
  }

  async make(list: WordList): Promise<string[]> {
    return list === "ja" ? japanese : made;
  }

  async keep(history: BackupHistory): Promise<void> {
    await this.ask();
    this.#state = { words: "here", history, savedAt: Date.now() };
  }

  async setHistory(history: BackupHistory): Promise<void> {
    await this.keep(history);
  }

  async save(): Promise<void> {
    await this.ask();
    this.#state.savedAt = Date.now();
  }

  async forget(): Promise<void> {
    await this.ask();
    this.#state = { words: "none", history: null, savedAt: null };
  }

  async offered(): Promise<boolean> {
    return this.offer && this.#state.words === "none";
  }

  async decline(): Promise<void> {
    this.#state = { ...this.#state };
  }

  async suggest(typed: string): Promise<string[]> {
    return typed === "" ? [] : list.filter((word) => word.startsWith(typed.toLowerCase())).slice(0, 4);
  }

  async read(text: string): Promise<{ word: string; known: boolean }[]> {
    return text.toLowerCase().split(/[^a-z]+/).filter((word) => word !== "").map((word) => ({ word, known: list.includes(word) }));
  }

  async fit(words: readonly string[]): Promise<boolean> {
    return words.length === 12 && words.every((word) => list.includes(word)) && words[0] !== words[1];
  }

  async recover(words: readonly string[]): Promise<Recovered> {
    await this.ask();
    if (this.fail === null && words.join(" ") !== made.join(" ")) throw new Failure("not_found");
    this.left("recovered");
    return { name: "Quiet Heron", rooms: 6, people: 14 };
  }

  async others(): Promise<number> {
    await this.ask();
    return 1;
  }

  async cutOffOthers(): Promise<void> {
    await this.ask();
  }

  async deleteAccount(): Promise<void> {
    await this.ask();
    this.left("deleted");
  }
}
