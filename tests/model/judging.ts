/** Whether everybody has come to the same: epoch, roster and messages, on the devices and on the server. */
import { deviceKey } from "../../client/src/protocol/ids.ts";
import { until } from "../support/processes.ts";
import type { Circle } from "./circle.ts";
import { Whole } from "./people.ts";

const SETTLED_MS = 90_000;

/** Waits until everybody has, and returns the epoch. Says who has not. */
export async function converged(circle: Circle): Promise<number> {
  let why = "";
  return until(async () => {
    const server = await circle.room.asTheServerHasIt();
    why = await difference(circle, server);
    return why === "" ? server.epoch : null;
  }, SETTLED_MS, () => why);
}

type AtServer = Awaited<ReturnType<Circle["room"]["asTheServerHasIt"]>>;

async function difference(circle: Circle, server: AtServer): Promise<string> {
  const roster = server.roster.map(deviceKey).sort();
  const expected = circle.model.inside().sort();
  if (server.pending_removals.length > 0) return `${server.pending_removals.length} removals wait`;
  if (roster.join() !== expected.join()) return `the server has ${roster.length} in the room, the model ${expected.length}`;
  const accounts = [...new Set(server.roster.map(({ account }) => account))].sort().join();
  for (const [index, person] of circle.people.entries()) {
    const isIn = circle.model.isIn(person.key);
    if (person.inside() !== isIn) return `device ${index} is ${isIn ? "not " : ""}in`;
    if (!isIn) continue;
    const room = person.small?.room(circle.id);
    if (room && (room.epoch !== server.epoch || room.cursor !== server.head)) {
      const last = circle.room.log?.get(server.head);
      const what = last ? `which the keeper has as kind ${last.kind}` : "which the keeper has not seen";
      return `device ${index} is at ${room.epoch}/${room.cursor}, the server at ${server.epoch}/${server.head}, ${what}`;
    }
    if (room && [...room.members].sort().join() !== roster.join()) return `device ${index} has another roster`;
    const last = circle.model.messages.at(-1)?.text ?? "";
    if (!room && !(await person.read()).has(last)) return `device ${index} has not read the last message`;
    if (person.members().sort().join() !== accounts) return `device ${index} sees other members`;
  }
  return "";
}

/** Everything that is not as it should be with who has read what. */
export async function misreadings(circle: Circle): Promise<string[]> {
  learnEpochs(circle);
  const { model, room, people } = circle;
  const found: string[] = [];
  for (const [index, person] of people.entries()) {
    const texts = await person.read();
    const secret: { seq: number; payload: Uint8Array<ArrayBuffer> }[] = [];
    for (const said of model.messages) {
      if (said.by === person.key) continue;
      const entry = room.log?.get(said.seq);
      if (!entry) throw new Error(`the keeper has not seen ${said.seq}`);
      const verdict = model.verdict(person.key, said, entry.epoch);
      const seq = texts.get(said.text);
      if (verdict === "reads" && seq !== said.seq) {
        const outcome = person.small?.room(circle.id).outcomes.get(said.seq) ?? "nothing";
        found.push(`device ${index} has not read ${said.seq} (step ${said.step}, epoch ${entry.epoch}): ${outcome}`);
      }
      if (verdict === "never reads") {
        if (seq !== undefined) found.push(`device ${index} has read ${said.seq} (step ${said.step})`);
        secret.push({ seq: said.seq, payload: entry.payload });
      }
    }
    const own = person.small?.room(circle.id);
    for (const at of (await own?.pry(secret.map(({ payload }) => payload))) ?? []) {
      found.push(`device ${index} can read ${secret[at]?.seq} with the keys it has`);
    }
    if (own && !own.inside) found.push(...(await followed(circle, index)));
    if (own && own.mended > 0) found.push(`device ${index} had to join again ${own.mended} times`);
    if (person instanceof Whole) found.push(...(await person.mishaps()).map((what) => `device ${index}: ${what}`));
  }
  return found;
}

/** What somebody who has gone can read with the keys kept and everything that the server stored since. */
async function followed({ people, model, room, id }: Circle, index: number): Promise<string[]> {
  const person = people[index];
  const own = person?.small?.room(id);
  const went = person && model.wentAt(person.key);
  if (!own || went === null || went === undefined || !room.log) return [];
  const since = [...room.log].filter(([seq]) => seq > own.cursor).sort(([one], [other]) => one - other);
  const later = new Set(model.messages.filter(({ step }) => step > went).map(({ seq }) => seq));
  const read = await own.pry(since.map(([, { payload }]) => payload));
  return read.flatMap((at) => {
    const seq = since[at]?.[0] ?? 0;
    return later.has(seq) ? [`device ${index} has gone and can read ${seq} from the database`] : [];
  });
}

function learnEpochs({ people, model, room, keeper }: Circle): void {
  const came = new Map<string, number[]>([[keeper.key, [1]]]);
  const all = new Map<string, number[]>([[keeper.key, [1]]]);
  const note = (where: Map<string, number[]>, device: string, epoch: number) => {
    where.set(device, [...(where.get(device) ?? []), epoch]);
  };
  for (const passage of room.passages) {
    for (const device of passage.came) note(came, device, passage.epoch);
    for (const device of [...passage.came, ...(passage.again ? [passage.again] : [])]) note(all, device, passage.epoch);
  }
  for (const { key } of people) model.learnEpochs(key, came.get(key) ?? [], all.get(key) ?? []);
}
