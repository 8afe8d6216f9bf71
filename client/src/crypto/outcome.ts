/** What became of one message of a room's log, in core-crypto's answer or error. */
import { type Bytes, ownBytes } from "../protocol/bytes.ts";
import type { CoreCryptoLibrary, Decrypted } from "./core-crypto.ts";

export type Outcome =
  | { type: "application"; data: Bytes; sender: string; thumbprint: string }
  /** Applied. `active` is false when it removed this device, whose group state is then gone. */
  | { type: "commit"; active: boolean; by: string }
  /** Waits for a commit that covers it. */
  | { type: "proposal" }
  /** Seen before, or this device's own. */
  | { type: "duplicate" }
  /** From an epoch whose keys are gone, or from before this device joined. */
  | { type: "tooOld" }
  /** This device's own commit, which the server accepted and this device never applied: its state is behind for good. */
  | { type: "ownCommitLost" }
  /** Belongs to a state that this device does not have. */
  | { type: "ahead" }
  | { type: "unreadable" }
  /** Proposes what nobody may propose: it was not taken in. */
  | { type: "refused" };

const BY_ERROR: Record<string, Outcome["type"] & ("duplicate" | "tooOld" | "ownCommitLost" | "ahead")> = {
  DuplicateMessage: "duplicate",
  MessageEpochTooOld: "tooOld",
  StaleCommit: "tooOld",
  StaleProposal: "tooOld",
  SelfCommitIgnored: "ownCommitLost",
  BufferedFutureMessage: "ahead",
  BufferedCommit: "ahead",
  WrongEpoch: "ahead",
};

export function outcomeOf(message: Decrypted, clientText: (id: { copyBytes(): Uint8Array }) => string): Outcome {
  const { inner } = message;
  if ("plaintext" in inner) {
    return {
      type: "application",
      data: ownBytes(inner.plaintext),
      sender: clientText(inner.senderClientId),
      thumbprint: inner.identity.thumbprint,
    };
  }
  if ("isActive" in inner) {
    const { clientId } = inner.identity;
    return { type: "commit", active: inner.isActive, by: clientId ? clientText(clientId) : "" };
  }
  return { type: "proposal" };
}

/** The outcome that an error of decryption stands for; null when the library itself failed. */
export function outcomeOfError(library: CoreCryptoLibrary, error: unknown): Outcome | null {
  const tag = mlsErrorTag(library, error);
  if (tag === null) return null;
  const known = BY_ERROR[tag];
  return known ? { type: known } : { type: "unreadable" };
}

/** The MLS error's name, e.g. `OrphanWelcome`; null for anything that is not one. */
export function mlsErrorTag(library: CoreCryptoLibrary, error: unknown): string | null {
  if (!library.CoreCryptoError.instanceOf(error) || error.tag !== "Mls") return null;
  return error.inner.mlsError.tag;
}
