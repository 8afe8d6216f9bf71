/** Decrypted application data: who said it, what it means, and whether all of it fits together (sections 6 and 7). */
import { opened } from "./shown.ts";
import { type Bytes, hex } from "../protocol/bytes.ts";
import type { Entry } from "../protocol/frames.ts";
import { type DeviceName, roomUri, userUri } from "../protocol/ids.ts";
import { covered } from "../crypto/application-data.ts";
import { messageId } from "../crypto/mimi.ts";
import { interpret, type Meaning } from "./reading.ts";
import type { Evidence } from "./stored-message.ts";

/** Where and when the server put an entry, and its stamp. */
export type Stamp = Pick<Entry, "id" | "seq" | "time" | "tag" | "frank" | "key">;

export interface Delivery {
  stamp: Stamp;
  sender: DeviceName;
  /** Null when the content cannot be trusted: the tag covers none of it, or who and where it says that it is from do not match. */
  read: { meaning: Meaning; id: string; name: string | null } | null;
  evidence: Evidence | null;
}

/** Reads application data that MLS proves to be from `sender` in `room`. */
export async function open(stamp: Stamp, data: Bytes, sender: DeviceName, room: string, domain: string): Promise<Delivery> {
  const found = stamp.tag && (await covered(data, stamp.tag));
  if (!found) return { stamp, sender, read: null, evidence: null };
  const { bytes, salt } = found;
  const { content, from, name } = opened(bytes);
  const evidence = { content: bytes, tag: stamp.tag, frank: stamp.frank, hubKey: stamp.key, device: sender.device };
  const [user, place] = [userUri(sender.account, domain), roomUri(room, domain)];
  if (from && (from.sender !== user || from.room !== place)) return { stamp, sender, read: null, evidence };
  const meaning: Meaning = content ? interpret(content) : { type: "unreadable" };
  return { stamp, sender, read: { meaning, id: hex(await messageId(bytes, salt, user, place)), name }, evidence };
}
