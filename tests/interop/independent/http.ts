/** What the server refused, in its own words (section 9). */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly epoch: number | null = null,
    /** The rule, with `bad_commit`, `bad_key_package` and `malformed`. */
    readonly detail: string | null = null,
  ) {
    super(`${code}: ${message}${detail === null ? "" : ` (${detail})`}`);
    this.name = "Refused";
  }
}

export interface ServerInfo {
  domain: string;
  version: number;
  suite: string;
  external_sender: string;
  limits: Record<string, number>;
}

export interface RoomInfo {
  id: string;
  kind: "open" | "group" | "direct";
  title?: string;
  epoch: number;
  head: number;
  cursor: number;
  roster: { account: string; device: string; leaf?: number }[];
  pending_removals: { account: string; device: string }[];
}

export interface AccountInfo {
  account: string;
  identity_key: string;
  devices: { device: string; signature_key: string; certificate: string }[];
}

export interface GroupInfoAnswer {
  epoch: number;
  group_info: string;
  external_sender: string;
  kind: string;
  roster: RoomInfo["roster"];
}

export interface Claimed {
  packages: { account: string; device: string; key_package: string; identity_key: string; certificate: string }[];
  missing: { account: string; device: string }[];
}

/** The HTTP half of the protocol (section 3). Throws `Refused`. */
export class Http {
  constructor(
    readonly origin: string,
    private readonly token: string | null = null,
  ) {}

  withToken(token: string): Http {
    return new Http(this.origin, token);
  }

  server(): Promise<ServerInfo> {
    return this.ask("GET", "/server");
  }

  checkInvite(secret: string): Promise<{ conduct: { version: number } }> {
    return this.ask("POST", "/invites/check", { secret });
  }

  /** The room that an invite is for, by what the server is shown of it. */
  async roomOf(secret: string): Promise<string> {
    return (await this.ask<{ room: string }>("POST", "/room-invites/check", { secret })).room;
  }

  join(body: Record<string, unknown>): Promise<{ account: string; key_packages_left: number }> {
    return this.ask("POST", "/join", body);
  }

  uploadKeyPackages(keyPackages: readonly string[], lastResort?: string): Promise<{ key_packages_left: number }> {
    return this.ask("POST", "/me/key-packages", { key_packages: keyPackages, ...(lastResort === undefined ? {} : { last_resort: lastResort }) });
  }

  rooms(): Promise<{ rooms: RoomInfo[]; open: { id: string; title: string; members: number }[] }> {
    return this.ask("GET", "/rooms");
  }

  room(id: string): Promise<RoomInfo> {
    return this.ask("GET", `/rooms/${id}`);
  }

  createRoom(body: { id: string; kind: string; title?: string; peer?: string }): Promise<RoomInfo> {
    return this.ask("POST", "/rooms", body);
  }

  groupInfo(room: string, invite?: string): Promise<GroupInfoAnswer> {
    return this.ask("POST", `/rooms/${room}/group-info`, invite === undefined ? {} : { invite });
  }

  claim(room: string, accounts: readonly string[]): Promise<Claimed> {
    return this.ask("POST", `/rooms/${room}/claim`, { accounts });
  }

  async leave(room: string): Promise<void> {
    await this.ask("POST", `/rooms/${room}/leave`, {});
  }

  /** As a steward: takes another one's account out of a room. */
  async removeMember(room: string, account: string): Promise<void> {
    await this.ask("POST", `/rooms/${room}/remove`, { account });
  }

  async accounts(accounts: readonly string[]): Promise<AccountInfo[]> {
    return (await this.ask<{ accounts: AccountInfo[] }>("POST", "/accounts", { accounts })).accounts;
  }

  private async ask<Answer>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer as Answer;
    const { error } = answer as { error: { code: string; message: string; epoch?: number; detail?: string } };
    throw new Refused(error.code, error.message, error.epoch ?? null, error.detail ?? null);
  }
}
