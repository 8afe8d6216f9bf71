/** Bodies of the HTTP API about who looks after a network (docs/protocol.md, section 2.3). */
import { base64, count, list, nullable, object, oneOf, uuid } from "./shape.ts";

const role = oneOf("member", "moderator", "coordinator");

const member = object({ account: uuid, role, identity_key: base64, proof: nullable(base64) });
const certificate = object({ account: uuid, identity_key: base64, role, issued_at: count, issuer: uuid, signature: base64 });
export const rollBody = object({ network: uuid, staff: list(member), certificates: list(certificate) });
export type RollBody = ReturnType<typeof rollBody>;
