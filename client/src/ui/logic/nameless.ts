import type { AccountId, Engine, ShownMessage } from "../../contract/index.ts";
import { words } from "../words/index.ts";

/** Somebody who gave no name, and what this device may know from elsewhere of them. */
export interface Nameless {
  account: AccountId;
  name: string | null;
}

/** A message as it is shown where that person gave no name: without it, and without the colour that they have elsewhere. */
export function withoutName(message: ShownMessage, { account, name }: Nameless): ShownMessage {
  const { asker } = words.helping;
  const { replyTo } = message;
  const quoted = replyTo !== null && name !== null && replyTo.name === name ? { ...replyTo, name: asker } : replyTo;
  const { body } = message;
  const retold = body.type === "text" && body.retold?.by === account ? { body: { ...body, retold: { ...body.retold, by: "asker", name: asker } } } : {};
  return { ...message, replyTo: quoted, ...retold, ...(message.from === account ? { from: "asker", name: asker } : {}) };
}

/** The people as they are called there, also in the lines that nobody wrote. `nameless` is whoever gave no name, if anybody. */
export function peopleWithout(engine: Pick<Engine, "person">, nameless: () => AccountId | null): Pick<Engine, "person"> {
  return {
    person: (account) => {
      const person = engine.person(account);
      if (account !== nameless()) return person;
      return { account, hearsay: false, me: false, role: null, sharedRooms: [], blocked: false, ...person, name: words.helping.asker };
    },
  };
}
