import type {
  Connection,
  Doubt,
  FailureCode,
  Phase,
  PushState,
  RecoveryState,
  Role,
  SignedOut,
} from "../../contract/index.ts";

/** What the made-up device is like; from the address of dev.html, e.g. `dev.html?phase=locked&net=offline`. */
export interface Scene {
  phase: Phase;
  /** With the phase `signedout`. */
  signed: SignedOut;
  net: Connection;
  rooms: "full" | "empty" | "many";
  role: Role;
  /** Every call that asks the network fails with this. */
  fail: FailureCode | null;
  /** Milliseconds that everything takes; "never" is written as a very large number. */
  slow: number;
  conduct: "agreed" | "changed";
  /** What stands against sending to "group-1" and the chat with Asha. */
  trust: Doubt["why"] | null;
  /** Where the person's recovery words were made; "offered" when there are none and it is time to say so. */
  words: RecoveryState["words"] | "offered";
  push: PushState["state"];
  hints: boolean;
}
