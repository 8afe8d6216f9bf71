/** What coming, adding, removing and renewing take in core-crypto in a browser, with the keys in an encrypted keystore. */
import type * as library from "@wireapp/core-crypto/browser";
import { afterAll, beforeAll, test } from "vitest";
import { launch } from "../support/browsers/launch.ts";
import type { Browser } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { coreCryptoAlone } from "./core_crypto_alone.ts";

type CoreCryptoLibrary = typeof library;

const sizes = (process.env["BENCH_SIZES"] ?? "2,50,300").split(",").map(Number);
const figures: Record<string, number> = {};
let browser: Browser;
let alone: Awaited<ReturnType<typeof coreCryptoAlone>>;

beforeAll(async () => {
  browser = await launch("chromium");
  alone = await coreCryptoAlone(browser);
  await alone.page.eval(async () => {
    await (globalThis as unknown as { coreCrypto: CoreCryptoLibrary }).coreCrypto.initWasmModule("/core-crypto.wasm");
  });
});

afterAll(async () => {
  await alone?.close();
  await browser?.close();
  console.log(JSON.stringify(figures));
});

test.each(sizes.flatMap((size) => [[size, 1], [size, 4]] as const))("a room of %i on a processor %i times slower", async (size, slowdown) => {
  const tab = puppetOf(alone.page);
  await tab.emulateCPUThrottling(1);
  await alone.page.eval(gather, size);
  await tab.emulateCPUThrottling(slowdown);
  const times = await alone.page.eval(measure, 5);
  for (const [what, ms] of Object.entries(times)) figures[`${what}_${size}_ms_x${slowdown}`] = Math.round(10 * ms) / 10;
}, 10 * 60_000);

interface Device {
  core: library.CoreCrypto;
  credential: library.CredentialRef;
  /** What the last commit sent. */
  sent: { commit: Uint8Array; groupInfo: Uint8Array; welcome: library.Welcome | undefined };
}

interface Scene {
  room: library.ConversationId;
  founder: Device;
  /** Comes by Welcome, follows and goes, again and again. */
  guest: Device;
  guestId: library.ClientId;
}

/** Runs inside the page: a room that one commit filled up to one place less than `size`, and a guest. */
async function gather(size: number): Promise<void> {
  const mls = (globalThis as unknown as { coreCrypto: CoreCryptoLibrary }).coreCrypto;
  const device = async (stored: boolean): Promise<[Device, library.ClientId]> => {
    const key = new mls.DatabaseKey(crypto.getRandomValues(new Uint8Array(32)));
    const database = stored ? await mls.Database.open(crypto.randomUUID(), key) : await mls.Database.inMemory();
    const core = mls.CoreCrypto.new(database);
    const id = new mls.ClientId(new mls.Uuid(crypto.randomUUID()), mls.DeviceId.fromHexString("f123456789abcdef"), "localhost");
    const made: Partial<Device> = { core };
    const transport = {
      sendCommitBundle: (bundle: library.CommitBundle) => {
        made.sent = { commit: bundle.commit, groupInfo: bundle.groupInfo.payload, welcome: bundle.welcome };
        return Promise.resolve();
      },
      prepareForTransport: () => Promise.resolve(new Uint8Array()),
    };
    await core.transactionFfi({
      execute: async (context) => {
        await context.mlsInit(id, transport);
        made.credential = await context.addCredential(mls.Credential.basic(3, id));
      },
    });
    return [made as Device, id];
  };
  const [founder] = await device(true);
  const [guest, guestId] = await device(true);
  const packages: library.KeyPackage[] = [];
  for (let n = 0; n < size - 2; n++) {
    const [other] = await device(false);
    await other.core.transactionFfi({ execute: async (context) => void packages.push(await context.generateKeyPackage(other.credential)) });
  }
  const room = new mls.ConversationId(crypto.getRandomValues(new Uint8Array(16)));
  await founder.core.transactionFfi({
    execute: async (context) => {
      await context.createConversation(room, founder.credential, undefined);
      if (packages.length > 0) await context.addClientsToConversation(room, packages);
      await context.updateKeyingMaterial(room);
    },
  });
  (globalThis as unknown as { scene: Scene }).scene = { room, founder, guest, guestId };
}

/** Runs inside the page: the median milliseconds of each in so many runs. */
async function measure(runs: number): Promise<Record<string, number>> {
  const mls = (globalThis as unknown as { coreCrypto: CoreCryptoLibrary }).coreCrypto;
  const { room, founder, guest, guestId } = (globalThis as unknown as { scene: Scene }).scene;
  type Context = Parameters<Parameters<library.CoreCrypto["transactionFfi"]>[0]["execute"]>[0];
  const times: Record<string, number[]> = {};
  const timed = async (what: string, { core }: Device, work: (context: Context) => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await core.transactionFfi({ execute: async (context) => void (await work(context)) });
    (times[what] ??= []).push(performance.now() - began);
  };
  const remove = async (): Promise<void> => {
    await timed("remove", founder, (context) => context.removeClientsFromConversation(room, [guestId]));
    await timed("process_removal", guest, (context) => context.decryptMessage(room, founder.sent.commit));
  };
  for (let run = 0; run < runs; run++) {
    const packages: library.KeyPackage[] = [];
    await guest.core.transactionFfi({ execute: async (context) => void packages.push(await context.generateKeyPackage(guest.credential)) });
    await timed("add", founder, (context) => context.addClientsToConversation(room, packages));
    const { welcome } = founder.sent;
    if (!welcome) throw new Error("no welcome");
    await timed("welcome", guest, (context) => context.processWelcomeMessage(welcome));
    await timed("renew", founder, (context) => context.updateKeyingMaterial(room));
    await timed("process", guest, (context) => context.decryptMessage(room, founder.sent.commit));
    await remove();
    const info = new mls.GroupInfo(founder.sent.groupInfo.slice(4));
    await timed("join", guest, (context) => context.joinByExternalCommit(info, guest.credential));
    await timed("process_join", founder, (context) => context.decryptMessage(room, guest.sent.commit));
    await remove();
  }
  return Object.fromEntries(Object.entries(times).map(([what, each]) => [what, each.sort((one, other) => one - other)[Math.floor(each.length / 2)] ?? 0]));
}
