/** `count` different numbers below `length`, ascending, by chance. */
export function someOf(length: number, count: number): number[] {
  const left = Array.from({ length }, (_, index) => index);
  const taken = Array.from({ length: Math.min(count, length) }, () => left.splice(Math.floor(Math.random() * left.length), 1)[0] ?? 0);
  return taken.sort((one, other) => one - other);
}
