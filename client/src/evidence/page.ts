/** The readable page of a bundle, the same to the byte as moderation/evidence/page.py, so that it cannot say anything else. */
import type { Picture } from "../crypto/picture.ts";
import { type Bytes, fromBase64url, utf8 } from "../protocol/bytes.ts";
import { type Bundle, type Custody, isReason, type Message, REASONS } from "./bundle.ts";
import { FILE } from "./pictures.ts";
import { type Said, said } from "./said.ts";

export const PROVES = [
  "Each message marked “stamped” reached this server as it stands here, from the account behind its label.",
  "The place and the time of each are the server's own.",
  "Each chat stands by itself, its messages in the order in which the server got them, each of them once.",
  "A gap in the numbers of a chat means that messages in between were not chosen, or are withheld.",
  "The same label always means the same account. Different labels are different accounts.",
  "Words stand here as the app showed them. What it could not show is named as that, with the sum of what was sent.",
  "Each picture that is here is the one that was sent with its message, to the byte.",
  "Custody has all that the server's audit log had about the case when it sealed this bundle.",
  "The audit log had each message here as attested for this case: a stolen key alone cannot add one later.",
  "Nothing in this bundle was changed after the server sealed it.",
];
export const DOES_NOT_PROVE = [
  "Who the person behind an account is, or who held the phone.",
  "That what a message says is true.",
  "What was said in messages that are not here.",
  "In which chat a message was that is withheld.",
  "What is to be seen in a picture that is not here, or why it is not.",
  "Anything, if somebody has a signing key of the server that was not replaced when the keys to check with were published.",
];
export const EMPTY = "This file holds no messages. It proves nothing that anybody wrote.";
const NO_CHAT = "Withheld, each from one of these chats or another";
const UNKNOWN = "For a reason that this network does not know.";
const ABSENT =
  "This picture is not here. When this file was made, it was left out, could not be checked, or was no longer to be had: " +
  "servers keep pictures for a limited time.";
const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}" +
  "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}h3{font-size:1rem}table{border-collapse:collapse;width:100%}" +
  "td,th{border:1px solid #999;padding:.4rem;text-align:start;vertical-align:top}" +
  ".m{border-inline-start:4px solid #36648b;padding:.2rem .8rem;margin:1rem 0;overflow-wrap:anywhere}" +
  ".w{border-color:#999;color:#555}.k{font-size:.85rem;color:#555}" +
  ".t{white-space:pre-wrap;border:1px solid #999;border-radius:.4rem;padding:.3rem .6rem}" +
  ".p{overflow:hidden;margin:.6rem 0}.p img{display:block;max-width:100%;margin-top:.4rem}" +
  ".p input:not(:checked)~img{filter:blur(1.5rem) grayscale(1)}";
/** Pictures from beside the page, also unpacked on a disk, the style above (by its SHA-256), and nothing else. */
const POLICY =
  "default-src 'none'; img-src 'self' file:; style-src " +
  "'sha256-sJC/japNdvAukt0Cef2ErZ4mZRFgoli3L997oJuHTZs='; base-uri 'none'; form-action 'none'";

/** Where a message stood, as attested: seq and time (ms since 1970 UTC) in the log of `room` (a URI; null if withheld). */
export interface Place {
  seq: number;
  time: number;
  room: string | null;
}

/** The page as UTF-8. `places` are those of the bundle's messages. */
export async function render(bundle: Bundle, places: readonly Place[]): Promise<Bytes> {
  const messages = messagesHtml(bundle.messages, await Promise.all(bundle.messages.map(openedOf)), places);
  const id = escape(bundle.case);
  return utf8(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer">` +
    `<title>Evidence, case ${id}</title><style>${STYLE}</style></head><body><main>` +
    `<h1>Evidence from a Kindred network</h1><p>Case ${id} · server ${escape(bundle.domain)} · made ` +
    `${when(bundle.made_at)} by ${escape(bundle.made_by)}</p><p>${escape(consent(bundle.handed_over))}</p>` +
    `<h2>What this proves</h2><ul>${list(PROVES)}</ul><h2>What it does not prove</h2><ul>${list(DOES_NOT_PROVE)}</ul>` +
    `<h2>Messages</h2>${messages || `<p>${EMPTY}</p>`}` +
    "<h2>Custody</h2><table><tr><th>When</th><th>Who</th><th>What</th></tr>" +
    `${bundle.custody.map(custodyHtml).join("")}</table>` +
    `<h2>How to check it</h2><p>Keep the zip as it is. Choose it on https://${escape(bundle.domain)}/verify.html, or run ` +
    "<code>python manage.py verify_evidence FILE --keys KEYS</code>, " +
    "with a copy of the server's published keys that you got from elsewhere. Any changed byte is named.</p></main></body></html>",
  );
}

/** `2026-11-24 09:05:07.123 UTC`. */
export function when(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23).replace("T", " ")} UTC`;
}

/** Whether anybody agreed that the evidence leaves the network, in words. */
export function consent(handedOver: string | null): string {
  if (handedOver === null) return "An export by a moderator; nobody's consent is recorded in it.";
  return `Made for an agency with the member's consent, hand-over ${handedOver}.`;
}

function messagesHtml(messages: readonly Message[], opened: readonly Said[], places: readonly Place[]): string {
  const rooms = [...new Set(places.map(({ room }) => room).filter((room) => room !== null))];
  let html = "";
  let before: string | null = null;
  for (const [index, message] of messages.entries()) {
    const place = places[index] ?? { seq: 0, time: 0, room: null };
    const chat = place.room === null ? "" : `Chat ${String(rooms.indexOf(place.room) + 1)}`;
    if (chat !== before) html += `<h3>${chat || NO_CHAT}</h3>`;
    before = chat;
    html += messageHtml(index + 1, message, opened[index] ?? null, place, chat);
  }
  return html;
}

function messageHtml(number: number, message: Message, opened: Said | null, { seq, time }: Place, chat: string): string {
  const where = chat === "" ? `No. ${String(seq)}` : `${chat} · No. ${String(seq)}`;
  const head = `<p class="k">${where} · ${when(time)} · ${escape(message.who || "withheld")} · stamped</p>`;
  if (message.withheld !== null) return `<div class="m w">${head}Withheld: ${isReason(message.withheld) ? REASONS[message.withheld] : UNKNOWN}</div>`;
  if (!opened) return "";
  // Every word that a sender chose stands in a box of its own, so that none passes for a line of this page.
  const called = opened.name === null ? "" : `<p class="k">Their name then: <b><bdi>${escape(opened.name)}</bdi></b></p>`;
  const mark = opened.mark === "" ? "" : `<p class="k">${escape(opened.mark)}</p>`;
  const words = opened.words === "" ? "" : `<div class="t" dir="auto">${escape(opened.words)}</div>`;
  const pictures = opened.pictures.map((picture, place) => {
    const name = message.pictures[place];
    return name === undefined ? "" : pictureHtml(`p${String(number)}-${String(place + 1)}`, picture, name);
  });
  return `<div class="m">${head}${called}${mark}${words}${pictures.join("")}</div>`;
}

async function openedOf({ content }: Message): Promise<Said> {
  try {
    return await said(fromBase64url(content ?? ""));
  } catch (error) {
    if (error instanceof RangeError) return said(new Uint8Array());
    throw error;
  }
}

function pictureHtml(mark: string, picture: Picture, name: string | null): string {
  if (name === null || !FILE.test(name)) return `<p class="k">${ABSENT}</p>`;
  // Nobody has to see it who only wants to read.
  return (
    `<div class="p"><input type="checkbox" id="${mark}"><label for="${mark}"> Show this picture clearly</label>` +
    `<img src="${name}" alt="${escape(picture.description || "A picture without a description")}"></div>`
  );
}

function custodyHtml(entry: Custody): string {
  const what = [entry.action, entry.subject, entry.detail].filter((part) => part !== "").join(" · ");
  return `<tr><td>${when(entry.at)}</td><td>${escape(entry.actor)}</td><td>${escape(what)}</td></tr>`;
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<li>${escape(sentence)}</li>`).join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

function escape(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
