/** The HTTP API (docs/protocol.md, section 3). Every failure is a Refusal. */
import { base64url, type Bytes } from "../protocol/bytes.ts";
import { Refusal } from "../protocol/errors.ts";
import { count, Malformed, nullable, object, type Reader, text } from "../protocol/shape.ts";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 20_000;
const API = "/api/v1";
const JSON_TYPE = "application/json";
const BYTES = "application/octet-stream";
const errorBody = object({
  error: object({ code: text, retry_after_ms: nullable(count), epoch: nullable(count), room: nullable(text), index: nullable(count) }),
});

export class Http {
  constructor(
    /** E.g. `https://example.org`. */
    private readonly origin: string,
    private readonly fetch: Fetch,
    private token: Bytes | null = null,
  ) {}

  authenticate(token: Bytes | null): void {
    this.token = token;
  }

  get<T>(path: string, read: Reader<T>): Promise<T> {
    return this.#call(path, { method: "GET" }, read);
  }

  /** What the server publishes for everybody, outside the API. */
  published<T>(name: string, read: Reader<T>): Promise<T> {
    return this.#call(`/.well-known/${name}`, { method: "GET" }, read, { base: "" });
  }

  /** Bytes anywhere in `body` are sent as base64url. */
  post<T>(path: string, body: object, read: Reader<T>): Promise<T> {
    return this.#call(path, { method: "POST", body: JSON.stringify(body, asText) }, read);
  }

  delete<T>(path: string, read: Reader<T>): Promise<T> {
    return this.#call(path, { method: "DELETE" }, read);
  }

  put<T>(path: string, body: object, read: Reader<T>): Promise<T> {
    return this.#call(path, { method: "PUT", body: JSON.stringify(body, asText) }, read);
  }

  /** Sends bytes as they are, for at most `timeoutMs`. */
  upload<T>(method: "POST" | "PUT", path: string, body: Bytes, read: Reader<T>, timeoutMs: number): Promise<T> {
    return this.#call(path, { method, body }, read, { type: BYTES, timeoutMs });
  }

  /** As `post`, for an answer that is bytes. */
  download(path: string, body: object, timeoutMs: number): Promise<Bytes> {
    return this.#bytes(path, { method: "POST", body: JSON.stringify(body, asText) }, timeoutMs);
  }

  /** As `get`, for an answer that is bytes. */
  bytes(path: string, timeoutMs: number): Promise<Bytes> {
    return this.#bytes(path, { method: "GET" }, timeoutMs);
  }

  async #bytes(path: string, init: RequestInit, timeoutMs: number): Promise<Bytes> {
    const [status, { bytes, error }] = await this.#ask(path, init, { timeoutMs }, async (response) => (response.ok
      ? { bytes: new Uint8Array(await response.arrayBuffer()), error: null }
      : { bytes: null, error: await response.json().catch(() => null) as unknown }));
    if (!bytes) throw refusal(status, error);
    return bytes;
  }

  async #call<T>(path: string, init: RequestInit, read: Reader<T>, how: How = {}): Promise<T> {
    // Something between here and the server may answer in its stead, with anything.
    const [status, body] = await this.#ask(path, init, how, (response) => response.json().catch(() => null) as Promise<unknown>);
    if (status < 200 || status >= 300) throw refusal(status, body);
    try {
      return read(body, "body");
    } catch (error) {
      if (error instanceof Malformed) throw new Refusal("unavailable");
      throw error;
    }
  }

  async #ask<T>(path: string, init: RequestInit, { type = JSON_TYPE, timeoutMs = TIMEOUT_MS, base = API }: How, take: (response: Response) => Promise<T>): Promise<[number, T]> {
    const headers: Record<string, string> = { Accept: JSON_TYPE };
    if (init.body !== undefined) headers["Content-Type"] = type;
    if (this.token) headers["Authorization"] = `Bearer ${base64url(this.token)}`;
    try {
      const response = await this.fetch(`${this.origin}${base}${path}`, {
        ...init, headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(timeoutMs),
      });
      return [response.status, await take(response)];
    } catch {
      throw new Refusal("unreachable");
    }
  }
}

interface How {
  type?: string;
  timeoutMs?: number;
  base?: string;
}

function refusal(status: number, body: unknown): Refusal {
  try {
    const { code, retry_after_ms: retryAfterMs, epoch, room, index } = errorBody(body, "error").error;
    return new Refusal(code, { retryAfterMs, epoch, room, index });
  } catch {
    return new Refusal(status >= 500 ? "unavailable" : "unreachable");
  }
}

/** For JSON.stringify: a typed array reaches a replacer whole. */
function asText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? base64url(value) : value;
}
