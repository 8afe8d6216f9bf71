/** This device's own account, in memory and on disk. */
import type { ContactBody, MeBody } from "../../protocol/api.ts";
import { Batch, type Store } from "../../store/store.ts";
import { type Contact, fits, type Me, WAYS } from "../../contract/index.ts";
import type { ProfileRecord } from "../records/index.ts";

const SCOPE = "profile";

export class Profile {
  private constructor(private readonly store: Store, private record: ProfileRecord) {}

  static async load(store: Store): Promise<Profile | null> {
    const record = await store.get<ProfileRecord>("meta", await store.scope(SCOPE));
    // Older profiles know nothing of further devices.
    return record && new Profile(store, { ...record, registering: record.registering ?? false, devices: record.devices ?? 1 });
  }

  static async create(store: Store, record: ProfileRecord): Promise<Profile> {
    const profile = new Profile(store, record);
    await profile.change({});
    return profile;
  }

  get value(): Readonly<ProfileRecord> {
    return this.record;
  }

  get me(): Me {
    const { account, name, role, network, conduct } = this.record;
    return { account, name, role, network, conduct };
  }

  async change(change: Partial<ProfileRecord>): Promise<void> {
    const next = { ...this.record, ...change };
    await this.store.write(new Batch().put("meta", await this.store.scope(SCOPE), next));
    this.record = next;
  }

  /** Takes over what the server says of the account. */
  async refresh({ role, network, conduct, conduct_version: agreed, devices }: MeBody): Promise<void> {
    await this.change({ role, network: network.title, languages: network.languages ?? [], contacts: usable(network.contacts ?? []), conduct: { ...conduct, agreed }, devices });
  }
}

/** Those that lead somewhere this client can send a person; a newer server may know further ways. */
export function usable(bodies: readonly ContactBody[]): Contact[] {
  return bodies.flatMap(({ name, way: said, to, line }) => {
    const way = WAYS.find((one) => one === said);
    return way && fits({ way, to }) ? [{ name, way, to, line }] : [];
  });
}
