/** What a member who means no good makes of the independent client: commits and messages that are wrong in exactly one way. */
import { createCommit, type CiphersuiteImpl, type Proposal } from "ts-mls";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { randomBytes } from "node:crypto";
import { bytes, type Bytes } from "./independent/encodings.ts";
import { groupInfoOf, suite } from "./independent/extensions.ts";
import { closed, open, type Group, type Prepared } from "./independent/mls.ts";

export function noise(length: number): Bytes {
  return bytes(randomBytes(length));
}

export function flipped(data: Uint8Array): Bytes {
  return bytes(data.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
}

/** A renewal whose signature does not fit. */
export async function wrongSignature(group: Group): Promise<Prepared> {
  const prepared = await group.prepare();
  const { publicMessage } = open(prepared.commit, "mls_public_message");
  const auth = { ...publicMessage.auth, signature: flipped(publicMessage.auth.signature) };
  return { ...prepared, commit: closed({ version: "mls10", wireformat: "mls_public_message", publicMessage: { ...publicMessage, auth } }) };
}

/** A renewal that does not prove that its sender is a member. Only members can tell. */
export async function wrongMembershipTag(group: Group): Promise<Prepared> {
  const prepared = await group.prepare();
  const { publicMessage } = open(prepared.commit, "mls_public_message");
  if (publicMessage.senderType !== "member") throw new Error("A member's commit has a membership tag");
  const bent = { ...publicMessage, membershipTag: flipped(publicMessage.membershipTag) };
  return { ...prepared, commit: closed({ version: "mls10", wireformat: "mls_public_message", publicMessage: bent }) };
}

/** A renewal after which nobody has the keys that the commit confirms. Only members can tell. */
export async function wrongConfirmationTag(group: Group): Promise<Prepared> {
  const prepared = await group.prepare();
  const { publicMessage } = open(prepared.commit, "mls_public_message");
  const { content, auth } = publicMessage;
  if (auth.contentType !== "commit") throw new Error("Not a commit");
  const confirmationTag = flipped(auth.confirmationTag);
  const authenticated = { wireformat: "mls_public_message" as const, content, auth: { ...auth, confirmationTag } };
  const bent = await protectPublicMessage(group.state.keySchedule.membershipKey, group.state.groupContext, authenticated, suite);
  const next = { ...prepared.next, confirmationTag };
  return { ...prepared, next, commit: closed({ version: "mls10", wireformat: "mls_public_message", publicMessage: bent }), groupInfo: await groupInfoOf(next) };
}

/** A renewal that tells the others noise instead of the new secrets. Only members can tell. */
export async function unreadablePath(group: Group): Promise<Prepared> {
  const deaf: CiphersuiteImpl = {
    ...suite,
    hpke: { ...suite.hpke, seal: async (key, plaintext, info, aad) => ({ ...(await suite.hpke.seal(key, plaintext, info, aad)), ct: noise(plaintext.length + 16) }) },
  };
  const { newState, commit } = await createCommit({ state: group.state, cipherSuite: deaf }, { wireAsPublicMessage: true });
  return { epoch: group.epoch, commit: closed(commit), groupInfo: await groupInfoOf(newState), welcome: null, next: newState };
}

/** A commit as a PrivateMessage, which the server cannot judge. */
export async function hiddenCommit(group: Group, proposals: readonly Proposal[] = []): Promise<Bytes> {
  const { commit } = await createCommit({ state: group.state, cipherSuite: suite }, { extraProposals: [...proposals] });
  return closed(commit);
}
