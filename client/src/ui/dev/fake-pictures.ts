import {
  Failure,
  type LoadedPicture,
  type Person,
  type PicturesContract,
  type ShownPicture,
} from "../../contract/index.ts";
import { text, type Cast } from "./fake-data.ts";
import type { FakeRooms } from "./fake-rooms.ts";
import type { Scene } from "./scene.ts";

const DAY = 86_400_000;

export function shown(description: string, size = 229_376): ShownPicture {
  return { size, description, expiresAt: Date.now() + 20 * DAY };
}

/** A made-up photo: hills under a sky. */
export function drawn(): Blob {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="900"><rect width="1200" height="900" fill="#9cc4d8"/>
    <circle cx="900" cy="220" r="90" fill="#f3d37a"/><path d="M0 620 Q300 420 620 600 T1200 520 V900 H0Z" fill="#5b8a63"/><path d="M0 760 Q400 600 1200 740 V900 H0Z" fill="#39624a"/></svg>`;
  return new Blob([svg], { type: "image/svg+xml" });
}

/** What becomes of each is written in its description: "gone" and "unchecked" are, the rest can be loaded. */
export class FakePictures implements PicturesContract {
  readonly #here = new Map<string, Blob>();

  constructor(private readonly scene: Scene, private readonly rooms: FakeRooms, private readonly me: Cast["me"], private readonly sent: (room: string, key: string) => void) {}

  async send(room: string, picture: Blob, { text: words, description }: { text: string; description: string }): Promise<string> {
    const message = text(room, this.me, Date.now(), words, { state: "waiting", seq: null, body: { type: "text", text: words, picture: shown(description, picture.size) } });
    this.#here.set(message.key, picture);
    this.rooms.write(room, (log) => [...log, message]);
    this.sent(room, message.key);
    return Promise.resolve(message.key);
  }

  /** For tests: somebody sends a picture. */
  receive(room: string, from: Person, description: string): void {
    this.rooms.write(room, (log) => [...log, text(room, from, Date.now(), "", { body: { type: "text", text: "", picture: shown(description) } })]);
  }

  look(_room: string, message: string): Promise<LoadedPicture> {
    const picture = this.#here.get(message);
    return Promise.resolve(picture ? { state: "here", picture } : { state: "away" });
  }

  async load(room: string, message: string): Promise<LoadedPicture> {
    const here = await this.look(room, message);
    if (here.state === "here") return here;
    await new Promise((done) => setTimeout(done, this.scene.slow));
    if (this.scene.fail) throw new Failure(this.scene.fail);
    if (this.scene.net !== "online") throw new Failure("offline");
    const body = this.rooms.message(room, message)?.body;
    const said = body?.type === "text" ? body.picture?.description : "";
    if (said === "gone" || said === "unchecked") return { state: said };
    this.#here.set(message, drawn());
    return this.load(room, message);
  }
}
