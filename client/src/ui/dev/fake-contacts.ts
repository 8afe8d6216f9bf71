import type { Contact, ContactsContract } from "../../contract/index.ts";

/** A network with three people to call, in the three ways, one of them with as many words as there may be. */
export class FakeContacts implements ContactsContract {
  #all: readonly Contact[];

  constructor(private readonly around: { empty: boolean; ask(): Promise<void>; changed(): void }) {
    this.#all = around.empty ? [] : [
      { name: "Night line of Harbour House", way: "tel", to: "0800 123 45 67", line: "Every night from 20:00 to 6:00, English and Romanian" },
      { name: "Counselling centre of the Association of Migrant Women’s Shelters", way: "sms", to: "+49 170 1234567", line: "Monday to Friday from 9:00 to 17:00, also for children, in Arabic, Tigrinya, Vietnamese and twelve further languages" },
      { name: "Write to a counsellor", way: "web", to: "https://chat.harbour.example/now", line: "" },
    ];
  }

  all(): readonly Contact[] {
    return this.#all;
  }

  async set(contacts: readonly Contact[]): Promise<void> {
    await this.around.ask();
    this.#all = contacts;
    this.around.changed();
  }
}
