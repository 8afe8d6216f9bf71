import { words } from "../words/index.ts";

/** How long something took, in the unit that fits: "7 minutes", "3 hours", "2 days". */
export function span(minutes: number): string {
  const said = words.openness;
  if (minutes < 90) return said.minutes(minutes);
  if (minutes < 36 * 60) return said.hours(Math.round(minutes / 60));
  return said.days(Math.round(minutes / 1440));
}
