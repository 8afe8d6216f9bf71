import { decode, encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromHex, hex, ownBytes, randomBytes } from "../protocol/bytes.ts";
import { isRefusal } from "../protocol/errors.ts";
import { uuidBytes } from "../protocol/ids.ts";
import { Http } from "./http.ts";
import { Link, type LinkState, type Pushed } from "./link.ts";
import type { Network, SocketLike } from "./network.ts";
import { object, text } from "../protocol/shape.ts";

const ACCOUNT = "9b2c8f5e-0d55-4f0e-9f2e-3f6f5a1b7c11";
const TOKEN = randomBytes(32);

/** The server's end of one socket, moved by hand. */
class FakeSocket implements SocketLike {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  closed = false;
  readonly sent: Record<string, unknown>[] = [];

  send(data: Uint8Array): void {
    this.sent.push(decode(data) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  say(frame: Record<string, unknown>): void {
    this.onmessage?.({ data: ownBytes(encode(frame)).slice().buffer });
  }

  welcome(more: Record<string, unknown> = {}): void {
    this.onopen?.();
    this.say({ t: "ready", time: 1, domain: "d", account: uuidBytes(ACCOUNT), device: "80", rooms: [], key_packages_left: 9, ...more });
  }
}

class FakeNetwork implements Network {
  readonly sockets: FakeSocket[] = [];
  isOnline = true;
  #listeners = new Set<() => void>();

  connect() {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }

  online() {
    return this.isOnline;
  }

  watch(listener: () => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(online: boolean): void {
    this.isOnline = online;
    for (const listener of this.#listeners) listener();
  }

  get last(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket");
    return last;
  }
}

let network: FakeNetwork;
let states: LinkState[];
let pushed: Pushed[];
let refused: string[];
let link: Link;

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  [states, pushed, refused] = [[], [], []];
  link = new Link("wss://d/ws", TOKEN, network, {
    state: (state) => states.push(state),
    ready: () => undefined,
    pushed: (frame) => pushed.push(frame),
    refused: (reason) => refused.push(reason),
  });
  link.start();
});
afterEach(() => {
  link.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const id = hex(randomBytes(16));

describe("a link", () => {
  it("says hello with its token and is online when the server is ready", () => {
    network.last.onopen?.();
    expect(network.last.sent).toEqual([{ t: "hello", v: 1, token: TOKEN }]);
    expect(states).toEqual(["connecting"]);
    network.last.welcome();
    expect(states).toEqual(["connecting", "online"]);
  });

  it("matches answers to requests and hands on what nobody asked for", async () => {
    network.last.welcome();
    const pong = link.request({ t: "ping", id });
    network.last.say({ t: "delivered", room: uuidBytes(ACCOUNT), seq: 7 });
    network.last.say({ t: "pong", id: fromHex(id) });
    expect(await pong).toEqual({ t: "pong", id });
    expect(pushed).toEqual([{ t: "delivered", room: ACCOUNT, seq: 7 }]);
  });

  it("throws the server's refusal, with the time it asks for", async () => {
    network.last.welcome();
    const request = link.request({ t: "ping", id }).catch((error: unknown) => error);
    network.last.say({ t: "error", id: fromHex(id), room: null, code: "rate_limited", message: "", retry_after_ms: 900, epoch: null });
    expect(await request).toMatchObject({ code: "rate_limited", detail: { retryAfterMs: 900 } });
  });

  it("leaves frames alone that it does not know, and hangs up on broken ones", async () => {
    network.last.welcome();
    network.last.say({ t: "news", from: "the future" });
    expect(network.last.closed).toBe(false);
    network.last.say({ t: "delivered", room: "no", seq: 7 });
    expect(network.last.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(network.sockets).toHaveLength(2);
  });

  it("comes back after growing waits, and asks again what was left unanswered", async () => {
    network.last.welcome();
    const answer = link.insist({ t: "ping", id }, 60_000);
    for (let tries = 0; tries < 4; tries += 1) {
      const before = network.sockets.length;
      network.last.onclose?.();
      await vi.advanceTimersByTimeAsync(200 * 2 ** tries);
      expect(network.sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(300 * 2 ** tries);
      expect(network.sockets).toHaveLength(before + 1);
    }
    network.last.welcome();
    await vi.advanceTimersByTimeAsync(0);
    expect(network.last.sent.at(-1)).toEqual({ t: "ping", id: fromHex(id) });
    network.last.say({ t: "pong", id: fromHex(id) });
    expect(await answer).toMatchObject({ t: "pong" });
  });

  it("asks the same again when the server cannot tell what became of it", async () => {
    network.last.welcome();
    const answer = link.insist({ t: "ping", id }, 60_000);
    network.last.say({ t: "error", id: fromHex(id), room: null, code: "unavailable", message: "", retry_after_ms: 2_000, epoch: null });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(network.last.sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(network.last.sent.slice(1)).toEqual([{ t: "ping", id: fromHex(id) }, { t: "ping", id: fromHex(id) }]);
    network.last.say({ t: "pong", id: fromHex(id) });
    expect(await answer).toMatchObject({ t: "pong" });
  });

  it("waits for an answer behind others that a slow network brings, and not for one that never comes", async () => {
    network.last.welcome();
    const ids = Array.from({ length: 3 }, () => hex(randomBytes(16)));
    const answers = ids.map((each) => link.request({ t: "ping", id: each }).catch((error: unknown) => error));
    for (const each of ids.slice(0, 2)) {
      await vi.advanceTimersByTimeAsync(15_000);
      network.last.say({ t: "pong", id: fromHex(each) });
    }
    await vi.advanceTimersByTimeAsync(19_000);
    expect(network.sockets[0]?.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(network.sockets[0]?.closed).toBe(true);
    expect(await Promise.all(answers)).toMatchObject([{ t: "pong" }, { t: "pong" }, { code: "unreachable" }]);
  });

  it("gives up insisting when the time is over", async () => {
    network.last.welcome();
    const answer = link.insist({ t: "ping", id }, 3_000).catch((error: unknown) => error);
    network.last.onclose?.();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(isRefusal(await answer, "unreachable")).toBe(true);
  });

  it("notices a connection that went silent", async () => {
    network.last.welcome();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(network.last.sent.at(-1)).toMatchObject({ t: "ping" });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(network.sockets[0]?.closed).toBe(true);
  });

  it("waits for the network, and does not wait longer when it returns", async () => {
    network.last.welcome();
    network.isOnline = false;
    network.last.onclose?.();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.at(-1)).toBe("offline");
    expect(network.sockets).toHaveLength(1);
    network.change(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(network.sockets).toHaveLength(2);
  });

  it("asks a connection for a sign of life when the app comes back to the front", async () => {
    network.last.welcome();
    await vi.advanceTimersByTimeAsync(6_000);
    network.change(true);
    expect(network.last.sent.at(-1)).toMatchObject({ t: "ping" });
    await vi.advanceTimersByTimeAsync(20_500);
    expect(network.sockets.length).toBeGreaterThan(1);
  });

  it.each([["draining", true], ["rate_limited", false]])("stays away as long as a server asks that says %s", async (code, known) => {
    if (known) network.last.welcome();
    network.last.say({ t: "bye", code, retry_after_ms: 5_000 });
    network.last.onclose?.();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(network.sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(network.sockets).toHaveLength(2);
  });

  it.each([0, 0.9])("does not come back in the same moment as the others that were told so (%d)", async (chance) => {
    vi.spyOn(Math, "random").mockReturnValue(chance);
    network.last.welcome();
    network.last.say({ t: "bye", code: "draining", retry_after_ms: 5_000 });
    network.last.onclose?.();
    await vi.advanceTimersByTimeAsync(4_990 + 1_000 * chance);
    expect(network.sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(network.sockets).toHaveLength(2);
  });

  it.each(["revoked", "deleted"])("does not come back when it is %s", async (code) => {
    network.last.welcome();
    network.last.say({ t: "bye", code, retry_after_ms: 0 });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(refused).toEqual([code]);
    expect(network.sockets).toHaveLength(1);
    expect(link.state).toBe("offline");
  });

  it("comes back when it is suspended, to a session that has only the rooms of one's own cases", async () => {
    network.last.welcome();
    network.last.say({ t: "bye", code: "suspended", retry_after_ms: 0 });
    expect(refused).toEqual(["suspended"]);
    network.last.onclose?.();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(network.sockets).toHaveLength(2);
    network.last.welcome({ suspended: true });
    expect(link.state).toBe("online");
  });

  it("does not come back with a token that the server does not know", async () => {
    network.last.onopen?.();
    network.last.say({ t: "error", id: null, room: null, code: "unauthenticated", message: "", retry_after_ms: null, epoch: null });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(refused).toEqual(["unauthenticated"]);
  });
});

describe("the HTTP client", () => {
  const body = object({ name: text });
  const answering = (status: number, value: unknown) => {
    const calls: [string, RequestInit][] = [];
    const http = new Http("https://d", (address, init) => {
      calls.push([address, init]);
      return Promise.resolve(new Response(typeof value === "string" ? value : JSON.stringify(value), { status }));
    }, TOKEN.fill(255));
    return { http, calls };
  };

  it("sends bytes as base64url and its token in a header", async () => {
    const { http, calls } = answering(200, { name: "x", later: 1 });
    expect(await http.post("/a", { data: Uint8Array.of(255, 254), list: [Uint8Array.of(1)] }, body)).toEqual({ name: "x" });
    const [[address, init] = ["", {}]] = calls;
    expect(address).toBe("https://d/api/v1/a");
    expect(init.body).toBe('{"data":"__4","list":["AQ"]}');
    expect(init.headers).toMatchObject({ Authorization: `Bearer ${"_".repeat(42)}8` });
    expect(init).toMatchObject({ cache: "no-store", credentials: "omit" });
  });

  it.each([
    [409, { error: { code: "direct_exists", message: "", room: ACCOUNT } }, { code: "direct_exists", detail: { room: ACCOUNT } }],
    [429, { error: { code: "rate_limited", message: "", retry_after_ms: 5 } }, { code: "rate_limited", detail: { retryAfterMs: 5 } }],
    [502, "<html>", { code: "unavailable" }],
    [404, "<html>", { code: "unreachable" }],
    [200, { name: 7 }, { code: "unavailable" }],
  ])("answers %i with a refusal that says what it is", async (status, value, expected) => {
    await expect(answering(status, value).http.get("/a", body)).rejects.toMatchObject(expected);
  });

  it("answers a network that fails with unreachable", async () => {
    const http = new Http("https://d", () => Promise.reject(new TypeError("fetch failed")));
    await expect(http.get("/a", body)).rejects.toMatchObject({ code: "unreachable" });
  });
});
