/** What the page says of a file, without the page: from bytes to words. */
import { type KeySet, NotVerified, publishedKeys } from "../crypto/signed.ts";
import { MAX_BYTES, NotABundle } from "../evidence/container.ts";
import { consent, DOES_NOT_PROVE, PROVES, when } from "../evidence/page.ts";
import { bundledKeys, nothingBut, type Verdict, verify } from "../evidence/verify.ts";
import { type Bytes, utf8Text } from "../protocol/bytes.ts";
import { words } from "./words.ts";

/** whole: sealed by the server whose keys were chosen. fits: by the keys that it brings itself. */
export type Outcome = "whole" | "fits" | "broken" | "unreadable";

export interface Told {
  outcome: Outcome;
  heading: string;
  lines: string[];
  /** Each as the verifier names it. */
  problems: string[];
  keyIds: string[];
  proves: readonly string[];
  doesNotProve: readonly string[];
}

/** What the person chose; `keys` is null when it was the evidence alone. */
export interface Chosen {
  evidence: Blob;
  keys: Blob | null;
}

export async function check({ evidence, keys: chosen }: Chosen): Promise<Told> {
  // Only where the page came safely, so that nobody on the way could change it.
  if (!globalThis.isSecureContext) return unreadable(words.unsupported);
  if (evidence.size > MAX_BYTES) return unreadable(words.tooLarge);
  const data = await bytesOf(evidence);
  const own = chosen && await bytesOf(chosen);
  if (!data || (chosen && !own)) return unreadable(words.notRead);
  try {
    const keys = await publishedKeys(own ? parsed(own) : bundledKeys(data));
    return told(await verify(data, keys), own ? null : keys);
  } catch (error) {
    if (error instanceof NotABundle) return told(nothingBut([`the file: ${error.message}`]), null);
    if (error instanceof NotVerified) return unreadable(words.keysUnreadable);
    throw error;
  }
}

function told({ problems, messages, withheld, pictures, absent, sealedAt, about }: Verdict, bundled: KeySet | null): Told {
  const outcome = problems.length > 0 ? "broken" : bundled ? "fits" : "whole";
  const lines: string[] = [];
  if (outcome !== "broken") lines.push(words.counted(messages - withheld, withheld));
  if (outcome !== "broken" && pictures + absent > 0) lines.push(words.pictures(pictures, absent));
  if (outcome !== "broken" && sealedAt !== null) lines.push(words.sealed(when(sealedAt * 1000)));
  if (outcome !== "broken" && about) lines.push(consent(about.handedOver));
  if (about) lines.push(words.about(about.domain, about.case));
  if (outcome !== "broken") lines.push(words.read, ...(pictures > 0 ? [words.unpack] : []));
  if (outcome === "broken" && !bundled && problems.every((problem) => problem.endsWith("not published"))) lines.push(words.otherKeys);
  if (outcome === "fits" && about) lines.push(words.bundledKeys, words.getKeys(about.domain));
  return {
    outcome, heading: words[outcome], lines, problems,
    keyIds: outcome === "fits" && bundled ? [...bundled.keys()] : [],
    proves: outcome === "whole" ? PROVES : [], doesNotProve: outcome === "broken" ? [] : DOES_NOT_PROVE,
  };
}

function unreadable(why: string): Told {
  return { outcome: "unreadable", heading: words.unreadable, lines: [why], problems: [], keyIds: [], proves: [], doesNotProve: [] };
}

/** Null when the file is gone or was changed since it was chosen. */
async function bytesOf(file: Blob): Promise<Bytes | null> {
  return file.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => null);
}

function parsed(data: Bytes): unknown {
  try {
    return JSON.parse(utf8Text(data));
  } catch {
    throw new NotVerified("it is no key set");
  }
}
