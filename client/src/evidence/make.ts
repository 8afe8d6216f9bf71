/** Making an evidence bundle on a moderator's device, to the byte as tests/moderation/bundles.py does. */
import { readAttestation, withhold } from "../crypto/attestation.ts";
import { publicKeys } from "../crypto/signed.ts";
import { base64url, type Bytes, hex, sha256, utf8 } from "../protocol/bytes.ts";
import {
  BUNDLE, type Bundle, type Custody, FORMAT, jsonFile, KEYS, keySetAnswer, label, MANIFEST, type Message, PAGE, type Reason, SEALED,
} from "./bundle.ts";
import { MAX_BYTES, MAX_FILES, pack } from "./container.ts";
import { ordered } from "./order.ts";
import { type Place, render } from "./page.ts";
import { kind, Names } from "./pictures.ts";
import { said } from "./said.ts";

/** What a file costs at most beside its bytes: its name three times, its headers, its sum. */
const SPARE = 1024;

/** A message as it was shown to moderators. `withheld` says why it is left out, or null. */
export interface Item {
  attestation: string;
  content: Bytes;
  withheld: Reason | null;
  /** The picture that people saw with it, or null when it was not to be had or is left out; empty for a message without one. */
  pictures: readonly (Bytes | null)[];
}

export interface Making {
  domain: string;
  network: string;
  case: string;
  /** The server's time, in milliseconds since 1970 UTC: minutes later it seals nothing that says so. */
  madeAt: number;
  /** The audit pseudonym of who makes it. */
  madeBy: string;
  /** The hand-over for which it is made, or null: then nobody's consent is recorded in it. */
  handedOver: string | null;
  /** Each message once. */
  items: readonly Item[];
  custody: readonly Custody[];
  /** The server's published key set. */
  keys: unknown;
  /** Gives the server's seal over the SHA-256 of the manifest. */
  seal: (manifest: Bytes) => Promise<string>;
}

/** There is more than a bundle may hold. Nothing was sealed. */
export class TooMuch extends Error {
  constructor() {
    super("more than a bundle may hold");
    this.name = "TooMuch";
  }
}

/** The bytes of the zip. Throws NotVerified when an item proves nothing, and TooMuch. */
export async function make(making: Making): Promise<Bytes> {
  const { messages, places, pictures } = await shown(making);
  const bundle: Bundle = {
    format: FORMAT, domain: making.domain, network: making.network, case: making.case,
    made_at: making.madeAt, made_by: making.madeBy, handed_over: making.handedOver, messages, custody: making.custody.map(inOrder),
  };
  const files = new Map([[BUNDLE, jsonFile(bundle)], [PAGE, await render(bundle, places)], [KEYS, jsonFile(keySetAnswer(making.keys, "keys"))], ...pictures]);
  check(files);
  const sums: Record<string, string> = {};
  for (const [name, content] of files) sums[name] = hex(await sha256(content));
  const manifest = jsonFile({ format: FORMAT, files: sums });
  const seal = await making.seal(await sha256(manifest));
  return pack(files.set(MANIFEST, manifest).set(SEALED, utf8(seal)));
}

/** With room for what the zip adds and the manifest says. */
function check(files: ReadonlyMap<string, Bytes>): void {
  let bytes = 0;
  for (const { length } of files.values()) bytes += length + SPARE;
  if (files.size + 2 > MAX_FILES || bytes + SPARE * 2 > MAX_BYTES) throw new TooMuch();
}

async function shown({ items, keys: published }: Making): Promise<{ messages: Message[]; places: Place[]; pictures: [name: string, data: Bytes][] }> {
  const keys = await publicKeys(published);
  const labels = new Map<string, string>();
  const messages: Message[] = [];
  const places: Place[] = [];
  const pictures = new Map<string, Bytes>();
  const names = new Names();
  const stamped = await Promise.all(items.map(async (item) => ({ item, stamp: await readAttestation(item.attestation, keys), withheld: item.withheld !== null })));
  for (const { item: { attestation, content, withheld, pictures: given }, stamp } of ordered(stamped)) {
    places.push({ seq: stamp.seq, time: stamp.time, room: withheld === null ? stamp.room : null });
    if (withheld !== null) {
      messages.push({ attestation: withhold(attestation), who: null, content: null, text: null, withheld, pictures: [] });
      continue;
    }
    const { text, pictures: attached } = await said(content);
    // By the stamp: what is written inside, not every content can be asked.
    const sender = stamp.sender ?? "";
    const who = labels.get(sender) ?? label(labels.size);
    labels.set(sender, who);
    const named = attached.map((picture, index) => {
      const data = given[index];
      const ending = data && kind(data);
      if (!data || !ending) return null;
      const name = `${names.of(picture)}.${ending}`;
      pictures.set(name, data);
      return name;
    });
    messages.push({ attestation, who, content: base64url(content), text, withheld: null, pictures: named });
  }
  return { messages, places, pictures: [...pictures].sort(([one], [other]) => (one < other ? -1 : 1)) };
}

function inOrder(entry: Custody): Custody {
  const { seq, at, actor, action, subject, detail, attested, previous, digest, key_id, signature } = entry;
  return { seq, at, actor, action, subject, detail, attested, previous, digest, key_id, signature };
}
