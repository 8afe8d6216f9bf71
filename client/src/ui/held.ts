/**
 * What was opened by a link and is not answered yet, kept so that a page that the phone threw away comes back with it. It is
 * a secret and may hold somebody's name, so it lies in the tab's storage sealed. The key is in the entries of this tab's
 * history alone (router): it goes with the tab, and the address typed anew, or a later visit, opens nothing.
 */

/** Fragments of links. */
export interface Opened {
  /** An invite. */
  link: string | null;
  /** A new device's code. */
  code: string | null;
}

const KEPT = "kindred.opened";
const NONCE = 12;
const nothing: Opened = { link: null, code: null };

class Held {
  #key: Uint8Array<ArrayBuffer> | null = null;
  /** Grows with each change, so that a slow one does not undo a later one. */
  #changes = 0;

  /** Asked for by whatever is about to write the history's state, which may hold it from before a reload. */
  get key(): Uint8Array<ArrayBuffer> {
    return (this.#key ??= keyIn(history.state) ?? crypto.getRandomValues(new Uint8Array(32)));
  }

  async keep(opened: Opened): Promise<void> {
    const change = ++this.#changes;
    if (opened.link === null && opened.code === null) {
      this.forget();
      return;
    }
    const iv = crypto.getRandomValues(new Uint8Array(NONCE));
    const plain = new TextEncoder().encode(JSON.stringify(opened));
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#imported("encrypt"), plain));
    if (change === this.#changes) sessionStorage.setItem(KEPT, btoa(String.fromCharCode(...iv, ...sealed)));
  }

  async recall(): Promise<Opened> {
    const kept = sessionStorage.getItem(KEPT);
    if (kept === null) return nothing;
    try {
      const bytes = Uint8Array.from(atob(kept), (letter) => letter.charCodeAt(0));
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.subarray(0, NONCE) }, await this.#imported("decrypt"), bytes.subarray(NONCE));
      return JSON.parse(new TextDecoder().decode(plain)) as Opened;
    } catch {
      // Of an earlier visit in this tab, whose key is gone.
      this.forget();
      return nothing;
    }
  }

  forget(): void {
    this.#changes += 1;
    sessionStorage.removeItem(KEPT);
  }

  #imported(use: KeyUsage): Promise<CryptoKey> {
    return crypto.subtle.importKey("raw", this.key, "AES-GCM", false, [use]);
  }
}

function keyIn(state: unknown): Uint8Array<ArrayBuffer> | null {
  return typeof state === "object" && state !== null && "key" in state && state.key instanceof Uint8Array ? (state.key as Uint8Array<ArrayBuffer>) : null;
}

export const held = new Held();
