/** Sending messages, and conversations as screens have them. */
export { Conversation } from "./conversation.ts";
export { Sending } from "./sending.ts";
