/** Everything that differs between a browser and a headless client. */
import type { CoreCryptoLibrary, Keystore } from "../../crypto/core-crypto.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import type { Argon2Cost } from "../../store/argon2.ts";
import type { Backend } from "../../store/backend.ts";
import type { Fetch } from "../../transport/http.ts";
import type { Network } from "../../transport/network.ts";
import type { Clock } from "./clock.ts";
import type { Note } from "../../contract/index.ts";

/** Only one tab may use the profile: core-crypto keeps state in memory. */
export interface ProfileLock {
  /** False when another tab has it. `onLost` is called, and waited for, when another one takes it later. */
  acquire(onLost: () => Promise<void>): Promise<boolean>;
  /** Takes it from whoever has it. */
  takeOver(onLost: () => Promise<void>): Promise<void>;
  release(): void;
}

export interface BackupPace {
  /** Changes that follow one another are saved together. */
  settleMs: number;
  /** The least time between two saves, for each 64 KiB of the backup: a long one costs its owner data. */
  stepMs: number;
}

/** What a push service gave this browser (RFC 8030, RFC 8291). */
export interface Subscription {
  endpoint: string;
  /** 65 bytes. */
  p256dh: Bytes;
  /** 16 bytes. */
  auth: Bytes;
}

/** What differs between browsers, and is missing in a headless client. */
export interface WakingPlatform {
  able(): boolean;
  permission(): "granted" | "denied" | "default";
  /** Asks the person if they have not answered yet. */
  ask(): Promise<boolean>;
  /** The subscription for the server's key (65 bytes); an old one for another key is given up. */
  subscribe(key: Bytes): Promise<Subscription>;
  unsubscribe(): Promise<void>;
  /** Keeps the note where the service worker finds it; null forgets it. */
  keepNote(note: Note | null): Promise<void>;
}

export interface Platform {
  /** The server's origin, e.g. `https://example.org`. */
  readonly origin: string;
  readonly network: Network;
  readonly fetch: Fetch;
  readonly lock: ProfileLock;
  /** For work that is due in days or weeks; by default, the system's. */
  readonly clock?: Clock;
  /** How dear a PIN is to try; by default, what this device bears. */
  readonly pinCost?: Argon2Cost;
  /** How often the backup is saved; by default, as is good for a person's data allowance. */
  readonly backupPace?: BackupPace;
  /** Absent where nothing can be shown while the app is closed. */
  readonly waking?: WakingPlatform;
  /** What the person's phone speaks, as `pt-BR`; absent where nobody knows. */
  languages?(): readonly string[];
  /** The list of known scam addresses as it lies on this device, or null. Asks nobody. */
  hostList?(): Promise<Uint8Array | null>;
  /** False where something is missing that nothing can replace. */
  capable(): boolean;
  loadCoreCrypto(): Promise<CoreCryptoLibrary>;
  openBackend(): Promise<Backend>;
  /** The keystore of this name, which no two profiles share. */
  keystore(name: string, key: Bytes): Keystore;
  /** Deletes every keystore. */
  destroyKeystores(): Promise<void>;
  /**
   * Begins anew with nothing in memory, and does not return. core-crypto keeps its whole database in memory: where it was
   * open once, it does not see what another tab wrote since, and would write over it.
   */
  startOver(): Promise<never>;
  /** Asks the system not to throw the data away. */
  keepStorage(): void;
  /** Calls back whenever the app is put away, perhaps for good. */
  leaving(listener: () => void): void;
  /** A fault of this program. Must not show or send anything that it holds. */
  unexpected(error: unknown): void;
}
