/** Stands between an engine and the server, and changes what the server says. For tests. */
import { decode, encode } from "@msgpack/msgpack";
import { ownBytes } from "../src/protocol/bytes.ts";
import type { Fetch } from "../src/transport/http.ts";
import type { SocketLike } from "../src/transport/network.ts";
import type { Fields } from "./fake-model.ts";

export interface Tamper {
  /** The JSON to be answered on this path instead. */
  http?: (path: string, body: Fields) => Fields;
  /** The frame to be received instead; null swallows it. */
  frame?: (frame: Fields) => Fields | null;
}

export function tamperedFetch(fetch: Fetch, tamper: Tamper): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!tamper.http || !response.ok) return response;
    const body = tamper.http(new URL(input).pathname.replace("/api/v1", ""), (await response.json()) as Fields);
    return new Response(JSON.stringify(body), { status: response.status });
  };
}

export function tamperedSocket(socket: SocketLike, tamper: Tamper): SocketLike {
  const outer: SocketLike = {
    binaryType: "", onopen: null, onmessage: null, onclose: null, onerror: null,
    send: (data) => {
      socket.send(data);
    },
    close: () => {
      socket.close();
    },
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => outer.onopen?.();
  socket.onclose = () => outer.onclose?.();
  socket.onerror = (event) => outer.onerror?.(event);
  socket.onmessage = ({ data }) => {
    const frame = decode(new Uint8Array(data as ArrayBuffer)) as Fields;
    const changed = tamper.frame ? tamper.frame(frame) : frame;
    if (changed) outer.onmessage?.({ data: ownBytes(encode(changed)).slice().buffer });
  };
  return outer;
}
