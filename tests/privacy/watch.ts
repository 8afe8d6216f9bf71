import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { until } from "../support/processes.ts";
import type { KindredServer } from "../support/server.ts";
import { type Form, formsOf } from "./forms.ts";
import { searchMemory } from "./memory.ts";
import type { Recorder } from "./recorder.ts";

/** What the memory of a server's processes held at one moment. */
export interface Look {
  when: string;
  /** Of the words that must not be there: whose, and how they stand. */
  found: { what: string; how: string }[];
  /** How many pieces of what browsers had sent before were still there: what was let go is looked through, too. */
  remains: number;
}

type Wanted = Form & { what: string };

const held = "what a request brings";
const sent = "what was sent";
const piece = 32;

/** Looks for words that must not be there through the memory of a server, whenever it is asked to. */
export class Watch {
  readonly looks: Look[] = [];
  private readonly words: Wanted[] = [];

  /** `secrets` are the words, by what they are. `wire` leads from browsers to the server, and hears what they send. */
  constructor(private readonly server: () => KindredServer, private readonly wire: Recorder, secrets: Readonly<Record<string, string>> = {}) {
    for (const [what, text] of Object.entries(secrets)) this.seek(what, formsOf(text));
  }

  /** From now on these are looked for as well. */
  seek(what: string, forms: readonly Form[]): void {
    this.words.push(...wanted(what, forms));
  }

  /** What was found of one of the secrets, at any moment. */
  foundOf(secret: string): string[] {
    return this.looks.flatMap(({ when, found }) => found.filter(({ what }) => what === secret).map(({ how }) => `${when}: ${how}`));
  }

  /**
   * Searches now. Each time the server holds a request that does bring words in plain, in every form; it is not over until
   * each of these is found, so that no search passes that does not see what the server has before it.
   */
  async look(when: string): Promise<void> {
    const control = formsOf(`Held ${randomBytes(8).toString("hex")} für ☂ 🦀 now`);
    const pieces = this.pieces();
    const forms = [...this.words, ...wanted(held, control), ...wanted(sent, pieces)];
    const letGo = await hold(this.server().port, control);
    try {
      const look: Look = { when, found: [], remains: 0 };
      await until(async () => {
        const { found } = await searchMemory(this.server().pid, forms);
        const count = (of: string): number => [...found].filter(({ what }) => what === of).length;
        look.remains = count(sent);
        look.found.push(...[...found].filter(({ what }) => what !== held && what !== sent));
        return count(held) === control.length;
      }, 120_000, () => "The server does not read a request, or its memory is not searched");
      this.looks.push(look);
    } finally {
      letGo();
    }
  }

  /** From the middle of each request and frame that browsers sent: ciphertext, most of it. */
  private pieces(): Form[] {
    const { requests, fromBrowser } = this.wire.heard();
    return [...requests.map(({ body }) => body), ...fromBrowser].filter(({ length }) => length >= 4 * piece).map((bytes, index) => {
      const middle = bytes.length >> 1;
      return { how: `piece ${index}`, bytes: Buffer.from(bytes.subarray(middle, middle + piece)) };
    });
  }
}

function wanted(what: string, forms: readonly Form[]): Wanted[] {
  return forms.map((form) => ({ ...form, what }));
}

/** Brings the server nearly all of a request, with each of `forms` in it, so that it has to keep what there is until it is let go. */
export async function hold(port: number, forms: readonly Form[]): Promise<() => void> {
  const body = Buffer.concat(forms.flatMap(({ bytes }) => [Buffer.from(" , "), bytes]));
  const head = ["POST /api/v1/invites/check HTTP/1.1", `Host: 127.0.0.1:${port}`, "Content-Type: application/json", `Content-Length: ${body.length + 1}`, "", ""];
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(Buffer.concat([Buffer.from(head.join("\r\n")), body]));
  return () => socket.destroy();
}
