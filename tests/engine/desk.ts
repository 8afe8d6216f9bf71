import { headless, type Headless } from "../../client/test/headless.ts";
import type { Ask, CaseFile, Question, Report } from "../../client/src/contract/index.ts";
import { type Bytes, fromHex } from "../../client/src/protocol/bytes.ts";
import { dump, type Value } from "../privacy/database.ts";
import { pause } from "../support/processes.ts";
import { KindredServer } from "../support/server.ts";

export const PIN = "2580";
export const asking: Omit<Ask, "room" | "messages"> = { concern: "threats", urgency: "today", wish: "make it stop", named: false, keptFrom: [] };

export const account = ({ engine }: Headless): string => engine.me().account;

/** Whether the one is in the room, for the other. */
export const isIn = (reader: Headless, room: string, who: Headless): boolean => reader.engine.members(room).some((one) => one.account === account(who));

/** Moderators and members with real clients on a real server, who talk in its open room. */
export class Desk {
  readonly people: Headless[] = [];
  readonly faults: unknown[] = [];
  coordinator!: Headless;
  /** The open room. */
  open = "";

  private constructor(readonly server: KindredServer) {}

  static async start(): Promise<Desk> {
    const desk = new Desk(await KindredServer.start());
    try {
      desk.coordinator = await desk.join("Cora", (await desk.server.links()).coordinator);
      const { engine } = desk.coordinator;
      const found = (): string | undefined => engine.rooms().find(({ kind }) => kind === "open")?.id;
      await desk.until(() => found() !== undefined);
      desk.open = found() ?? "";
      await engine.joinOpenRoom(desk.open);
    } catch (error) {
      await desk.end();
      throw error;
    }
    return desk;
  }

  async end(): Promise<void> {
    for (const person of this.people) await person.end();
    await this.server.remove();
  }

  /** Somebody new in the network; members come into the open room. */
  async invite(name: string, role: "member" | "moderator"): Promise<Headless> {
    const link = await this.coordinator.engine.createInvite({ role, uses: 1, days: 1 });
    const person = await this.join(name, link.slice(link.indexOf("#")));
    if (role === "moderator") await this.certified(person);
    if (role === "member") {
      await this.until(() => person.engine.room(this.open) !== null);
      await person.engine.joinOpenRoom(this.open);
    }
    return person;
  }

  /** A phone that nobody has used yet. */
  async device(): Promise<Headless> {
    const person = await headless({ origin: this.server.address, unexpected: (error) => this.faults.push(error) });
    this.people.push(person);
    return person;
  }

  async join(name: string, link: string): Promise<Headless> {
    const person = await this.device();
    const { conduct } = await person.engine.readInvite(link);
    await person.engine.join(link, { name, pin: PIN, conductVersion: conduct?.version ?? 1 });
    await this.until(() => person.engine.connection() === "online");
    return person;
  }

  /** A further device of this person's, with their rooms and as much of what was said and shown in them. */
  async further(person: Headless, history: "all" | "none"): Promise<Headless> {
    const device = await this.device();
    const { typed } = await device.engine.devices.offer();
    const came = device.engine.devices.receive({ pin: PIN, name: "Tablet" });
    await person.engine.devices.readCode(typed);
    await person.engine.devices.send({ history, pin: PIN, ownName: "Phone" });
    await came;
    await this.until(() => device.engine.connection() === "online");
    return device;
  }

  /** They lose the network: what is said from now on does not reach them. */
  async disconnect(person: Headless): Promise<void> {
    person.network(false);
    await this.until(() => person.engine.connection() !== "online");
  }

  /** They lose the network and have it back. */
  async reconnect(person: Headless): Promise<void> {
    await this.disconnect(person);
    person.network(true);
    await this.until(() => person.engine.connection() === "online");
  }

  /** The operator names somebody; another process than the server, so that apps learn of it at their next connection. */
  async appoint(person: Headless, role: "member" | "moderator" | "coordinator"): Promise<void> {
    await this.manage("set_role", account(person), role);
    await this.reconnect(person);
    await this.until(() => person.engine.me().role === role);
    if (role !== "member") await this.agree(person);
  }

  /** A coordinator has confirmed them as staff, and their own device knows. */
  async certified({ engine }: Headless): Promise<void> {
    await this.until(async () => (await engine.appointments.waiting()) === null);
  }

  /** The coordinator confirms somebody whom the operator made staff. */
  async agree(person: Headless): Promise<void> {
    if (this.coordinator.engine.phase() !== "open") return this.beginAnew(person);
    const { appointments } = this.coordinator.engine;
    const found = async () => (await appointments.unconfirmed()).find((one) => one.account === account(person));
    const waits = async (): Promise<boolean> => (await person.engine.appointments.waiting()) !== null;
    if (!(await waits())) return;
    await this.reconnect(this.coordinator);
    await this.until(async () => (await found()) !== undefined);
    await appointments.confirm(account(person), (await found())?.role ?? "moderator");
    await this.certified(person);
  }

  /** Nobody is left who could confirm this coordinator: everybody who is there is asked, and believes it. */
  private async beginAnew(person: Headless): Promise<void> {
    await this.until(async () => (await person.engine.appointments.waiting())?.alone === true);
    await person.engine.appointments.beginAnew();
    await this.certified(person);
    for (const one of this.people) {
      if (one === person || !["open", "suspended"].includes(one.engine.phase()) || one.engine.connection() !== "online") continue;
      await this.reconnect(one);
      await this.believes(one, person);
    }
  }

  /** They are asked whether this is the coordinator now, and believe it. */
  async believes({ engine }: Headless, coordinator: Headless): Promise<void> {
    await this.until(async () => (await engine.appointments.newFirst()) !== null);
    await engine.appointments.decideFirst(account(coordinator), true);
  }

  /** A member whom the coordinator has confirmed once: named again, they need nobody's word. */
  async confirmedBefore(person: Headless, role: "moderator" | "coordinator"): Promise<void> {
    await this.appoint(person, role);
    await this.appoint(person, "member");
  }

  /** What a command of manage.py prints. */
  manage(...words: readonly string[]): Promise<string> {
    return this.server.manage(...words);
  }

  async until(condition: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    for (const end = Date.now() + withinMs; !(await condition()); await pause(30)) {
      if (Date.now() > end || this.faults.length > 0) throw new Error(`not in time: ${condition.toString()}`, { cause: this.faults[0] });
    }
  }

  /** The message with this text, once it is in the log. */
  async sent({ engine }: Headless, room: string, text: string): Promise<string> {
    const find = async () => (await engine.messages(room, { limit: 1000 })).messages.find(({ body, seq }) => body.type === "text" && body.text === text && seq !== null);
    await this.until(async () => (await find()) !== undefined);
    return (await find())?.key ?? "";
  }

  /** One writes it, and the other one has it. Its key for the other. */
  async says(from: Headless, room: string, text: string, to: Headless): Promise<string> {
    await from.engine.sendText(room, text);
    return this.sent(to, room, text);
  }

  /** What was shown, once so much of it is there. */
  async shown({ engine }: Headless, id: string, count = 1): Promise<Report[]> {
    const found = async () => ((await this.file(engine, id))?.inside === true ? engine.cases.reports(id) : []);
    await this.until(async () => (await found()).filter(({ complete }) => complete).length === count);
    return found();
  }

  /** The case as a moderator has it, once it is so. */
  async sees({ engine }: Headless, id: string, so: (file: CaseFile) => boolean): Promise<CaseFile> {
    await this.until(async () => {
      const file = await this.file(engine, id);
      return file !== undefined && so(file);
    });
    return engine.cases.file(id);
  }

  async question({ engine }: Headless, id: string): Promise<Question> {
    const found = (await engine.cases.questions()).find((one) => one.id === id);
    if (!found) throw new Error("no such question");
    return found;
  }

  /** Every handshake and application message of the room that the server's database holds, in order. */
  async log(room: string): Promise<{ kind: number; payload: Bytes }[]> {
    const rows = (await dump(this.server.dataDir)).rows["chat_entry"] ?? [];
    const own = rows.filter((row) => hexOf(row["room_id"]) === room.replaceAll("-", ""));
    return own.sort((one, other) => Number(one["seq"]) - Number(other["seq"])).map(({ kind, payload }) => ({ kind: Number(kind), payload: fromHex(hexOf(payload)) }));
  }

  private async file(engine: Headless["engine"], id: string): Promise<CaseFile | undefined> {
    const all = [...(await engine.cases.queue(false)), ...(await engine.cases.queue(true))];
    return all.find((one) => one.id === id);
  }
}

/** Bytes in hex, or an id without its dashes. */
export function hexOf(value: Value | undefined): string {
  return (value !== null && typeof value === "object" ? value.hex : String(value)).replaceAll("-", "");
}

/** The texts that somebody has of a room. */
export async function texts({ engine }: Headless, room: string): Promise<string[]> {
  return (await engine.messages(room, { limit: 1000 })).messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
}
