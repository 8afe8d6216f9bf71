/** What the screens know of pictures in conversations (docs/protocol.md, section 6.1). */
import type { MessageKey, RoomId } from "./types.ts";

/** A picture that belongs to a message, which may still be to be fetched. */
export interface ShownPicture {
  /** Bytes to fetch. */
  size: number;
  /** What is in it, in its sender's words; may be empty. */
  description: string;
  /** When the server forgets it. */
  expiresAt: number;
}

/**
 * here: it is on this device and was checked. away: it is to be fetched. gone: the server has it no more. unchecked: what
 * came is not what its sender sent, or no picture.
 */
export type LoadedPicture = { state: "here"; picture: Blob } | { state: "away" | "gone" | "unchecked" };

export interface PicturesContract {
  /**
   * Stored before this resolves; it goes out now or later. `picture` is a JPEG of at most 1.5 MiB (else Failure `conflict`
   * or `too_large`), of which nothing leaves but its pixels: neither place nor time, nor how it is to be turned.
   */
  send(room: RoomId, picture: Blob, options: { text: string; description: string; replyTo?: MessageKey }): Promise<MessageKey>;
  /** As far as it is on this device. */
  look(room: RoomId, message: MessageKey): Promise<LoadedPicture>;
  /** Fetches it where it is not. Throws Failure. */
  load(room: RoomId, message: MessageKey): Promise<LoadedPicture>;
}
