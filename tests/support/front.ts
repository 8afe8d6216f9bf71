import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";

/** How requests fare: 502 and 503 are the front's own answers, "cut" ends them without one. */
export type Weather = "fair" | 502 | 503 | "cut";

/** A reverse proxy in front of a server on loopback, as in a rolling restart: requests may fail while sockets go on. */
export class Front {
  /** What becomes of requests. Sockets are carried whatever it says. */
  weather: Weather = "fair";
  /** The paths of requests that did not reach the server. */
  readonly failed: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {
    listener.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    listener.on("request", (asked, answer) => this.answer(asked, answer));
    listener.on("upgrade", (asked: IncomingMessage, client: Socket, first: Buffer) => this.carry(asked, client, first));
  }

  /** Listens on a free port and brings everything to the port `target`. */
  static async before(target: number): Promise<Front> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new Front(listener, target);
  }

  /** Where clients go, without a slash at the end. */
  get address(): string {
    const address = this.listener.address();
    if (address === null || typeof address === "string") throw new Error("The front is closed");
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.listener.close();
    await once(this.listener, "close");
  }

  private answer(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.weather !== "fair") {
      this.failed.push(asked.url ?? "");
      if (this.weather === "cut") asked.socket.destroy();
      else answer.writeHead(this.weather, { "Content-Type": "text/html" }).end("<h1>Try again</h1>");
      return;
    }
    const { method, url: path, headers } = asked;
    const onward = request({ host: "127.0.0.1", port: this.target, method, path, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    // Whoever asked is told by the same break.
    onward.on("error", () => asked.socket.destroy());
    asked.pipe(onward);
  }

  /** A socket's first request goes on as it came, and every byte after it. */
  private carry({ method, url, rawHeaders }: IncomingMessage, client: Socket, first: Buffer): void {
    const server = connect(this.target, "127.0.0.1");
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ""}`] : []));
    server.write(`${method ?? "GET"} ${url ?? "/"} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    server.write(first);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  }
}
