/** Bodies of the HTTP API about being woken (docs/protocol.md, section 14). */
import { base64, count, flag, list, nullable, object, text, uuid } from "./shape.ts";

export const pushChannels = object({ webpush: flag, fcm: flag, vapid_public_key: nullable(base64) });
export const myPush = object({
  channel: nullable(text), quiet: nullable(object({ start: count, end: count })), delay_ms: nullable(count), muted: list(uuid),
});
