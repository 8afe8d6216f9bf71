import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A network cable in front of a server on loopback: it can be pulled out, and it remembers every byte that went through. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private readonly seen: Buffer[] = [];
  private whole = true;

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {
    listener.on("connection", (client) => this.carry(client));
  }

  /** Listens on a free port and carries everything to and from the port `target`. */
  static async to(target: number): Promise<Wire> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new Wire(listener, target);
  }

  get port(): number {
    const address = this.listener.address();
    if (address === null || typeof address === "string") throw new Error("The wire is closed");
    return address.port;
  }

  /** Ends every connection and refuses new ones, as when the network goes. */
  cut(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.whole = true;
  }

  /** Everything that went through so far, both ways, in the order of arrival. */
  bytes(): Buffer {
    return Buffer.concat(this.seen);
  }

  async close(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, "close");
  }

  private carry(client: Socket): void {
    if (!this.whole) {
      client.destroy();
      return;
    }
    const server = connect(this.target, "127.0.0.1");
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on("data", (bytes) => this.seen.push(bytes));
      // A broken connection is what this is for: the other side is told by the same break.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
