import { beforeEach, expect, it } from "vitest";
import type { MeBody } from "../../protocol/api.ts";
import { newDevice, newUuid } from "../../protocol/ids.ts";
import { MemoryBackend } from "../../store/memory.ts";
import { Store } from "../../store/store.ts";
import { makeVault } from "../../store/vault.ts";
import { Http } from "../../transport/http.ts";
import { Contacts } from "./contacts.ts";
import { type Contact, Failure } from "../../contract/index.ts";
import { Profile } from "../rooms/profile.ts";

const { keys } = await makeVault("2580", { memory: 64, passes: 1, lanes: 1 });
const account = newUuid();
const device = newDevice();
const nightLine: Contact = { name: "Night line", way: "tel", to: "0800 123 45 67", line: "20:00 to 6:00" };
const page: Contact = { name: "Harbour House", way: "web", to: "https://harbour.example/help", line: "" };

let backend: MemoryBackend;
let profile: Profile;
let contacts: Contacts;
/** What the server has, what it was asked, and how often screens were told. */
let there: object[] | undefined;
let asked: string[];
let told: number;

const me = (): object => ({
  account, device, role: "coordinator", suspended: false, network: { id: newUuid(), title: "Harbour", languages: [], ...(there && { contacts: there }) },
  conduct_version: 1, conduct: { version: 1, cards: [] }, domain: "kindred.test", key_packages_left: 9, devices: 1,
});

const http = new Http("http://kindred.test", (url, init) => {
  asked.push(`${init.method ?? ""} ${url.replace("http://kindred.test/api/v1", "")}`);
  if (init.method === "PUT") there = (JSON.parse(String(init.body)) as { contacts: object[] }).contacts;
  return Promise.resolve(new Response(JSON.stringify(init.method === "PUT" ? { contacts: there } : me())));
});

beforeEach(async () => {
  backend = new MemoryBackend();
  [there, asked, told] = [[nightLine], [], 0];
  profile = await Profile.create(new Store(backend, keys), {
    account, device, domain: "kindred.test", keystore: "k", token: new Uint8Array(32), identity: { publicKey: new Uint8Array(32), seed: new Uint8Array(32) }, externalSender: new Uint8Array(32),
    name: "Asha", role: "coordinator", network: "", conduct: { version: 1, agreed: 1, cards: [] }, joining: null, registering: false, devices: 1, lastResortAt: 0,
  });
  contacts = new Contacts(() => ({ http, profile }), () => {
    told += 1;
  }, (work) => work());
});

const heard = async (): Promise<void> => profile.refresh(me() as MeBody);

it("what the server said last is there after a restart, without asking it", async () => {
  expect(contacts.all()).toEqual([]);
  await heard();
  profile = (await Profile.load(new Store(backend, keys))) ?? profile;
  expect(contacts.all()).toEqual([nightLine]);
  expect(asked).toEqual([]);
});

it("nothing of them can be read on the device without the PIN", async () => {
  await heard();
  const kept = (await backend.all("meta")).map(({ data }) => Buffer.from(data).toString("latin1")).join("");
  expect(kept.length).toBeGreaterThan(100);
  expect(kept).not.toMatch(/Night line|0800|20:00/u);
});

it("what leads nowhere, or elsewhere, is never shown, and a server that knows none has none", async () => {
  there = [{ ...page, to: "javascript:alert(1)" }, { ...nightLine, way: "carrier pigeon" }, { ...nightLine, to: "*#06#" }, page];
  await heard();
  expect(contacts.all()).toEqual([page]);
  there = undefined;
  await heard();
  expect(contacts.all()).toEqual([]);
});

it("a coordinator puts others in their place, and screens are told", async () => {
  await heard();
  await contacts.set([page, nightLine], contacts.all());
  expect(contacts.all()).toEqual([page, nightLine]);
  expect(asked).toEqual(["GET /me", "PUT /network/contacts"]);
  expect(told).toBe(2);
});

it("what another coordinator has changed meanwhile is shown, not overwritten", async () => {
  await heard();
  there = [page];
  await expect(contacts.set([], [nightLine])).rejects.toEqual(new Failure("conflict"));
  expect(asked).toEqual(["GET /me"]);
  expect(contacts.all()).toEqual([page]);
  await contacts.set([page, nightLine], contacts.all());
  expect(there).toEqual([page, nightLine]);
});
