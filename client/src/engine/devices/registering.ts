/**
 * A further device of an account comes to be (docs/protocol.md, section 2.1): it holds the account's identity key, from
 * another device or from a backup, certifies its own MLS key by it, and proves to the server that it may.
 */
import { me as meBody, type MeBody, server as serverBody } from "../../protocol/api.ts";
import { sha256 } from "../../protocol/bytes.ts";
import { certify, proveRegistration } from "../../crypto/identity.ts";
import type { Mls } from "../../crypto/mls.ts";
import type { Http } from "../../transport/http.ts";
import type { ProfileRecord } from "../records/index.ts";
import { FULL } from "./upkeep.ts";

type Registrant = Pick<ProfileRecord, "account" | "device" | "identity" | "token">;

/**
 * Registers the device with its key packages. `http` needs no token. The server answers a repetition with other key packages
 * as the first time, so that it can be tried until an answer comes. Throws Refusal.
 */
export async function register(http: Http, mls: Mls, { account, device, identity, token }: Registrant): Promise<MeBody> {
  const packages = await mls.transaction((tx) => tx.keyPackages(FULL + 1));
  const lastResort = packages.pop() ?? new Uint8Array();
  const name = { account, device };
  const tokenHash = await sha256(token);
  // A phone whose clock is wrong could prove nothing by its own.
  const { time } = await http.get("/server", serverBody);
  return http.post("/devices", {
    ...name, signature_key: mls.signatureKey, certificate: await certify(identity, name, mls.signatureKey),
    token_hash: tokenHash, proof_time: time, proof: await proveRegistration(identity, name, tokenHash, time),
    key_packages: packages, last_resort: lastResort,
  }, meBody);
}
