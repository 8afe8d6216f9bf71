/** One try of a commit, with what it cost. */
import { CommitRefused, type SendCommit } from "../../client/src/crypto/mls.ts";
import type { MlsTransaction } from "../../client/src/crypto/transaction.ts";
import { type Bytes, hex, randomBytes } from "../../client/src/protocol/bytes.ts";
import { Refusal } from "../../client/src/protocol/errors.ts";
import type { Accepted } from "../../client/src/protocol/frames.ts";
import { deviceKey, parseClientId } from "../../client/src/protocol/ids.ts";
import type { SmallDevice } from "./small_device.ts";

export const INSIST_MS = 60_000;

/** A commit that the server took: its place, the sizes of what was sent in bytes, and the time it took in ms. */
export interface Committed {
  seq: number;
  epoch: number;
  bytes: { commit: number; welcome: number; groupInfo: number };
  /** On the device, without the time in which the server was asked. */
  clientMs: number;
  serverMs: number;
}

/** A group's epoch and its device keys in the order of their leaves. */
export interface GroupState {
  epoch: number;
  members: string[];
}

export interface Try {
  /** The epoch that it is made in; null for the group's present one. */
  epoch: number | null;
  /** A room invite's secret, for an external commit. */
  invite: Bytes | null;
  /** May find that there is nothing to commit. */
  make(tx: MlsTransaction): Promise<void>;
}

/** `committed` is null when nothing was. Throws Refusal; then the group is as before. */
export async function commit(device: SmallDevice, room: string, { epoch, invite, make }: Try): Promise<{ committed: Committed | null; state: GroupState }> {
  const id = hex(randomBytes(16));
  const answer: { accepted: Accepted | null; refusal: Refusal | null; bytes: Committed["bytes"]; ms: number } = {
    accepted: null, refusal: null, bytes: { commit: 0, welcome: 0, groupInfo: 0 }, ms: 0,
  };
  let madeIn = epoch ?? 0;
  const send: SendCommit = async ({ commit: message, groupInfo, welcome }) => {
    answer.bytes = { commit: message.length, welcome: welcome?.length ?? 0, groupInfo: groupInfo.length };
    const asked = performance.now();
    try {
      const frame = { t: "commit", id, room, epoch: madeIn, commit: message, group_info: groupInfo, welcome, invite } as const;
      answer.accepted = await device.link.insist(frame, INSIST_MS);
      return "accepted";
    } catch (error) {
      answer.refusal = error instanceof Refusal ? error : new Refusal("unreachable");
      return { refused: answer.refusal.code };
    } finally {
      answer.ms = performance.now() - asked;
    }
  };
  const began = performance.now();
  try {
    const state = await device.mls.transaction(async (tx) => {
      if (epoch === null) {
        // Put out since it was asked for: the group is gone with the commit that did so.
        if (!(await tx.exists(room))) throw new Refusal("not_in_room");
        madeIn = await tx.epoch(room);
      }
      await make(tx);
      return look(tx, room, device.domain);
    }, send);
    const { accepted, bytes, ms } = answer;
    const clientMs = performance.now() - began - ms;
    return { state, committed: accepted && { seq: accepted.seq, epoch: state.epoch, bytes, clientMs, serverMs: ms } };
  } catch (error) {
    throw error instanceof CommitRefused ? (answer.refusal ?? new Refusal("unreachable")) : error;
  }
}

export async function look(tx: MlsTransaction, room: string, domain: string): Promise<GroupState> {
  const members = (await tx.members(room)).map((client) => {
    const name = parseClientId(client, domain);
    if (!name) throw new Error("a client id of another domain");
    return deviceKey(name);
  });
  return { epoch: await tx.epoch(room), members };
}
