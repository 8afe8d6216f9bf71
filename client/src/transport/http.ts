/** The HTTP API (docs/protocol.md, section 3). Every failure is a Refusal. */
import { base64url, type Bytes } from "../protocol/bytes.ts";
import { Refusal } from "../protocol/errors.ts";
import { count, Malformed, nullable, object, type Reader, text } from "../protocol/shape.ts";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 20_000;
const errorBody = object({
  error: object({ code: text, retry_after_ms: nullable(count), epoch: nullable(count), room: nullable(text) }),
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

  /** Bytes anywhere in `body` are sent as base64url. */
  post<T>(path: string, body: object, read: Reader<T>): Promise<T> {
    return this.#call(path, { method: "POST", body: JSON.stringify(body, asText) }, read);
  }

  async #call<T>(path: string, init: RequestInit, read: Reader<T>): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (init.body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers["Authorization"] = `Bearer ${base64url(this.token)}`;
    let status: number;
    let body: unknown;
    try {
      const response = await this.fetch(`${this.origin}/api/v1${path}`, {
        ...init, headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      // Something between here and the server may answer in its stead, with anything.
      body = await response.json().catch(() => null);
    } catch {
      throw new Refusal("unreachable");
    }
    if (status < 200 || status >= 300) throw refusal(status, body);
    try {
      return read(body, "body");
    } catch (error) {
      if (error instanceof Malformed) throw new Refusal("unavailable");
      throw error;
    }
  }
}

function refusal(status: number, body: unknown): Refusal {
  try {
    const { code, retry_after_ms: retryAfterMs, epoch, room } = errorBody(body, "error").error;
    return new Refusal(code, { retryAfterMs, epoch, room });
  } catch {
    return new Refusal(status >= 500 ? "unavailable" : "unreachable");
  }
}

/** For JSON.stringify: a typed array reaches a replacer whole. */
function asText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? base64url(value) : value;
}
