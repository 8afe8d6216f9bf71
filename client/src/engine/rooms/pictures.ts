/** Pictures between this device and the server: sealed, kept as ciphertext in the store, brought to rooms and fetched from them. */
import { opened as openContent } from "../../content/shown.ts";
import { nothing } from "../../protocol/api.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import { isRefusal, Refusal } from "../../protocol/errors.ts";
import { isSealed, LARGEST_PICTURE, NotThePicture, openPicture, type Picture, sealPicture } from "../../crypto/picture.ts";
import { barePhoto } from "../../crypto/picture-head.ts";
import { Batch, type Store } from "../../store/store.ts";
import type { Http } from "../../transport/http.ts";
import { Failure, type LoadedPicture, type ShownPicture } from "../../contract/index.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_DAYS = 30;
/** A slow line may take this long for one. */
const TIMEOUT_MS = 300_000;

export class Pictures {
  constructor(private readonly store: Store, private readonly http: Http) {}

  /** Seals a JPEG for the room; the batch keeps its ciphertext. Throws Failure. */
  async make(room: string, file: Blob, description: string, batch: Batch): Promise<Picture> {
    if (file.size > LARGEST_PICTURE) throw new Failure("too_large");
    const data = barePhoto(new Uint8Array(await file.arrayBuffer()));
    if (!data) throw new Failure("conflict");
    const expires = Math.floor((Date.now() + KEPT_DAYS * DAY_MS) / 1000);
    const { picture, sealed } = await sealPicture(data, "image/jpeg", description, expires);
    batch.put("meta", await keptAt(this.store, room, picture), sealed);
    return picture;
  }

  /** Brings what this device keeps to the server: the same bytes every time. Throws Refusal. */
  async upload(room: string, picture: Picture): Promise<void> {
    const sealed = await this.#kept(room, picture);
    if (!sealed) throw new Refusal("not_found");
    await this.#put(room, picture, sealed);
  }

  async look(room: string, picture: Picture): Promise<LoadedPicture> {
    const sealed = await this.#kept(room, picture);
    return sealed ? opened(picture, sealed) : { state: "away" };
  }

  /** Throws Refusal. */
  async load(room: string, picture: Picture): Promise<LoadedPicture> {
    const here = await this.look(room, picture);
    if (here.state !== "away") return here;
    const found = await this.fetch(room, picture);
    if (found.sealed) await this.store.write(new Batch().put("meta", await keptAt(this.store, room, picture), found.sealed));
    return found.shown;
  }

  /** From the room, without keeping it; `sealed` only when it is the picture. Throws Refusal. */
  async fetch(room: string, picture: Picture): Promise<{ shown: LoadedPicture; sealed: Bytes | null }> {
    try {
      const sealed = await this.http.bytes(path(room, picture), TIMEOUT_MS);
      const shown = await opened(picture, sealed);
      return { shown, sealed: shown.state === "here" ? sealed : null };
    } catch (error) {
      if (!isRefusal(error, "not_found")) throw error;
      return { shown: { state: "gone" }, sealed: null };
    }
  }

  /**
   * Brings the picture of this content, which was sent to one room, to another, where the same ciphertext lies under the
   * same name. False when it stays behind: it is no longer to be had, was never what its sender said, or is not taken there,
   * as other bytes have its name or there is no place for it. Throws Refusal.
   */
  async bring(from: string, to: string, content: Bytes): Promise<boolean> {
    const picture = pictureOf(content);
    if (!picture) return true;
    const sealed = (await this.#kept(from, picture)) ?? (await this.#fetchSealed(from, picture));
    if (!sealed) return false;
    try {
      await this.#put(to, picture, sealed);
      return true;
    } catch (error) {
      if (!isRefusal(error, "forbidden", "too_many", "too_large", "quota", "malformed", "not_found")) throw error;
      return false;
    }
  }

  async #fetchSealed(room: string, picture: Picture): Promise<Bytes | null> {
    try {
      const sealed = await this.http.bytes(path(room, picture), TIMEOUT_MS);
      return (await isSealed(picture, sealed)) ? sealed : null;
    } catch (error) {
      if (!isRefusal(error, "not_found")) throw error;
      return null;
    }
  }

  async #put(room: string, picture: Picture, sealed: Bytes): Promise<void> {
    await this.http.upload("PUT", path(room, picture), sealed, nothing, TIMEOUT_MS);
  }

  async #kept(room: string, picture: Picture): Promise<Bytes | null> {
    return this.store.get<Bytes>("meta", await keptAt(this.store, room, picture));
  }
}

/** Where the store keeps a picture's ciphertext. */
export function keptAt(store: Store, room: string, { blob }: Pick<Picture, "blob">): Promise<string> {
  return store.blind(`picture\0${room}\0${blob}`);
}

/** The picture of a MIMI content, if it has one. */
export function pictureOf(content: Bytes): Picture | null {
  const { shown } = openContent(content);
  return shown.type === "text" ? shown.picture : null;
}

export function shownPicture({ size, description, expires }: Picture): ShownPicture {
  return { size, description, expiresAt: expires * 1000 };
}

async function opened(picture: Picture, sealed: Bytes): Promise<LoadedPicture> {
  try {
    const { data, contentType } = await openPicture(picture, sealed);
    return { state: "here", picture: new Blob([data], { type: contentType }) };
  } catch (error) {
    if (!(error instanceof NotThePicture)) throw error;
    return { state: "unchecked" };
  }
}

function path(room: string, { blob }: Picture): string {
  return `/rooms/${room}/blobs/${blob}`;
}
