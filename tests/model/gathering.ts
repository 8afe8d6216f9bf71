/** How fifty devices come together before the first step. */
import { rooms as roomsBody } from "../../client/src/protocol/api.ts";
import { newUuid } from "../../client/src/protocol/ids.ts";
import { formatLink } from "../../client/src/protocol/links.ts";
import type { KindredServer } from "../support/server.ts";
import { Circle } from "./circle.ts";
import { furtherDevice, type Participant, Small, Whole } from "./people.ts";
import type { Random } from "./random.ts";
import { secretOf, SmallDevice } from "./small_device.ts";

export interface Crowd {
  small: number;
  whole: number;
  /** How many of the small ones are a further device of another one's account. */
  further: number;
}

/** Everybody is in the network's open room, where they may know each other from; the keeper alone is in the circle. */
export async function gather(
  server: KindredServer, { small, whole, further }: Crowd, random: Random, unexpected: (error: unknown) => void,
): Promise<Circle> {
  const id = newUuid();
  const origin = server.address;
  const { coordinator } = await server.links();
  const first = await SmallDevice.join({ origin, secret: secretOf(coordinator), unexpected });
  const secret = await first.invite(small + whole);
  const { open: [lobby] } = await first.http.get("/rooms", roomsBody);
  if (!lobby) throw new Error("the network has no open room");
  const link = formatLink(origin, { kind: "network", secret, name: null, inviter: null });
  const others = Array.from({ length: small - further - 1 }, () => SmallDevice.join({ origin, secret, unexpected }));
  const devices = [first, ...(await Promise.all(others))];
  const wholes = Promise.all(Array.from({ length: whole }, () => Whole.join(origin, link, id, unexpected)));
  await Promise.all(devices.map((device) => device.connect()));
  for (const device of devices) {
    await device.room(lobby.id).enter();
    // Whoever follows it there is of no interest here.
    device.rooms.delete(lobby.id);
  }
  const people: Participant[] = devices.map((device) => new Small(device, id));
  const known = new Set(people.map(({ key }) => key));
  people.push(...(await Promise.all(devices.slice(1, 1 + further).map((device) => furtherDevice(device, id)))));
  for (const person of await wholes) {
    await person.enterOpen(lobby.id);
    people.push(person);
    known.add(person.key);
  }
  const keeper = new Small(first, id);
  const room = first.room(id);
  room.log = new Map();
  await room.found();
  return new Circle(id, keeper, [keeper, ...people.slice(1)], known, random);
}
