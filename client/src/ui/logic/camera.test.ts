import { describe, expect, test, vi } from "vitest";
import { Camera, CameraFailure } from "./camera.ts";

/** A camera's track that can be seen to be off. */
class FakeTrack extends EventTarget {
  stopped = false;
  readonly asked: MediaTrackConstraints[] = [];
  constructor(readonly capabilities: object = {}) {
    super();
  }
  stop(): void {
    this.stopped = true;
  }
  getSettings = (): MediaTrackSettings => ({ facingMode: "environment" });
  getCapabilities = (): object => this.capabilities;
  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.asked.push(constraints);
  }
}
const streamOf = (track: FakeTrack): MediaStream => ({ getTracks: () => [track], getVideoTracks: () => [track] }) as unknown as MediaStream;
const nothing = (): void => undefined;
const troubleOf = async (devices: Parameters<Camera["start"]>[0]): Promise<string> => {
  const problem = await new Camera(nothing).start(devices).then(() => null, (failure: unknown) => failure);
  return problem instanceof CameraFailure ? problem.trouble : String(problem);
};

describe("the camera", () => {
  test("each way of getting no picture has its own name", async () => {
    for (const [name, trouble] of [["NotAllowedError", "refused"], ["SecurityError", "refused"], ["NotFoundError", "none"], ["OverconstrainedError", "none"], ["NotReadableError", "busy"], ["AbortError", "busy"]] as const)
      expect(await troubleOf({ getUserMedia: () => Promise.reject(new DOMException("no", name)) })).toBe(trouble);
    expect(await troubleOf({ getUserMedia: () => Promise.reject(new TypeError("else")) })).toBe("TypeError: else");
    vi.stubGlobal("navigator", {});
    expect(await troubleOf(undefined)).toBe("unsupported");
    vi.unstubAllGlobals();
  });

  test("sound is never asked for, and the camera that looks away is preferred", async () => {
    const getUserMedia = vi.fn<MediaDevices["getUserMedia"]>(async () => streamOf(new FakeTrack()));
    await new Camera(nothing).start({ getUserMedia });
    expect(getUserMedia.mock.calls).toEqual([[{ audio: false, video: expect.objectContaining({ facingMode: "environment" }) as unknown }]]);
  });

  test("it goes off when it is stopped, and when everything is", async () => {
    const tracks = [new FakeTrack(), new FakeTrack(), new FakeTrack()];
    const cameras = tracks.map(() => new Camera(nothing));
    for (const [index, camera] of cameras.entries()) await camera.start({ getUserMedia: async () => streamOf(tracks[index] as FakeTrack) });
    cameras[0]?.stop();
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, false, false]);
    Camera.stopAll();
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, true, true]);
  });

  test("a permission that is given too late turns nothing on", async () => {
    const track = new FakeTrack();
    let give: (stream: MediaStream) => void = nothing;
    const starting = new Camera(nothing).start({ getUserMedia: () => new Promise((given) => (give = given)) });
    Camera.stopAll();
    give(streamOf(track));
    await expect(starting).rejects.toMatchObject({ trouble: "stopped" });
    expect(track.stopped).toBe(true);
  });

  test("it says when the phone takes it away, and nothing when it was stopped", async () => {
    const lost = vi.fn();
    const [track, other] = [new FakeTrack(), new FakeTrack()];
    await new Camera(lost).start({ getUserMedia: async () => streamOf(track) });
    track.dispatchEvent(new Event("ended"));
    expect(lost).toHaveBeenCalledTimes(1);
    const stopped = new Camera(lost);
    await stopped.start({ getUserMedia: async () => streamOf(other) });
    stopped.stop();
    other.dispatchEvent(new Event("ended"));
    expect(lost).toHaveBeenCalledTimes(1);
  });

  test("only a camera with a light has one to turn on", async () => {
    const [plain, bright] = [new Camera(nothing), new Camera(nothing)];
    const track = new FakeTrack({ torch: true });
    await plain.start({ getUserMedia: async () => streamOf(new FakeTrack()) });
    await bright.start({ getUserMedia: async () => streamOf(track) });
    expect([plain.hasLight, bright.hasLight]).toEqual([false, true]);
    await bright.setLight(true);
    await bright.setLight(false);
    expect(track.asked).toEqual([{ advanced: [{ torch: true }] }, { advanced: [{ torch: false }] }]);
  });
});
