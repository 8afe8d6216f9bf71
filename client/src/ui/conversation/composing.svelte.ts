import type { Engine, RoomId, ShownMessage } from "../../contract/index.ts";
import { shrink } from "../logic/shrink.ts";

const pause = 400;

/** What is being written in one room: a message, an answer, or a change to an earlier message. Drafts outlive the screen. */
export class Composing {
  text = $state("");
  reply = $state.raw<ShownMessage | null>(null);
  editing = $state.raw<ShownMessage | null>(null);
  /** The picture that goes along, made ready, and what is in it. */
  picture = $state.raw<{ file: Blob; address: string } | null>(null);
  description = $state("");
  readying = $state(false);
  /** What stood here before a message was being changed. */
  #aside = "";
  #stored: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly room: RoomId,
  ) {
    this.#stored = engine.room(room)?.draft ?? "";
    this.text = this.#stored;
  }

  write(text: string): void {
    this.text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), pause);
  }

  answer(message: ShownMessage): void {
    this.cancel();
    this.reply = message;
  }

  change(message: ShownMessage): void {
    if (message.body.type !== "text") return;
    if (!this.editing) this.#aside = this.text;
    this.reply = null;
    this.editing = message;
    this.text = message.body.text;
  }

  /** Takes a picture along in place of any other, or none. */
  show(file: Blob | null): void {
    if (this.picture) URL.revokeObjectURL(this.picture.address);
    this.picture = file && { file, address: URL.createObjectURL(file) };
    if (!file) this.description = "";
  }

  /** Makes a chosen file ready. Throws NoPicture. */
  async choose(file: Blob): Promise<void> {
    this.readying = true;
    try {
      this.show(await shrink(file));
    } finally {
      this.readying = false;
    }
  }

  cancel(): void {
    this.reply = null;
    if (!this.editing) return;
    this.editing = null;
    this.text = this.#aside;
    this.#aside = "";
  }

  /** Stores the draft now. A change to an earlier message is no draft. */
  async keep(): Promise<void> {
    clearTimeout(this.#timer);
    const draft = this.editing ? this.#aside : this.text;
    if (draft === this.#stored) return;
    this.#stored = draft;
    await this.engine.setDraft(this.room, draft);
  }

  /** Sends or changes. What was written stays in its place when it cannot even be stored. */
  async send(): Promise<void> {
    const { text, reply, editing } = this;
    const said = text.trim();
    if (said === "" && (editing || !this.picture)) return;
    if (editing) {
      if (editing.body.type === "text" && said !== editing.body.text) await this.engine.edit(this.room, editing.key, said);
      this.cancel();
      return;
    }
    this.text = "";
    this.reply = null;
    try {
      if (this.picture) {
        const { file } = this.picture;
        await this.engine.pictures.send(this.room, file, { text: said, description: this.description.trim(), ...(reply && { replyTo: reply.key }) });
        this.show(null);
      } else {
        await this.engine.sendText(this.room, said, reply ? { replyTo: reply.key } : {});
      }
    } catch (problem) {
      this.text = this.text === "" ? text : `${text}\n${this.text}`;
      this.reply = reply;
      throw problem;
    }
    await this.keep();
  }
}
