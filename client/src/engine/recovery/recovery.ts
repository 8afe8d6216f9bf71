/** Recovery words: making them, keeping a backup behind them, coming back with them. And deleting the account. */
import { backupState, nothing, ownDevices, server as serverBody } from "../../protocol/api.ts";
import { type Bytes, equal } from "../../protocol/bytes.ts";
import { isRefusal } from "../../protocol/errors.ts";
import { listsFor, loadWords, type WordList, type Words } from "../../crypto/word-lists.ts";
import { openBackup, type RecoveryKeys, recoveryKeys } from "../../store/recovery-keys.ts";
import { Batch, type Store } from "../../store/store.ts";
import { Http } from "../../transport/http.ts";
import type { Link } from "../../transport/link.ts";
import { adoptBackup, type BackupKeeper } from "./backup.ts";
import {
  type BackupHistory,
  Failure,
  type Recovered,
  type Recovery,
  type RecoveryState,
} from "../../contract/index.ts";
import type { Platform } from "../common/index.ts";
import type { Profile } from "../rooms/index.ts";
import { BadSnapshot, isInside, readSnapshot, type Snapshot } from "../devices/index.ts";

const DOWNLOAD_MS = 5 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const SUGGESTIONS = 4;
const OFFER = "recovery offer";

/** Since when there could have been words, and whether the person wants to hear of them. */
interface Offer {
  since: number;
  declined: boolean;
}

/** What is taken of an open profile. */
export interface RecoverableProfile {
  readonly http: Http;
  readonly store: Store;
  readonly profile: Profile;
  readonly session: { readonly backup: BackupKeeper; readonly link: Link };
}

export interface RecoverySurroundings {
  platform: Platform;
  /** Throws Failure when no profile is open. */
  open(): RecoverableProfile;
  /** Makes this a further device of the snapshot's account and opens it. Throws Refusal. */
  restore(snapshot: Snapshot, pin: string): Promise<void>;
  erase(): Promise<void>;
  /** Turns whatever goes wrong into a Failure. */
  attempt<T>(work: () => Promise<T>): Promise<T>;
}

const recoveryWords = () => import("../../crypto/recovery-words.ts");
/** Of these, 1,275 characters are in both. */
const CHINESE: readonly WordList[] = ["zh-Hans", "zh-Hant"];

export class Recovering implements Recovery {
  #made: Bytes | null = null;
  /** Whether the server may have deleted the account without our hearing of it. */
  #deleting = false;
  /** What was fetched with words already, so that another PIN or a lost answer costs no further fetch. */
  #fetched: { entropy: Bytes; keys: RecoveryKeys; snapshot: Snapshot } | null = null;

  constructor(private readonly around: RecoverySurroundings) {}

  state(): Promise<RecoveryState> {
    return this.#with(async ({ http, session }) => {
      const own = session.backup.record;
      const here: RecoveryState | null = own && { words: "here", history: own.history, savedAt: own.savedAt || null };
      try {
        const { backup } = await http.get("/me/backup", backupState);
        if (!backup) return { words: "none", history: null, savedAt: null };
        if (here && own && equal(own.locatorHash, backup.locator_hash)) return here;
        return { words: "elsewhere", history: null, savedAt: Date.parse(backup.saved_on) };
      } catch (error) {
        if (here && isRefusal(error, "unreachable", "unavailable")) return here;
        throw error;
      }
    });
  }

  make(list: WordList): Promise<string[]> {
    return this.around.attempt(async () => {
      const [own, ...others] = await loadWords([list, ...(CHINESE.includes(list) ? CHINESE.filter((other) => other !== list) : [])]);
      if (!own) throw new Failure("not_found");
      const { words, entropy } = (await recoveryWords()).makeWords(own, others);
      this.#made = entropy;
      return words;
    });
  }

  keep(history: BackupHistory): Promise<void> {
    return this.#with(async ({ session, profile }) => {
      if (!this.#made) throw new Failure("conflict");
      await session.backup.begin(await recoveryKeys(this.#made, profile.value.domain), history);
      this.#made = null;
    });
  }

  setHistory(history: BackupHistory): Promise<void> {
    return this.#with(({ session }) => session.backup.save(history));
  }

  save(): Promise<void> {
    return this.#with(({ session }) => session.backup.save());
  }

  forget(): Promise<void> {
    return this.#with(({ session }) => session.backup.end());
  }

  offered(): Promise<boolean> {
    return this.#with(async (current) => {
      if (current.session.backup.record) return false;
      const offer = await this.#offer(current);
      if (offer.declined || Date.now() - offer.since < DAY_MS || current.session.link.state !== "online") return false;
      return (await this.state()).words === "none";
    });
  }

  decline(): Promise<void> {
    return this.#with(async (current) => this.#keepOffer(current, { ...(await this.#offer(current)), declined: true }));
  }

  suggest(typed: string, beside: readonly string[], prefer: WordList): Promise<string[]> {
    return this.around.attempt(async () => {
      const { listsWith, wordsLike } = await recoveryWords();
      const lists = listsWith(beside, await listsOf([typed, ...beside]));
      return wordsLike(typed, SUGGESTIONS, lists.sort((one, other) => Number(other.list === prefer) - Number(one.list === prefer)));
    });
  }

  read(text: string, beside: readonly string[]): Promise<{ word: string; known: boolean }[]> {
    return this.around.attempt(async () => {
      const { recognise, splitWords } = await recoveryWords();
      return recognise(splitWords(text), beside, await listsOf([text, ...beside]));
    });
  }

  fit(words: readonly string[]): Promise<boolean> {
    return this.around.attempt(async () => (await recoveryWords()).readWords(words, await listsOf(words)) !== null);
  }

  recover(words: readonly string[], pin: string): Promise<Recovered> {
    return this.around.attempt(async () => {
      const entropy = (await recoveryWords()).readWords(words, await listsOf(words));
      if (!entropy) throw new Failure("not_found");
      const { keys, snapshot } = await this.#fetch(entropy);
      await this.around.restore(snapshot, pin);
      const { store, session } = this.around.open();
      await adoptBackup(store, keys, snapshot.history);
      await session.backup.adopted();
      this.#fetched = null;
      const joined = snapshot.rooms.filter(({ record }) => isInside(record) && record.kind !== "self");
      return { name: snapshot.account.name, rooms: joined.length, people: snapshot.people.length };
    });
  }

  others(): Promise<number> {
    return this.#with(async (current) => (await this.#others(current)).length);
  }

  cutOffOthers(): Promise<void> {
    return this.#with(async (current) => {
      for (const device of await this.#others(current)) await current.http.post(`/me/devices/${device}/revoke`, {}, nothing);
    });
  }

  deleteAccount(): Promise<void> {
    return this.#with(async ({ http, session }) => {
      // The server cuts this device off before it answers; that is no news here.
      session.link.stop();
      try {
        await http.delete("/me", nothing);
      } catch (error) {
        const gone = this.#deleting && isRefusal(error, "unauthenticated");
        this.#deleting ||= isRefusal(error, "unreachable", "unavailable");
        if (!gone) {
          session.link.start();
          throw error;
        }
      }
      this.#deleting = false;
      await this.around.erase();
    });
  }

  async #fetch(entropy: Bytes): Promise<{ keys: RecoveryKeys; snapshot: Snapshot }> {
    if (this.#fetched && equal(this.#fetched.entropy, entropy)) return this.#fetched;
    const { origin, fetch } = this.around.platform;
    const http = new Http(origin, fetch);
    const { domain } = await http.get("/server", serverBody);
    const keys = await recoveryKeys(entropy, domain);
    const sealed = await http.download("/backups/fetch", { locator: keys.locator }, DOWNLOAD_MS);
    const content = await openBackup(keys, sealed);
    try {
      // The words found it, so what does not open was changed on its way or on the server.
      if (!content) throw new BadSnapshot();
      this.#fetched = { entropy, keys, snapshot: readSnapshot(content) };
      return this.#fetched;
    } catch (error) {
      if (error instanceof BadSnapshot) throw new Failure("unavailable");
      throw error;
    }
  }

  async #others({ http }: RecoverableProfile): Promise<string[]> {
    return (await http.get("/me/devices", ownDevices)).devices.flatMap(({ device, current }) => (current ? [] : [device]));
  }

  async #offer({ store }: RecoverableProfile): Promise<Offer> {
    const known = await store.get<Offer>("meta", await store.scope(OFFER));
    if (known) return known;
    const fresh = { since: Date.now(), declined: false };
    await this.#keepOffer(this.around.open(), fresh);
    return fresh;
  }

  async #keepOffer({ store }: RecoverableProfile, offer: Offer): Promise<void> {
    await store.write(new Batch().put("meta", await store.scope(OFFER), offer));
  }

  #with<T>(work: (current: RecoverableProfile) => Promise<T>): Promise<T> {
    return this.around.attempt(() => work(this.around.open()));
  }
}

function listsOf(texts: readonly string[]): Promise<Words[]> {
  return loadWords(listsFor(texts.join(" ")));
}
