/** A minute of the day (0 to 1439) as a time field has it: "07:05". */
export function timeOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Null for what is no time of day. */
export function minuteOf(time: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/u.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}
