import type { AccountId } from "../../contract/index.ts";
import { app } from "../app.svelte.ts";
import { within } from "../logic/names.ts";
import { words } from "../words/index.ts";

/** Somebody as this device knows them, told apart from other strangers by the first letters of their id. */
export function nameOfAccount(account: AccountId): string {
  const person = app.engine.person(account);
  if (person?.me || account === app.me?.account) return words.common.you;
  return person?.name ? within(person.name) : words.care.tree.short(account.slice(0, 4));
}
