import {
  type DevicesContract,
  type EngineEvents,
  Failure,
  type LinkCode,
  type OwnDevice,
  type Phase,
  type SignedOut,
} from "../../contract/index.ts";

interface Host {
  ask: () => Promise<void>;
  enter: (phase: Phase) => void;
  emit: <E extends "devices" | "joining">(event: E, value: EngineEvents[E]) => void;
}

/** Made-up devices: two, of which one is in hand. The typed code `0000-…` is one that leads nowhere. */
export class FakeDevices implements DevicesContract {
  #devices: OwnDevice[] = [
    { device: "0000000000000001", name: "Android phone", current: true, added: false, addedOn: "2026-09-30", seenOn: "2026-11-24" },
    { device: "0000000000000002", name: null, current: false, added: false, addedOn: "2026-11-20", seenOn: null },
    { device: "0000000000000003", name: "The old tablet in the kitchen drawer", current: false, added: false, addedOn: "2026-03-02", seenOn: "2026-10-01" },
  ];
  #waiting: ((outcome: "come" | "cancelled") => void) | null = null;
  signed: SignedOut = "revoked";

  constructor(private readonly host: Host) {}

  async list(): Promise<OwnDevice[]> {
    await this.host.ask();
    return this.#devices;
  }

  added(): number {
    return this.#devices.filter(({ added }) => added).length;
  }

  async noticed(): Promise<void> {
    this.#devices = this.#devices.map((one) => ({ ...one, added: false }));
    this.host.emit("devices", null);
  }

  async rename(device: string, name: string): Promise<void> {
    this.#devices = this.#devices.map((one) => (one.device === device ? { ...one, name } : one));
    this.host.emit("devices", null);
  }

  async revoke(device: string): Promise<void> {
    await this.host.ask();
    const current = this.#devices.some((one) => one.device === device && one.current);
    this.#devices = this.#devices.filter((one) => one.device !== device);
    if (current) this.host.enter("fresh");
  }

  async offer(): Promise<LinkCode> {
    await this.host.ask();
    return { address: `${location.origin}/#l.AAECAwQFBgcICQoL`, typed: "7K2M-QX9D-3HTB-W5RC-81ZP", number: "482913", expiresAt: Date.now() + 600_000 };
  }

  async receive(): Promise<void> {
    const outcome = await new Promise<"come" | "cancelled">((come) => (this.#waiting = come));
    if (outcome === "cancelled") throw new Failure("cancelled");
    this.host.emit("joining", "account");
    this.host.enter("open");
  }

  cancel(): void {
    this.#waiting?.("cancelled");
  }

  /** For tests: a device has come that the person does not know of. */
  arrive(): void {
    this.#devices = this.#devices.map((one) => (one.device.endsWith("2") ? { ...one, added: true } : one));
    this.host.emit("devices", null);
  }

  /** For tests: the old device has sent everything. */
  come(): void {
    this.#waiting?.("come");
  }

  async readCode(text: string): Promise<{ number: string }> {
    await this.host.ask();
    if (!text.includes("#l.") && (text.replace(/[^0-9A-Za-z]/gu, "").length !== 20 || text.startsWith("0000"))) throw new Failure("not_found");
    return { number: "482913" };
  }

  async send({ pin }: { pin: string }): Promise<void> {
    await this.host.ask();
    if (pin !== "135790") throw new Failure("pin_mismatch");
  }

  signedOut(): SignedOut | null {
    return this.signed;
  }
}
