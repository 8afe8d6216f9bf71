/** What the fake server keeps. */
import type { Bytes } from "../src/protocol/bytes.ts";

export const DOMAIN = "kindred.test";
export const ORIGIN = "https://kindred.test";
export type Fields = Record<string, unknown>;

export class Refused extends Error {
  constructor(readonly code: string, readonly detail: Fields = {}, readonly status = 409) {
    super(code);
  }
}

export interface Item {
  seq: number;
  time: number;
  kind: number;
  epoch: number;
  id: string;
  payload: Bytes;
  tag: Bytes | null;
  frank: Bytes | null;
}

/** A device's place in a room. */
export interface Place {
  /** Entries after this are its own to read. */
  from: number;
  cursor: number;
  leaf: number;
}

export interface ServerRoom {
  id: string;
  kind: string;
  title: string | null;
  epoch: number;
  creator: string;
  log: Item[];
  /** What is no longer kept. */
  purged: number;
  groupInfo: Bytes | null;
  places: Map<string, Place>;
  removing: Set<string>;
  /** Who looks after a group, its rule and its mutes: at first its maker, and everyone may add. */
  roles?: { stewards: string[]; everyone: boolean; muted: { account: string; until: number }[] };
  delivered: number;
}

export interface ServerDevice {
  key: string;
  account: string;
  device: string;
  tokenHash: string;
  signatureKey: string;
  certificate: string;
  packages: string[];
  lastResort: string;
  inbox: { seq: number; room: string; commitSeq: number; welcome: Bytes }[];
}

export function headOf({ log, purged }: ServerRoom): number {
  return log.at(-1)?.seq ?? purged;
}

/** An entry as it stands in frames. */
export function wire({ seq, time, kind, epoch, id, payload, tag, frank }: Item): unknown[] {
  return [seq, time, kind, epoch, Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)), payload, tag, frank, 1];
}

/** What a server has to keep to go back to it. */
export function keep(room: ServerRoom): Pick<ServerRoom, "log" | "epoch" | "groupInfo" | "places"> {
  return { log: [...room.log], epoch: room.epoch, groupInfo: room.groupInfo?.slice() ?? null, places: new Map(room.places) };
}
