import { afterEach, expect, test, vi } from "vitest";
import type { Link } from "../../transport/link.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import type { Room } from "../rooms/rooms.ts";

interface Frame {
  t: string;
  rooms: [room: string, seq: number][];
}

function acknowledging(taken = Infinity): { told: Frame[]; acknowledgements: Acknowledgements } {
  const told: Frame[] = [];
  const post = (frame: Frame): boolean => told.length < taken && told.push(frame) > 0;
  return { told, acknowledgements: new Acknowledgements({ post } as unknown as Link) };
}

const room = (number: number): Room => ({ id: `room ${String(number)}`, cursor: 1 + (number % 20) }) as unknown as Room;
const rooms = Array.from({ length: 450 }, (_, number) => room(number));

afterEach(() => {
  vi.useRealTimers();
});

test("a room is told of after 32 entries, or two seconds after the first that was not, and not for each entry", () => {
  vi.useFakeTimers();
  const { told, acknowledgements } = acknowledging();
  const one = { id: "room", cursor: 10 };
  const reach = (cursor: number): void => {
    one.cursor = cursor;
    acknowledgements.advanced(one as unknown as Room);
  };
  acknowledgements.known(one as unknown as Room, 10);
  for (let cursor = 11; cursor <= 106; cursor += 1) reach(cursor);
  expect(told.map(({ rooms }) => rooms)).toEqual([42, 74, 106].map((seq) => [["room", seq]]));
  told.length = 0;
  reach(107);
  vi.advanceTimersByTime(1_500);
  reach(108);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(told).toEqual([{ t: "cursor", rooms: [["room", 108]] }]);
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(1);
});

test("no frame tells of more rooms than the server takes, and each is told of once", () => {
  const { told, acknowledgements } = acknowledging();
  for (const one of rooms) acknowledgements.advanced(one);
  acknowledgements.flush();
  acknowledgements.flush();
  expect(told.map((frame) => frame.rooms.length)).toEqual([200, 200, 50]);
  expect(told.flatMap((frame) => frame.rooms).sort()).toEqual(rooms.map(({ id, cursor }) => [id, cursor]).sort());
});

test("what could not be told is told the next time", () => {
  const lost = acknowledging(1);
  for (const one of rooms.slice(0, 30)) lost.acknowledgements.advanced(one);
  lost.acknowledgements.flush();
  expect(lost.told).toHaveLength(1);
  lost.acknowledgements.advanced({ id: "room 5", cursor: 7 } as unknown as Room);
  lost.acknowledgements.flush();
  lost.told.length = 0;
  lost.acknowledgements.flush();
  expect(lost.told).toEqual([{ t: "cursor", rooms: [["room 5", 7]] }]);
});
