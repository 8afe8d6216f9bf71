/** Who takes part: devices with a whole engine, and small ones. Both can be asked the same. */
import { headless, type Headless } from "../../client/test/headless.ts";
import { deviceKey } from "../../client/src/protocol/ids.ts";
import { formatLink, type RoomInviteLink } from "../../client/src/protocol/links.ts";
import { until } from "../support/processes.ts";
import type { SmallDevice } from "./small_device.ts";

const LONG_MS = 60_000;
const PIN = "2580";

/** One device. */
export interface Participant {
  readonly account: string;
  /** `account:device`, as everywhere. */
  readonly key: string;
  readonly small: SmallDevice | null;
  online: boolean;
  inside(): boolean;
  /** `invite` is null where another device of the account is in. */
  enter(invite: RoomInviteLink | null): Promise<void>;
  /** Waits until this device is in, after somebody else let it in. */
  letIn(): Promise<void>;
  admit(accounts: readonly string[]): Promise<void>;
  leave(): Promise<void>;
  /** Returns the message's place in the log. */
  say(text: string): Promise<number>;
  network(on: boolean): void;
  /** The log position of each text that was read. */
  read(): Promise<Map<string, number>>;
  /** The accounts this device takes for members. */
  members(): string[];
  end(): Promise<void>;
}

export class Small implements Participant {
  online = true;

  constructor(readonly small: SmallDevice, private readonly room: string) {}

  get account(): string {
    return this.small.account;
  }

  get key(): string {
    return deviceKey(this.small.name);
  }

  inside(): boolean {
    return this.small.room(this.room).inside;
  }

  async enter(invite: RoomInviteLink | null): Promise<void> {
    const room = this.small.room(this.room);
    await (invite ? room.enterBy(invite) : room.enter());
  }

  async letIn(): Promise<void> {
    await until(() => Promise.resolve(this.inside()), LONG_MS, () => `${this.key} was let in and did not come`);
  }

  async admit(accounts: readonly string[]): Promise<void> {
    await this.small.room(this.room).admit(accounts);
  }

  leave(): Promise<void> {
    return this.small.room(this.room).leave();
  }

  say(text: string): Promise<number> {
    return this.small.room(this.room).say(text);
  }

  network(on: boolean): void {
    this.online = on;
    this.small.network(on);
  }

  read(): Promise<Map<string, number>> {
    return Promise.resolve(this.small.room(this.room).texts);
  }

  members(): string[] {
    return [...new Set(this.small.room(this.room).members.map((device) => device.slice(0, 36)))];
  }

  end(): Promise<void> {
    return this.small.end();
  }
}

/** Another device of the same account. */
export async function furtherDevice(of: SmallDevice, room: string): Promise<Small> {
  const device = await of.another();
  await device.connect();
  return new Small(device, room);
}

export class Whole implements Participant {
  readonly small = null;
  online = true;

  private constructor(private readonly device: Headless, private readonly room: string, readonly account: string, readonly key: string) {}

  static async join(origin: string, link: string, room: string, unexpected: (error: unknown) => void): Promise<Whole> {
    const device = await headless({ origin, unexpected });
    const { engine } = device;
    const { account } = await engine.join(link, { name: "Whole", pin: PIN, conductVersion: 1 });
    const [own] = await engine.devices.list();
    if (!own) throw new Error("a whole device is in no list");
    return new Whole(device, room, account, deviceKey({ account, device: own.device }));
  }

  async enterOpen(room: string): Promise<void> {
    const { engine } = this.device;
    await until(() => Promise.resolve(engine.room(room)), LONG_MS, () => "a whole device does not see the room");
    await engine.joinOpenRoom(room);
  }

  inside(): boolean {
    return this.device.engine.room(this.room)?.active ?? false;
  }

  async enter(invite: RoomInviteLink | null): Promise<void> {
    if (!invite) throw new Error("a whole device is the only one of its account here");
    await this.device.engine.acceptRoomInvite(formatLink("", invite));
  }

  async letIn(): Promise<void> {
    await until(() => Promise.resolve(this.inside()), LONG_MS, () => `${this.key} was let in and did not come`);
  }

  admit(accounts: readonly string[]): Promise<void> {
    return this.device.engine.addMembers(this.room, [...accounts]);
  }

  leave(): Promise<void> {
    return this.device.engine.leave(this.room);
  }

  async say(text: string): Promise<number> {
    const { engine } = this.device;
    const key = await engine.sendText(this.room, text);
    return until(async () => {
      const { messages } = await engine.messages(this.room, { limit: 100 });
      return messages.find((message) => message.key === key)?.seq ?? null;
    }, LONG_MS, () => `${this.account} could not send`);
  }

  network(on: boolean): void {
    this.online = on;
    this.device.network(on);
  }

  restart(): Promise<void> {
    return this.device.restart(PIN);
  }

  async read(): Promise<Map<string, number>> {
    const { engine } = this.device;
    const texts = new Map<string, number>();
    if (engine.room(this.room) === null) return texts;
    for (let before: string | null | undefined = undefined; before !== null;) {
      const page = await engine.messages(this.room, { limit: 500, ...(before ? { before } : {}) });
      for (const { body, seq } of page.messages) if (body.type === "text" && seq !== null) texts.set(body.text, seq);
      before = page.before;
    }
    return texts;
  }

  /** How often the engine had to join again, or lost something: neither should ever be. */
  async mishaps(): Promise<string[]> {
    const { engine } = this.device;
    if (engine.room(this.room) === null) return [];
    const { messages } = await engine.messages(this.room, { limit: 1000 });
    return messages.flatMap(({ body }) => {
      if (body.type === "unchecked") return [body.type];
      return body.type === "system" && ["rejoined", "lost", "uncertified"].includes(body.note.type) ? [body.note.type] : [];
    });
  }

  members(): string[] {
    return this.device.engine.members(this.room).map(({ account }) => account);
  }

  end(): Promise<void> {
    return this.device.end();
  }
}
