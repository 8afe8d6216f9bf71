/**
 * Whom to call, by country (ISO 3166-1), on the device: nothing is looked up, and nobody learns which country was chosen.
 *
 * Sources. Emergency numbers: Directive (EU) 2018/1972, article 109 (112 in the EU; the EEA and Switzerland have it too);
 * Ofcom's numbering plan (999); FCC (911); ACMA (000); Telecommunications Forum (111); national numbering plans otherwise.
 * Elsewhere: 3GPP TS 22.101, 10.1.1: every mobile phone treats 112 as an emergency call.
 * Help lines: National Human Trafficking Hotline (US Department of Health and Human Services), 988 Suicide and Crisis
 * Lifeline (SAMHSA), Canadian Human Trafficking Hotline, Modern Slavery & Exploitation Helpline (Unseen), Samaritans,
 * Hilfetelefon Gewalt gegen Frauen (BAFzA), Australian Federal Police, Lifeline Australia, 1737 (New Zealand),
 * National Human Trafficking Hotline (South Africa). As published by each, November 2026.
 */
export interface HelpLine {
  name: string;
  number: string;
}

export interface Help {
  emergency: string;
  lines: readonly HelpLine[];
}

export const ANYWHERE: Help = { emergency: "112", lines: [] };

const only = (emergency: string): Help => ({ emergency, lines: [] });
const europe = "AT BE BG CH CY CZ DK EE ES FI FR GR HR HU IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";

export const HELP: Readonly<Record<string, Help>> = {
  ...Object.fromEntries(europe.split(" ").map((country) => [country, only("112")])),
  US: { emergency: "911", lines: [{ name: "National Human Trafficking Hotline", number: "1-888-373-7888" }, { name: "988 Suicide & Crisis Lifeline", number: "988" }] },
  CA: { emergency: "911", lines: [{ name: "Canadian Human Trafficking Hotline", number: "1-833-900-1010" }, { name: "988 Suicide Crisis Helpline", number: "988" }] },
  GB: { emergency: "999", lines: [{ name: "Modern Slavery Helpline", number: "08000 121 700" }, { name: "Samaritans", number: "116 123" }] },
  IE: { emergency: "112", lines: [{ name: "Samaritans", number: "116 123" }] },
  DE: { emergency: "112", lines: [{ name: "Hilfetelefon Gewalt gegen Frauen", number: "116 016" }] },
  AU: { emergency: "000", lines: [{ name: "Australian Federal Police", number: "131 237" }, { name: "Lifeline", number: "13 11 14" }] },
  NZ: { emergency: "111", lines: [{ name: "Need to talk?", number: "1737" }] },
  ZA: { emergency: "112", lines: [{ name: "National Human Trafficking Hotline", number: "0800 222 777" }] },
  IN: only("112"), MX: only("911"), PH: only("911"), BR: only("190"), NG: only("112"),
};

/** The first region that the browser's languages name and that stands here; null when none does. Asks nobody. */
export function likelyCountry(languages: readonly string[]): string | null {
  for (const tag of languages) {
    let region: string | undefined;
    try {
      ({ region } = new Intl.Locale(tag));
    } catch {
      // Browsers may hold tags that are none; the next one may do.
      continue;
    }
    if (region !== undefined && region in HELP) return region;
  }
  return null;
}
