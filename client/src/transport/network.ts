/** What the socket needs of its surroundings: a browser's page, or Node. */

/** The part of WebSocket that is used; `ws` for Node has the same. */
export interface SocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

export interface Network {
  connect(address: string): SocketLike;
  /** False only when there is certainly no network. */
  online(): boolean;
  /** Calls back when `online` changes or the app comes to the front. Returns how to stop. */
  watch(listener: () => void): () => void;
}
