/** What a message says in evidence: the words that people were shown, as moderation/evidence/content.py gives them. */
import { type Opened, opened, type Shown } from "../content/shown.ts";
import type { Picture } from "../crypto/picture.ts";
import { type Bytes, hex, sha256 } from "../protocol/bytes.ts";

const NOT_SHOWN = "not shown: this message is in no form that can be read and checked. SHA-256";

/**
 * `mark` is what the message does besides saying something, `words` what people saw: either may be empty; `text` is both as one.
 * `pictures` is the one with it, or none.
 */
export interface Said extends Pick<Opened, "salt" | "from" | "name"> {
  mark: string;
  words: string;
  text: string;
  pictures: Picture[];
}

/** Whatever the bytes are: a content that nobody can read is named as that. */
export async function said(data: Bytes): Promise<Said> {
  const { shown, salt, from, name } = opened(data);
  const [mark, words] = shown.type === "unreadable" ? [`${NOT_SHOWN} ${hex(await sha256(data))}`, ""] : [markOf(shown), wordsOf(shown)];
  return {
    salt, from, name, mark, words, text: [mark && `[${mark}]`, words].filter((part) => part !== "").join(" "),
    pictures: shown.type === "text" && shown.picture ? [shown.picture] : [],
  };
}

function markOf(shown: Exclude<Shown, { type: "unreadable" }>): string {
  switch (shown.type) {
    case "text":
      return shown.inReplyTo ? "in reply" : "";
    case "edit":
      return "changed a message to";
    case "delete":
      return "deleted a message";
    case "react":
      return "reacted with";
    case "unreact":
      return "took back a reaction";
    case "profile":
      return "calls themself";
    case "room":
      return "named the group";
  }
}

function wordsOf(shown: Exclude<Shown, { type: "unreadable" }>): string {
  switch (shown.type) {
    case "text": {
      const { text, picture } = shown;
      const described = picture && (picture.description === "" ? "[picture]" : `[picture: ${picture.description}]`);
      return [text, described].filter((part) => part).join("\n");
    }
    case "edit":
      return shown.text;
    case "react":
      return shown.emoji;
    case "profile":
    case "room":
      return shown.name;
    default:
      return "";
  }
}
