/**
 * The emoji that can be a reaction, each in its one spelling. A reaction is one of them or is not shown: a sentence under
 * somebody's message must not pass for one. moderation/evidence/content.py has the same.
 */
export const FIRST_REACTIONS = ["❤️", "👍", "🙏", "🤗", "😢", "😊"] as const;
export const MORE_REACTIONS = [
  "💛", "💚", "💙", "🌻", "🌱", "☀️", "🌈", "⭐", "🎉", "👏", "💪", "🤝", "👋", "✅", "☕", "🍀", "😀", "😂", "🥰", "😌", "😮", "😔", "😭", "🫂",
] as const;
/** The heart without its variation selector, as the samples of draft-ietf-mimi-content have it. */
const PLAIN_HEART = "❤";

const ALL: ReadonlySet<string> = new Set([...FIRST_REACTIONS, ...MORE_REACTIONS, PLAIN_HEART]);

export function isReaction(text: string): boolean {
  return ALL.has(text);
}
