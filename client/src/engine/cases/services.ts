/** The services that a moderator has offered before, on any of their devices. The server knows none of them. */
import { list, object, flag, text } from "../../protocol/shape.ts";
import { Batch, type Store } from "../../store/store.ts";
import { tidyService } from "../../content/card-content.ts";
import type { Service } from "../../contract/index.ts";
import type { Own } from "../account/index.ts";

const SCOPE = "services";
const KIND = "service";
const MOST = 100;
const serviceBody = object({ name: text, does: text, phone: text, web: text, place: text, hours: text });
const itemBody = object({ service: serviceBody, kept: flag });
const kept = list(serviceBody);

export async function saveServices(store: Store, services: readonly Service[]): Promise<void> {
  await store.write(new Batch().put("meta", await store.scope(SCOPE), services));
}

export async function loadServices(store: Store): Promise<Service[]> {
  return kept((await store.get<unknown>("meta", await store.scope(SCOPE))) ?? [], SCOPE);
}

export class Services {
  constructor(private readonly store: Store, private readonly own: Own) {
    own.on(KIND, ({ value }) => {
      const { service, kept: stays } = itemBody(value, KIND);
      return this.#put(tidyService(service), stays);
    });
  }

  /** The latest first. */
  all(): Promise<Service[]> {
    return loadServices(this.store);
  }

  /** Puts it in front, or takes it out; one of the same name makes way for it. */
  async keep(service: Service, stays: boolean): Promise<void> {
    await this.#put(service, stays);
    await this.own.share(KIND, { service, kept: stays });
  }

  async #put(service: Service, stays: boolean): Promise<void> {
    const others = (await this.all()).filter(({ name }) => name !== service.name);
    await saveServices(this.store, (stays ? [service, ...others] : others).slice(0, MOST));
  }
}
