import { describe, expect, it } from "vitest";
import { fold, type Foldable, idsOf, withChange } from "./fold.ts";
import type { Change } from "./stored-message.ts";

const message: Foldable = { from: "ann", id: "m1", body: { type: "text", text: "first" }, changes: [] };
let keys = 0;
type Kind = Change extends infer C ? (C extends Change ? Omit<C, "seq" | "at" | "from" | "key" | "id"> : never) : never;
const change = (seq: number, from: string, kind: Kind, id = `c${String(seq)}`): Change =>
  ({ seq, at: seq, from, key: `k${String((keys += 1))}`, id, ...kind }) as Change;
const text = (folded: ReturnType<typeof fold>) => (folded.body.type === "text" ? folded.body.text : folded.body.type);

describe("folding changes into a message", () => {
  it("shows the newest edit, in whatever order the edits came", () => {
    const [first, second] = [change(5, "ann", { type: "edit", text: "second" }), change(9, "ann", { type: "edit", text: "third" })];
    for (const changes of [[first, second], [second, first]]) {
      const folded = fold({ ...message, changes });
      expect([text(folded), folded.edited, folded.currentId]).toEqual(["third", true, "c9"]);
    }
  });

  it("lets nobody but its sender edit or delete it", () => {
    const changes = [change(5, "bea", { type: "edit", text: "forged" }), change(6, "bea", { type: "delete" })];
    expect(fold({ ...message, changes })).toMatchObject({ body: { text: "first" }, edited: false, currentId: "m1" });
  });

  it("shows a deleted message without text and reactions, also when an edit comes after", () => {
    const changes = [change(4, "bea", { type: "react", emoji: "❤" }), change(5, "ann", { type: "delete" }), change(6, "ann", { type: "edit", text: "back" })];
    expect(fold({ ...message, changes })).toEqual({ body: { type: "deleted" }, edited: false, currentId: "m1", reactions: [] });
  });

  it("counts a person once for an emoji and keeps the order of first use", () => {
    const changes = [
      change(3, "bea", { type: "react", emoji: "❤" }), change(4, "cleo", { type: "react", emoji: "👍" }), change(4.5, "cleo", { type: "react", emoji: "❤" }), change(5, "bea", { type: "react", emoji: "❤" }),
    ];
    const { reactions } = fold({ ...message, changes });
    expect(reactions.map(({ emoji, by }) => [emoji, by.map(({ account }) => account)])).toEqual([["❤", ["bea", "cleo"]], ["👍", ["cleo"]]]);
  });

  it("takes a reaction back for whoever gave it, and lets it be given again", () => {
    const given = change(3, "bea", { type: "react", emoji: "❤" });
    const strange = change(4, "cleo", { type: "unreact", reaction: given.id });
    expect(fold({ ...message, changes: [given, strange] }).reactions).toHaveLength(1);
    const taken = change(5, "bea", { type: "unreact", reaction: given.id });
    expect(fold({ ...message, changes: [taken, given, strange] }).reactions).toEqual([]);
    const again = change(6, "bea", { type: "react", emoji: "❤" });
    expect(fold({ ...message, changes: [given, taken, again] }).reactions).toMatchObject([{ emoji: "❤", by: [{ id: again.id }] }]);
  });

  it("lays what still waits to be sent over what is known", () => {
    const waiting = { ...change(0, "ann", { type: "edit", text: "soon" }), seq: Infinity };
    expect(text(fold({ ...message, changes: [change(5, "ann", { type: "edit", text: "second" })] }, [waiting]))).toBe("soon");
  });

  it("is the same when an entry is processed twice", () => {
    const edit = change(5, "ann", { type: "edit", text: "second" });
    const once = withChange(message, edit);
    expect(withChange(once, edit)).toBe(once);
    expect(idsOf(once)).toEqual(["m1", "c5"]);
    expect(idsOf(withChange(once, change(6, "bea", { type: "edit", text: "forged" })))).toEqual(["m1", "c5"]);
  });

  it("leaves alone what could not be checked", () => {
    const unchecked: Foldable = { ...message, body: { type: "unchecked" }, changes: [change(5, "ann", { type: "edit", text: "x" }), change(6, "ann", { type: "delete" })] };
    expect(fold(unchecked).body).toEqual({ type: "unchecked" });
  });
});
