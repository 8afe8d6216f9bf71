/**
 * Whether a bundle is what the server sealed, and whether each message in it is what the server stamped: the same checks
 * and the same names of problems as moderation/evidence/verify.py.
 */
import { ATTESTED, attestedDetail, entryDigest } from "../crypto/audit.ts";
import { attestationDigest, type Attested, readAttestation } from "../crypto/attestation.ts";
import { type Keys, type KeySet, keysOf, NotVerified, verifyRaw } from "../crypto/signed.ts";
import { base64url, type Bytes, equal, fromBase64url, hex, hmacSha256, sha256, utf8Text } from "../protocol/bytes.ts";
import { Malformed, type Reader } from "../protocol/shape.ts";
import * as form from "./bundle.ts";
import type { Bundle, Custody, Message } from "./bundle.ts";
import { type Files, NotABundle, spelt, unpack } from "./container.ts";
import { Order, wholeProblems } from "./order.ts";
import { type Place, render } from "./page.ts";
import { Shelf } from "./pictures.ts";
import { said } from "./said.ts";
import { readSeal } from "./seal.ts";

/** `problems` is empty when everything holds. `sealedAt` is in seconds since 1970 UTC, null when no seal could be read. */
export interface Verdict {
  problems: string[];
  messages: number;
  withheld: number;
  /** So many of its messages' pictures are in it, so many are not. */
  pictures: number;
  absent: number;
  sealedAt: number | null;
  /** What the bundle says of itself; null when it cannot be read. */
  about: { case: string; domain: string; madeAt: number; handedOver: string | null } | null;
}

/**
 * What is learnt on the way: which label each sender has, where each message stood, and which files are pictures. `attested`
 * are the digests (base64url) of attestations that custody has.
 */
interface Checked {
  shelf: Shelf;
  attested: ReadonlySet<string>;
  labels: Map<string, string>;
  places: Place[];
  order: Order;
}

/**
 * Checks the bytes of a bundle against the server's published keys. The seal, by a key in use or one that the audit log has,
 * vouches for custody, and custody for each attestation.
 */
export async function verify(data: Bytes, published: KeySet): Promise<Verdict> {
  const keys = keysOf(published);
  let files: Files;
  try {
    files = unpack(data);
  } catch (error) {
    if (error instanceof NotABundle) return nothingBut([`the file: ${error.message}`]);
    throw error;
  }
  const problems = spelt(files, data) ? [] : ["the file: the zip around the bundle was changed"];
  const missing = form.NAMES.filter((name) => !files.has(name));
  if (missing.length > 0) return nothingBut([...problems, ...missing.map((name) => `${name}: missing`)]);
  problems.push(...(await manifestProblems(files)));
  const bundle = parsed(fileOf(files, form.BUNDLE), form.bundle);
  if (!bundle) return nothingBut([...problems, `${form.BUNDLE}: it has not the form`]);
  problems.push(...bundleProblems(bundle, fileOf(files, form.KEYS)));
  const sealed = await readSeal(files, bundle, published).catch(named(form.SEALED, problems));
  const checked: Checked = { shelf: new Shelf(files), attested: new Set(bundle.custody.flatMap(({ attested }) => attested)), labels: new Map(), places: [], order: new Order() };
  for (const [index, message] of bundle.messages.entries()) {
    for (const problem of await messageProblems(message, bundle, keys, checked)) problems.push(`message ${String(index + 1)}: ${problem}`);
  }
  for (const entry of bundle.custody) {
    for (const problem of await custodyProblems(entry, bundle, keys)) problems.push(`custody ${String(entry.seq)}: ${problem}`);
  }
  problems.push(...(await wholeProblems(bundle.custody, sealed && sealed.known)));
  if (checked.places.length === bundle.messages.length && !equal(fileOf(files, form.PAGE), await render(bundle, checked.places))) {
    problems.push(`${form.PAGE}: it does not say what the bundle says`);
  }
  problems.push(...unnamed(files, checked.shelf).filter((name) => !problems.includes(`${name}: added`)).map((name) => `${name}: no message names it`));
  const withheld = bundle.messages.filter((message) => message.withheld !== null).length;
  const about = { case: bundle.case, domain: bundle.domain, madeAt: bundle.made_at, handedOver: bundle.handed_over };
  const { here: pictures, absent } = checked.shelf;
  return { problems, messages: bundle.messages.length, withheld, pictures, absent, sealedAt: sealed && sealed.at, about };
}

/** The key set that a bundle brings itself: it proves nothing until it is compared with the server's. Throws NotABundle. */
export function bundledKeys(data: Bytes): unknown {
  const found = unpack(data).get(form.KEYS);
  let value: unknown;
  try {
    value = found && JSON.parse(utf8Text(found));
  } catch {
    value = null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotABundle(`${form.KEYS} cannot be read`);
  return value;
}

async function manifestProblems(files: Files): Promise<string[]> {
  const manifest = parsed(fileOf(files, form.MANIFEST), form.manifest);
  if (!manifest) return [`${form.MANIFEST}: it has not the form`];
  const inside = new Map([...files].filter(([name]) => name !== form.MANIFEST && name !== form.SEALED));
  const problems: string[] = [];
  for (const name of [...new Set([...inside.keys(), ...manifest.files.keys()])].sort()) {
    const content = inside.get(name);
    if (!content) problems.push(`${name}: missing`);
    else if (!manifest.files.has(name)) problems.push(`${name}: added`);
    else if (hex(await sha256(content)) !== manifest.files.get(name)) problems.push(`${name}: changed`);
  }
  return problems;
}

/** Files that are neither a bundle's own nor some message's picture. */
function unnamed(files: Files, { named }: Shelf): string[] {
  const own: readonly string[] = form.NAMES;
  return [...files.keys()].filter((name) => !named.has(name) && !own.includes(name)).sort();
}

function bundleProblems(bundle: Bundle, keys: Bytes): string[] {
  const problems = bundle.messages.length > 0 ? [] : [`${form.BUNDLE}: it holds no messages`];
  const own = parsed(keys, form.keySet);
  if (!own) problems.push(`${form.KEYS}: it has not the form`);
  else if (own.domain !== bundle.domain) problems.push(`${form.KEYS}: they are another server's`);
  return problems;
}

async function messageProblems(message: Message, bundle: Bundle, keys: Keys, checked: Checked): Promise<string[]> {
  const problems: string[] = [];
  const stamp = await readAttestation(message.attestation, keys).catch(named("the attestation", problems));
  if (!stamp) return problems;
  checked.places.push({ seq: stamp.seq, time: stamp.time, room: stamp.room });
  if (!checked.attested.has(base64url(await attestationDigest(message.attestation)))) problems.push("the attestation: the server's log does not have it");
  if (stamp.case !== bundle.case) problems.push("attested for another case");
  const misplaced = checked.order.problem(message.attestation, stamp);
  if (misplaced !== null) problems.push(misplaced);
  if (message.withheld !== null) {
    const told = [message.content, message.who, message.text, stamp.sender, stamp.room, stamp.tag].some((one) => one !== null) || message.pictures.length > 0;
    if (told) problems.push("withheld, but something of it is told");
    return form.isReason(message.withheld) ? problems : [...problems, "withheld for a reason that is none"];
  }
  const { sender, room, tag } = stamp;
  if (message.content === null || sender === null || room === null || tag === null) return [...problems, "something of it is missing"];
  return [...problems, ...(await openingProblems(message, message.content, stamp, checked.shelf)), ...labelProblems(message.who, sender, checked)];
}

async function openingProblems({ text, pictures }: Message, base64: string, stamp: Attested, shelf: Shelf): Promise<string[]> {
  let content: Bytes;
  try {
    content = fromBase64url(base64);
  } catch (error) {
    if (error instanceof RangeError) return ["the content cannot be read"];
    throw error;
  }
  const opened = await said(content);
  const problems: string[] = [];
  const tag = opened.salt && base64url(await hmacSha256(opened.salt, content));
  if (tag === null || tag !== stamp.tag) problems.push("the content is not what was stamped");
  if (opened.from && opened.from.sender !== stamp.sender) problems.push("the content names another sender than the stamp");
  if (opened.from && opened.from.room !== stamp.room) problems.push("the content names another room than the stamp");
  if (opened.text !== text) problems.push("the text shown is not what the content says");
  return [...problems, ...(await shelf.problems(opened.pictures, pictures))];
}

function labelProblems(who: string | null, sender: string, { labels }: Checked): string[] {
  const expected = labels.get(sender) ?? form.label(labels.size);
  labels.set(sender, expected);
  return who === expected ? [] : ["its label is not the one of its sender"];
}

async function custodyProblems(entry: Custody, bundle: Bundle, keys: Keys): Promise<string[]> {
  const problems: string[] = [];
  try {
    const [previous, digest, signature] = [entry.previous, entry.digest, entry.signature].map(fromBase64url) as [Bytes, Bytes, Bytes];
    if (!equal(await entryDigest(bundle.network, { ...entry, case: bundle.case }, previous), digest)) problems.push("it was changed");
    const attested = entry.attested.map(fromBase64url);
    if ((entry.action === ATTESTED || attested.length > 0) && entry.detail !== (await attestedDetail(attested))) problems.push("it tells of other attestations");
    await verifyRaw(digest, signature, entry.key_id, keys);
  } catch (error) {
    if (error instanceof NotVerified) problems.push(error.message);
    else if (error instanceof RangeError) problems.push("it has not the form");
    else throw error;
  }
  return problems;
}

/** For `catch`: what cannot be verified is a problem of `what`. */
function named(what: string, problems: string[]): (error: unknown) => null {
  return (error) => {
    if (!(error instanceof NotVerified)) throw error;
    problems.push(`${what}: ${error.message}`);
    return null;
  };
}

/** Of a file of which no more can be said. */
export function nothingBut(problems: string[]): Verdict {
  return { problems, messages: 0, withheld: 0, pictures: 0, absent: 0, sealedAt: null, about: null };
}

function fileOf(files: Files, name: string): Bytes {
  const found = files.get(name);
  if (!found) throw new NotABundle(`${name} is missing`);
  return found;
}

function parsed<T>(data: Bytes, read: Reader<T>): T | null {
  try {
    return form.exactly(data, read);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
