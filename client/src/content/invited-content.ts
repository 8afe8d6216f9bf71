/** How a newcomer shows a group by which invite they came (docs/protocol.md, section 3.4). Pure. */
import type { ShownInvite } from "../crypto/room-invite.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { binOf, count, Malformed, object, uuidBin } from "../protocol/shape.ts";

export const INVITED_TYPE = "application/vnd.kindred.invited+cbor";

/** Throws Malformed. */
export function readInvited(value: unknown): ShownInvite {
  const shown = invitedBody(value, "invited");
  if (shown.uses > MOST_USES) throw new Malformed("uses");
  return shown;
}

/** As many as the server lets an invite to a room have. */
const MOST_USES = 50;

const invitedBody = object({ by: uuidBin, key: binOf(32), uses: count, expires: count, terms: binOf(64), proof: binOf(64) });

export function invitedFields({ by, key, uses, expires, terms, proof }: ShownInvite): object {
  return { by: uuidBytes(by), key, uses, expires, terms, proof };
}
