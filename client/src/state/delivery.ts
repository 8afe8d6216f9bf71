/** Decrypted application data: who said it, what it means, and whether all of it fits together (sections 6 and 7). */
import { type Bytes, equal, hex } from "../protocol/bytes.ts";
import type { Entry } from "../protocol/frames.ts";
import { type DeviceName, roomUri, userUri } from "../protocol/ids.ts";
import { frankingTag, unpad } from "../crypto/application-data.ts";
import { messageId, NotMimi, ROOM_URI, SENDER_URI } from "../crypto/mimi.ts";
import { interpret, type Meaning, senderName } from "./reading.ts";
import type { Evidence } from "./records.ts";

/** Where and when the server put an entry, and its stamp. */
export type Stamp = Pick<Entry, "id" | "seq" | "time" | "tag" | "frank" | "key">;

export interface Delivery {
  stamp: Stamp;
  sender: DeviceName;
  /** Null when the content cannot be trusted: it does not have the form, or a tag or URI does not match. */
  read: { meaning: Meaning; id: string; name: string | null } | null;
  evidence: Evidence | null;
}

/** Reads application data that MLS proves to be from `sender` in `room`. */
export async function open(stamp: Stamp, data: Bytes, sender: DeviceName, room: string, domain: string): Promise<Delivery> {
  try {
    const { content, bytes } = unpad(data);
    const evidence = { content: bytes, tag: stamp.tag, frank: stamp.frank, hubKey: stamp.key, device: sender.device };
    const [user, place] = [userUri(sender.account, domain), roomUri(room, domain)];
    const [tag, id] = await Promise.all([frankingTag(content.salt, bytes), messageId(bytes, content.salt, user, place)]);
    const fits = content.extensions.get(SENDER_URI) === user && content.extensions.get(ROOM_URI) === place
      && stamp.tag !== null && equal(tag, stamp.tag);
    if (!fits) return { stamp, sender, read: null, evidence };
    return { stamp, sender, read: { meaning: interpret(content), id: hex(id), name: senderName(content) }, evidence };
  } catch (error) {
    if (!(error instanceof NotMimi)) throw error;
    return { stamp, sender, read: null, evidence: null };
  }
}
