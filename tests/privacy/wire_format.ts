/** One HTTP/1.1 request or response. */
export interface HttpMessage {
  /** Request or status line. */
  line: string;
  /** Names in lower case. */
  headers: Map<string, string>;
  body: Buffer;
}

/** Reads one direction of a connection (RFC 9112). What follows a change to another protocol is `rest`. */
export function messagesIn(stream: Buffer): { messages: HttpMessage[]; rest: Buffer } {
  const messages: HttpMessage[] = [];
  let at = 0;
  while (at < stream.length) {
    const end = stream.indexOf("\r\n\r\n", at);
    if (end < 0) break;
    const [line = "", ...lines] = stream.toString("latin1", at, end).split("\r\n");
    const headers = new Map(lines.map((one) => [one.slice(0, one.indexOf(":")).toLowerCase(), one.slice(one.indexOf(":") + 1).trim()]));
    const start = end + 4;
    const upgraded = headers.get("upgrade")?.toLowerCase() === "websocket";
    const [body, next] = upgraded ? [Buffer.alloc(0), start] : bodyAt(stream, start, line, headers);
    messages.push({ line, headers, body });
    at = next;
    if (upgraded) return { messages, rest: stream.subarray(at) };
  }
  return { messages, rest: Buffer.alloc(0) };
}

function bodyAt(stream: Buffer, start: number, line: string, headers: Map<string, string>): [Buffer, number] {
  if (headers.get("transfer-encoding") === "chunked") return chunksAt(stream, start);
  const bodiless = /^HTTP\/1\.1 (1..|204|304)/.test(line);
  const length = bodiless ? 0 : Number(headers.get("content-length") ?? 0);
  return [stream.subarray(start, start + length), start + length];
}

function chunksAt(stream: Buffer, start: number): [Buffer, number] {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = stream.indexOf("\r\n", at);
    if (lineEnd < 0) return [Buffer.concat(chunks), stream.length];
    const size = parseInt(stream.toString("latin1", at, lineEnd), 16);
    if (size === 0) return [Buffer.concat(chunks), stream.indexOf("\r\n", lineEnd + 2) + 2];
    chunks.push(stream.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** The payload of each WebSocket frame (RFC 6455, section 5.2), unmasked. A frame that was cut off is left out. */
export function framesIn(stream: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  let at = 0;
  while (at + 2 <= stream.length) {
    const second = stream[at + 1] ?? 0;
    const masked = (second & 0x80) !== 0;
    let length = second & 0x7f;
    let start = at + 2;
    if (length === 126 && start + 2 <= stream.length) {
      length = stream.readUInt16BE(start);
      start += 2;
    } else if (length === 127 && start + 8 <= stream.length) {
      length = Number(stream.readBigUInt64BE(start));
      start += 8;
    }
    const mask = masked ? stream.subarray(start, start + 4) : null;
    if (mask !== null) start += 4;
    if (start + length > stream.length) break;
    const payload = Buffer.from(stream.subarray(start, start + length));
    if (mask !== null) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    payloads.push(payload);
    at = start + length;
  }
  return payloads;
}
