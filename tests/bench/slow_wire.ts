import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { pause } from "../support/processes.ts";

/** What a network gives: bytes a second each way, and the time of a round trip in ms. */
export interface Speed {
  down: number;
  up: number;
  roundTrip: number;
}

/** Lighthouse's slow 4G: 1.6 Mbit/s down, 750 kbit/s up, 150 ms. */
export const slow4G: Speed = { down: 1_600_000 / 8, up: 750_000 / 8, roundTrip: 150 };

/** The only way to a server, as slow as `speed`, for pages, workers and sockets alike. Everything shares one line. */
export class SlowWire {
  private readonly sockets = new Set<Socket>();
  private readonly free = { down: 0, up: 0 };
  private target = 0;

  private constructor(
    private readonly listener: Server,
    readonly port: number,
    private readonly speed: Speed,
  ) {}

  static async listen(speed: Speed): Promise<SlowWire> {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const wire = new SlowWire(listener, (listener.address() as AddressInfo).port, speed);
    listener.on("connection", (client) => void wire.carry(client));
    return wire;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Says which port of loopback lies behind. */
  leadTo(target: number): void {
    this.target = target;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.listener.close();
    await once(this.listener, "close");
  }

  private async carry(client: Socket): Promise<void> {
    const server = connect(this.target, "127.0.0.1");
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.end();
      });
    }
    // The handshake of TCP takes a round trip before anything is said.
    await pause(this.speed.roundTrip);
    void this.pass(client, server, "up");
    void this.pass(server, client, "down");
  }

  /** Each piece waits until the line is free, takes its time on it, and arrives half a round trip later. */
  private async pass(from: Socket, to: Socket, way: "down" | "up"): Promise<void> {
    let arrived: Promise<void> = Promise.resolve();
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) {
        const begins = Math.max(performance.now(), this.free[way]);
        this.free[way] = begins + (bytes.length / this.speed[way]) * 1000;
        await pause(this.free[way] - performance.now());
        arrived = Promise.all([arrived, pause(this.speed.roundTrip / 2)]).then(() => void (!to.writable || to.write(bytes)));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE" && (error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    }
  }
}
