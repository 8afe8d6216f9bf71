/** What the screens know of a person's devices: which there are, and how a further one is added. */

/** recent: of the last 30 days. */
export type History = "none" | "recent" | "all";

export interface OwnDevice {
  /** 16 hex digits. */
  device: string;
  /** As the person named it; null where nobody has. */
  name: string | null;
  /** The one in hand. */
  current: boolean;
  /** It came since the person last looked at the list. */
  added: boolean;
  /** Days, as `2026-11-24`; null when it was never seen. */
  addedOn: string;
  seenOn: string | null;
}

/** What a new device shows, so that an old one finds it. */
export interface LinkCode {
  /** To be shown as a QR code, and opened on the old device. */
  address: string;
  /** To be typed there: five groups of four. */
  typed: string;
  /** Six digits that the old device shows too. */
  number: string;
  expiresAt: number;
}

/**
 * Why this device holds no account any more. revoked: by another device of the person, deleted: with the whole account; what
 * was here is gone then. unknown: the server does not know it.
 */
export type SignedOut = "revoked" | "deleted" | "unknown";

export interface DevicesContract {
  /** The account's devices, the one in hand first. Asks the server. Throws Failure. */
  list(): Promise<OwnDevice[]>;
  /** How many have come since the person last looked at the list. From memory, at once; `devices` tells when it changes. */
  added(): number;
  /** The person has seen the list. */
  noticed(): Promise<void>;
  rename(device: string, name: string): Promise<void>;
  /** Cuts the device off at once and takes it out of every room. The one in hand is signed out and forgets everything. */
  revoke(device: string): Promise<void>;

  /** On a new device: a code that works for ten minutes. Another call makes another one. */
  offer(): Promise<LinkCode>;
  /**
   * Waits until the old device has sent everything, then makes this one the account's under that PIN. Progress comes as
   * `joining`. Throws Failure: `expired` when nobody came in time, `cancelled` after `cancel`.
   */
  receive(choice: { pin: string; name: string }): Promise<void>;
  cancel(): void;

  /** On the old device: what was typed or scanned. The new device has to show the same number. Throws Failure `not_found`. */
  readCode(text: string): Promise<{ number: string }>;
  /** Sends what the new device needs to the one of the code that was read last. The PIN is asked for once more. */
  send(choice: { history: History; pin: string; ownName: string }): Promise<void>;

  signedOut(): SignedOut | null;
}
