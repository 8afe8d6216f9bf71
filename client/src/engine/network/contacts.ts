/** Whom the network says to call: kept with the profile, so that it is there without a connection. */
import { contacts as contactsBody, me as meBody } from "../../protocol/api.ts";
import type { Http } from "../../transport/http.ts";
import { type Contact, type ContactsContract, Failure } from "../../contract/index.ts";
import { type Profile, usable } from "../rooms/index.ts";

interface Open {
  http: Pick<Http, "get" | "put">;
  profile: Profile;
}

export class Contacts implements ContactsContract {
  constructor(
    /** Throws Failure when no profile is open. */
    private readonly open: () => Open,
    private readonly changed: () => void,
    /** Turns whatever goes wrong into a Failure. */
    private readonly attempt: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  all(): readonly Contact[] {
    return this.open().profile.value.contacts ?? [];
  }

  set(contacts: readonly Contact[], before: readonly Contact[]): Promise<void> {
    return this.attempt(async () => {
      const { http, profile } = this.open();
      // Another coordinator may have changed them since: nobody's number is to go unseen.
      await profile.refresh(await http.get("/me", meBody));
      this.changed();
      if (JSON.stringify(profile.value.contacts) !== JSON.stringify(before)) throw new Failure("conflict");
      await profile.change({ contacts: usable((await http.put("/network/contacts", { contacts }, contactsBody)).contacts) });
      this.changed();
    });
  }
}
