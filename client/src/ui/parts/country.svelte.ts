import { ANYWHERE, type Help, HELP, likelyCountry } from "../data/emergency.ts";

/** Whose numbers are shown: the country that the person chose, as long as the page is open, else what the phone's languages say. Nobody is told. */
class Country {
  code = $state(likelyCountry(navigator.languages) ?? "");
  readonly help: Help = $derived(HELP[this.code] ?? ANYWHERE);
}

export const country = new Country();
