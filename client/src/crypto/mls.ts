/**
 * One MLS client (RFC 9420) around core-crypto. Everything that touches it goes through one queue, and everything that
 * changes it through one transaction, which either becomes durable whole or leaves no trace.
 */
import { type Bytes, ownBytes, utf8Text } from "../protocol/bytes.ts";
import { clientId, type DeviceName } from "../protocol/ids.ts";
import {
  type CommitBundle, type Context, type CoreCrypto, type CoreCryptoLibrary, type CredentialRef, type Keystore, SUITE,
} from "./core-crypto.ts";
import { mlsErrorTag } from "./outcome.ts";
import { SerialQueue } from "./queue.ts";
import { MlsTransaction } from "./transaction.ts";

/** What a commit sends to the server, as MLSMessages. */
export interface CommitMessages {
  commit: Bytes;
  groupInfo: Bytes;
  welcome: Bytes | null;
}

/**
 * Sends a commit and tells whether it became the room's next one; the text is the refusal's code. It must say "accepted"
 * only after the server did, and must not throw.
 */
export type SendCommit = (messages: CommitMessages) => Promise<"accepted" | { refused: string }>;

/** The server did not take the commit; the room's state is as before. */
export class CommitRefused extends Error {
  constructor(readonly reason: string) {
    super(`commit refused: ${reason}`);
    this.name = "CommitRefused";
  }
}

/** A Welcome for a key package that this device no longer has. */
export class OrphanWelcome extends Error {
  constructor() {
    super("orphan welcome");
    this.name = "OrphanWelcome";
  }
}

export interface MlsOptions {
  library: CoreCryptoLibrary;
  keystore: Keystore;
  device: DeviceName;
  domain: string;
}

export class Mls {
  readonly #queue = new SerialQueue();
  #send: SendCommit | null = null;
  #refusal: string | null = null;
  #closed = false;

  private constructor(
    private readonly library: CoreCryptoLibrary,
    private readonly core: CoreCrypto,
    private readonly credential: CredentialRef,
    /** This device's MLS signature public key, 32 bytes. */
    readonly signatureKey: Bytes,
  ) {}

  /** Opens the keystore and makes the device's credential if it has none. Throws when the key does not fit. */
  static async open({ library, keystore, device, domain }: MlsOptions): Promise<Mls> {
    const { Database, DatabaseKey } = library;
    const database = keystore === "memory"
      ? await Database.inMemory()
      : await Database.open(keystore.name, new DatabaseKey(keystore.key));
    const core = library.CoreCrypto.new(database);
    const id = new library.ClientId(new library.Uuid(device.account), library.DeviceId.fromHexString(device.device), domain);
    if (utf8Text(id.copyBytes()) !== clientId(device, domain)) throw new RangeError("device id");
    // The instance is needed to take commits before the instance exists.
    let mls: Mls | null = null;
    const transport = {
      sendCommitBundle: async (bundle: CommitBundle) => {
        const refusal = mls ? await mls.#deliver(bundle) : "not ready";
        if (refusal !== null) throw new library.MlsTransportError.MessageRejected({ reason: refusal });
      },
      prepareForTransport: () => Promise.resolve(new Uint8Array()),
    };
    const suite: number = SUITE;
    const [found] = await core.findCredentials({ clientId: id, cipherSuite: suite });
    let credential = found;
    await core.transactionFfi({
      execute: async (context) => {
        await context.mlsInit(id, transport);
        credential ??= await context.addCredential(library.Credential.basic(suite, id));
      },
    });
    if (!credential) throw new Error("no credential");
    mls = new Mls(library, core, credential, ownBytes(await core.publicKey(credential)));
    return mls;
  }

  /**
   * Runs `work` in one transaction. If it throws, the error comes back and nothing has changed. A commit made in it goes
   * out through `send`; when that says anything but "accepted", the whole fails with CommitRefused.
   */
  transaction<T>(work: (transaction: MlsTransaction) => Promise<T>, send: SendCommit | null = null): Promise<T> {
    return this.#queue.run(async () => {
      if (this.#closed) throw new Error("closed");
      this.#send = send;
      this.#refusal = null;
      let outcome: { value: T } | null = null;
      let failure: unknown = null;
      try {
        await this.core.transactionFfi({
          execute: async (context: Context) => {
            try {
              outcome = { value: await work(new MlsTransaction(this.library, context, this.credential)) };
            } catch (error) {
              failure = error;
              // Only its own kind of error crosses the library's boundary safely.
              throw new this.library.CoreCryptoError.Other({ msg: "rolled back" });
            }
          },
        });
      } catch (error) {
        throw this.#translated(failure ?? error);
      } finally {
        this.#send = null;
      }
      if (outcome === null) throw new Error("the transaction did not run");
      return (outcome as { value: T }).value;
    });
  }

  /** Waits for what is under way and refuses everything after it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.idle();
  }

  /** Null when the server took the commit, otherwise why not. Never throws: core-crypto would not survive it. */
  async #deliver(bundle: CommitBundle): Promise<string | null> {
    try {
      const answer = await this.#send?.({
        commit: ownBytes(bundle.commit),
        groupInfo: ownBytes(bundle.groupInfo.payload),
        welcome: bundle.welcome ? ownBytes(bundle.welcome.serialize()) : null,
      });
      if (answer === "accepted") return null;
      this.#refusal = answer?.refused ?? "not sent";
    } catch {
      this.#refusal = "unreachable";
    }
    return this.#refusal;
  }

  #translated(error: unknown): unknown {
    const tag = mlsErrorTag(this.library, error);
    if (tag === "MessageRejected") return new CommitRefused(this.#refusal ?? "unknown");
    if (tag === "OrphanWelcome") return new OrphanWelcome();
    return error;
  }
}
