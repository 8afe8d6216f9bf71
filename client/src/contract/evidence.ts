/** What the screens know of evidence for others: police, lawyers, a platform (docs/protocol.md, section 13). */
import type { CaseId, Exhibit } from "./cases.ts";
import type { ReferralId } from "./referrals.ts";
import type { MessageKey } from "./types.ts";

/** uninvolved: by somebody who has nothing to do with the case. left_out: the moderator who made it left it out. */
export type WithheldFor = "uninvolved" | "left_out";

/** A shown message of which only the proof goes in that it stood there, to protect somebody. */
export interface Withheld {
  key: MessageKey;
  /** Stands in the evidence for everybody to read, in words that are the same for all. */
  reason: WithheldFor;
}

export interface EvidenceChoice {
  withhold: Withheld[];
  referral?: ReferralId;
  /** False leaves pictures out. What was sent can still be told from anything else that somebody has of it. */
  pictures?: boolean;
}

export interface EvidenceBundle {
  /** Of the file; says nothing of people. */
  name: string;
  /** A zip that is to be kept as it is: any changed byte is named when it is checked. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Shown messages that are not in it: they prove nothing, or were shown only after the yes to the referral. */
  leftOut: MessageKey[];
  /** So many pictures are not in it; it says so where they would stand. */
  absent: number;
}

/** What there is to choose from. */
export interface EvidenceContent {
  /** Each message once, in the order of time. */
  messages: Exhibit[];
  /** So many that were shown prove nothing. */
  unproven: number;
  /** So many were shown only after the yes to the referral. That yes is not about them. */
  later: number;
}

export interface EvidenceContract {
  /** What a bundle would hold with nothing withheld. Throws Failure; with a `referral`, `forbidden` unless that is ready. */
  content(id: CaseId, referral?: ReferralId): Promise<EvidenceContent>;
  /**
   * Makes a bundle of all that was shown in a case, pictures included, on this device; the server seals it and writes the
   * export into the audit log. Throws Failure: `conflict` when another moderator has the case, `forbidden` for who may not
   * export. With a `referral` it is handed over to somebody outside, without what was shown after the yes, and `forbidden`
   * unless that is ready.
   * `not_found` when nothing that was shown proves anything, or a message to be withheld was not shown; `too_large`
   * when it is more than one bundle holds. Without a connection nothing is sealed.
   */
  export(id: CaseId, choice: EvidenceChoice): Promise<EvidenceBundle>;
}
