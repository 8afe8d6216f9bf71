import { afterEach, expect, test, vi } from "vitest";
import { qrReader } from "./qr-reader.ts";

const video = { videoWidth: 0, videoHeight: 0 } as HTMLVideoElement;
const detect = vi.fn<(source: unknown) => Promise<{ rawValue: string }[]>>();
const canvases = vi.fn(() => ({ getContext: () => ({}) }));

/** A browser whose own reader knows these formats. */
function browserWith(formats: string[] | null): void {
  vi.stubGlobal("document", { createElement: canvases });
  if (formats === null) return;
  vi.stubGlobal("BarcodeDetector", class {
    static getSupportedFormats = async (): Promise<string[] | null> => formats;
    detect = detect;
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

test("the browser's own reader is used where it reads such codes", async () => {
  browserWith(["aztec", "qr_code"]);
  detect.mockResolvedValueOnce([]).mockResolvedValueOnce([{ rawValue: "found" }]);
  const read = await qrReader();
  expect([await read(video), await read(video)]).toEqual([null, "found"]);
  expect(canvases).not.toHaveBeenCalled();
});

test.each([["none at all", null], ["one for other codes", ["aztec"]], ["an empty one", []]])("the library reads where the browser has %s", async (_what, formats) => {
  browserWith(formats);
  canvases.mockReturnValue({ getContext: () => ({}) });
  const read = await qrReader();
  expect(await read(video)).toBeNull();
  expect(canvases).toHaveBeenCalledTimes(1);
  expect(detect).not.toHaveBeenCalled();
});

test("the library takes over for good where the browser's reader fails", async () => {
  browserWith(["qr_code"]);
  canvases.mockReturnValue({ getContext: () => ({}) });
  detect.mockRejectedValue(new DOMException("service unavailable", "NotSupportedError"));
  const read = await qrReader();
  expect([await read(video), await read(video)]).toEqual([null, null]);
  expect(detect).toHaveBeenCalledTimes(1);
  expect(canvases).toHaveBeenCalledTimes(1);
});
