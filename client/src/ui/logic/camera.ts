/**
 * Why there is no picture. refused: by the person, the browser or the phone. none: there is no camera. busy: something else
 * has it. unsupported: the browser lends none to this page. stopped: it was not wanted any more.
 */
export type CameraTrouble = "refused" | "none" | "busy" | "unsupported" | "stopped";

export class CameraFailure extends Error {
  constructor(readonly trouble: CameraTrouble) {
    super(trouble);
  }
}

/** The names of DOMException that getUserMedia has for them. */
const troubles: Record<string, CameraTrouble> = {
  NotAllowedError: "refused", SecurityError: "refused",
  NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", AbortError: "busy",
};

const wanted: MediaStreamConstraints = { audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };

/** The camera while it is on. Nothing of it is kept or sent. */
export class Camera {
  static readonly #on = new Set<Camera>();
  #stream: MediaStream | null = null;
  #stopped = false;

  /** `lost` is called when the phone takes the camera away. */
  constructor(private readonly lost: () => void) {}

  /** Turns every camera off, also one that is still being asked for. */
  static stopAll(): void {
    for (const camera of [...Camera.#on]) camera.stop();
  }

  /** Asks for permission if need be, and turns it on. Throws CameraFailure. */
  async start(devices: Pick<MediaDevices, "getUserMedia"> | undefined = navigator.mediaDevices): Promise<MediaStream> {
    if (!devices) throw new CameraFailure("unsupported");
    Camera.#on.add(this);
    try {
      this.#stream = await devices.getUserMedia(wanted);
    } catch (problem) {
      Camera.#on.delete(this);
      if (this.#stopped) throw new CameraFailure("stopped");
      const trouble = problem instanceof Error ? troubles[problem.name] : undefined;
      throw trouble ? new CameraFailure(trouble) : problem;
    }
    if (this.#stopped) {
      this.stop();
      throw new CameraFailure("stopped");
    }
    this.#track?.addEventListener("ended", () => this.#stopped || this.lost());
    return this.#stream;
  }

  stop(): void {
    this.#stopped = true;
    Camera.#on.delete(this);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  /** It looks at the person, and is shown as a mirror would. */
  get facesPerson(): boolean {
    return this.#track?.getSettings().facingMode === "user";
  }

  /** It has a light that can be turned on. Not every browser says so. */
  get hasLight(): boolean {
    return (this.#track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch === true;
  }

  async setLight(on: boolean): Promise<void> {
    await this.#track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  }

  get #track(): MediaStreamTrack | undefined {
    return this.#stream?.getVideoTracks()[0];
  }
}
