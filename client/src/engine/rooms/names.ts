/** Names: what others will see of one, and pseudonyms to begin with. */
import { cleanName } from "../../content/characters.ts";
import { Failure } from "../../contract/index.ts";

/** Calm, common words that say nothing about anyone. */
const FIRST = [
  "Amber", "Blue", "Brave", "Bright", "Calm", "Clear", "Coral", "Dawn", "Early", "Fern", "Gentle", "Golden", "Green", "Happy", "Honest",
  "Indigo", "Ivory", "Jade", "Kind", "Lemon", "Lilac", "Little", "Lucky", "Mellow", "Misty", "Olive", "Open", "Patient", "Pearl", "Proud",
  "Quiet", "Rose", "Silver", "Soft", "Steady", "Sunny", "Swift", "Velvet", "Warm", "Wild",
];
const SECOND = [
  "Acorn", "Bay", "Birch", "Bird", "Breeze", "Brook", "Cedar", "Cloud", "Dove", "Feather", "Field", "Finch", "Garden", "Grove", "Harbor",
  "Hill", "Island", "Lake", "Lark", "Leaf", "Maple", "Meadow", "Moon", "Moss", "Orchard", "Otter", "Path", "Pebble", "Pine", "Rain",
  "River", "Robin", "Shell", "Sky", "Sparrow", "Spring", "Star", "Stream", "Willow", "Wren",
];

export function suggestName(): string {
  return `${pick(FIRST)} ${pick(SECOND)}`;
}

function pick(words: readonly string[]): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return words[random % words.length] ?? "";
}

/** A name as others will see it. Throws Failure when nothing of it is left. */
export function named(name: string, longest: number): string {
  const clean = cleanName(name, longest);
  if (clean === "") throw new Failure("conflict");
  return clean;
}
