import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { framesIn, messagesIn, type HttpMessage } from "./wire_format.ts";

/** Both directions of one TCP connection, byte for byte. */
interface Connection {
  asked: Buffer[];
  answered: Buffer[];
}

export interface Heard {
  requests: HttpMessage[];
  responses: HttpMessage[];
  /** Payloads of WebSocket frames, without the mask that hides a browser's. */
  fromBrowser: Buffer[];
  toBrowser: Buffer[];
}

/** A plain TCP proxy on loopback that writes down everything that passes. It reaches its target from the address `as`. */
export class Recorder {
  private readonly connections: Connection[] = [];
  private readonly sockets = new Set<Socket>();
  private target = 0;

  private constructor(
    private readonly listener: Server,
    readonly port: number,
  ) {}

  static async listen(as: string): Promise<Recorder> {
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
    const recorder = new Recorder(listener, address.port);
    listener.on("connection", (client) => recorder.carry(client, connect({ port: recorder.target, host: "127.0.0.1", localAddress: as })));
    return recorder;
  }

  /** Says which port of loopback lies behind. */
  leadTo(target: number): void {
    this.target = target;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Both directions of every connection, as they were. */
  raw(): Buffer[] {
    return this.connections.flatMap(({ asked, answered }) => [Buffer.concat(asked), Buffer.concat(answered)]);
  }

  /** The same, read as HTTP and WebSocket. */
  heard(): Heard {
    const all: Heard = { requests: [], responses: [], fromBrowser: [], toBrowser: [] };
    for (const { asked, answered } of this.connections) {
      const [up, down] = [Buffer.concat(asked), Buffer.concat(answered)];
      const [requests, responses] = [messagesIn(up), messagesIn(down)];
      all.requests.push(...requests.messages);
      all.responses.push(...responses.messages);
      all.fromBrowser.push(...framesIn(requests.rest));
      all.toBrowser.push(...framesIn(responses.rest));
    }
    return all;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.listener.close();
    await once(this.listener, "close");
  }

  private carry(browser: Socket, server: Socket): void {
    const connection: Connection = { asked: [], answered: [] };
    this.connections.push(connection);
    for (const [from, to, into] of [
      [browser, server, connection.asked],
      [server, browser, connection.answered],
    ] as const) {
      this.sockets.add(from);
      from.on("data", (bytes) => into.push(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
