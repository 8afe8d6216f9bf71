/** Keeps the backup behind the recovery words up to date, while this device has their key. */
import { encode } from "@msgpack/msgpack";
import { nothing } from "../../protocol/api.ts";
import { type Bytes, concat, equal, ownBytes, sha256 } from "../../protocol/bytes.ts";
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import { SerialQueue } from "../../crypto/queue.ts";
import { LONGEST_BACKUP, type RecoveryKeys, sealBackup } from "../../store/recovery-keys.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type History } from "../../contract/index.ts";
import type { Answers } from "../staff/index.ts";
import type { BackupPace, Emitter } from "../common/index.ts";
import type { OwnDevices } from "../account/index.ts";
import type { People, Profile, Rooms } from "../rooms/index.ts";
import { takeSnapshot } from "../devices/index.ts";

/** What this device needs to save again. The words themselves are kept nowhere. */
export interface BackupRecord {
  locatorHash: Bytes;
  key: Bytes;
  history: History;
  savedAt: number;
  /** Bytes that the latest save sent. */
  size: number;
  /** Of the people, rooms and name in it. */
  digest: Bytes;
  /** How far all logs together were read. */
  read: number;
}

const PACE: BackupPace = { settleMs: 30_000, stepMs: 5 * 60_000 };
const STEP_BYTES = 64 * 1024;
/** What was only said, with nobody and no room new, is saved so often. */
const DAILY_MS = 24 * 60 * 60_000;
const UPLOAD_MS = 5 * 60_000;
const SCOPE = "backup";

export class BackupKeeper {
  #record: BackupRecord | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #saving = new SerialQueue();
  readonly #forget: (() => void)[] = [];

  constructor(
    private readonly store: Store,
    private readonly http: Http,
    private readonly profile: Profile,
    private readonly rooms: Rooms,
    private readonly people: People,
    private readonly devices: OwnDevices,
    private readonly answers: Answers,
    private readonly emitter: Emitter,
    private readonly online: () => boolean,
    private readonly failed: (error: unknown) => void,
    private readonly pace: BackupPace = PACE,
  ) {}

  /** Null while this device keeps no backup. */
  get record(): Readonly<BackupRecord> | null {
    return this.#record;
  }

  async start(): Promise<void> {
    await this.adopted();
    const soon = () => {
      this.#lookIn(this.pace.settleMs);
    };
    this.#forget.push(this.emitter.on("rooms", soon), this.emitter.on("connection", soon));
  }

  /** Somebody else has written the record. */
  async adopted(): Promise<void> {
    this.#record = await this.store.get<BackupRecord>("meta", await this.store.scope(SCOPE));
    this.#lookIn(this.pace.settleMs);
  }

  stop(): void {
    for (const forget of this.#forget.splice(0)) forget();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A backup behind new words, in place of any other. Throws Refusal. */
  begin({ locatorHash, key }: RecoveryKeys, history: History): Promise<void> {
    return this.#saving.run(() => this.#send("POST", { locatorHash, key, history }));
  }

  /** Throws Refusal, or Failure(conflict) when this device keeps no backup, or its words were replaced. */
  save(history: History | null = null): Promise<void> {
    return this.#saving.run(async () => {
      const record = this.#record;
      if (!record) throw new Failure("conflict");
      try {
        await this.#send("PUT", { ...record, history: history ?? record.history });
      } catch (error) {
        if (!isRefusal(error, "not_found")) throw error;
        await this.#keep(null);
        throw new Failure("conflict");
      }
    });
  }

  /** Throws Refusal. */
  async end(): Promise<void> {
    await this.#saving.run(async () => {
      await this.http.delete("/me/backup", nothing);
      await this.#keep(null);
    });
  }

  async #send(method: "POST" | "PUT", { locatorHash, key, history }: Pick<BackupRecord, "locatorHash" | "key" | "history">): Promise<void> {
    const [digest, read] = [await this.#digest(), this.#read()];
    const source = {
      store: this.store, profile: this.profile.value, people: this.people.all(), rooms: this.rooms.all(), deviceNames: this.devices.names,
      answers: this.answers.kept,
    };
    const sealed = await sealBackup({ locatorHash, key }, await takeSnapshot(source, history, LONGEST_BACKUP));
    await this.http.upload(method, "/me/backup", concat(locatorHash, sealed), nothing, UPLOAD_MS);
    await this.#keep({ locatorHash, key, history, savedAt: Date.now(), size: sealed.length, digest, read });
  }

  async #keep(record: BackupRecord | null): Promise<void> {
    const scope = await this.store.scope(SCOPE);
    await this.store.write(record ? new Batch().put("meta", scope, record) : new Batch().delete("meta", scope));
    this.#record = record;
  }

  #lookIn(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look().catch(this.failed);
    }, ms);
  }

  /** Saves when it is time, and otherwise comes back then. */
  async #look(): Promise<void> {
    const record = this.#record;
    if (!record || !this.online()) return;
    const isNew = !equal(await this.#digest(), record.digest);
    if (!isNew && this.#read() === record.read) return;
    const gap = isNew ? this.pace.stepMs * Math.ceil(record.size / STEP_BYTES) : DAILY_MS;
    const wait = record.savedAt + Math.min(gap, DAILY_MS) - Date.now();
    if (wait > 0) {
      this.#lookIn(wait);
      return;
    }
    try {
      await this.save();
    } catch (error) {
      if (error instanceof Failure) return;
      if (!(error instanceof Refusal)) throw error;
      // The next change, connection or hour brings another try.
      this.#lookIn(error.detail.retryAfterMs ?? this.pace.stepMs);
    }
  }

  /** Of everything that must not be lost, however little was said since. */
  async #digest(): Promise<Bytes> {
    const people = this.people.all().sort((one, other) => (one.account < other.account ? -1 : 1));
    const rooms = this.rooms.all().filter(({ record }) => record.state !== "creating").sort((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ id, record, prefs }) => [id, record.state, record.title, prefs.muted]);
    return sha256(ownBytes(encode([this.profile.value.name, people, rooms, this.answers.kept])));
  }

  #read(): number {
    return this.rooms.all().reduce((sum, { cursor }) => sum + cursor, 0);
  }
}

/** What a recovered device starts with: it goes on keeping the backup that it came from. */
export async function adoptBackup(store: Store, { locatorHash, key }: RecoveryKeys, history: History): Promise<void> {
  const record: BackupRecord = { locatorHash, key, history, savedAt: 0, size: 0, digest: new Uint8Array(), read: 0 };
  await store.write(new Batch().put("meta", await store.scope(SCOPE), record));
}
