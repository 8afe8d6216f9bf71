import type { Page } from "../support/browsers/page.ts";
import { at } from "./app.ts";
import { room, type Scene, tap } from "./scene.ts";

/** Mira sends a picture that she says this of. */
const receive = (page: Page, description: string): Promise<void> =>
  page.eval((said) => {
    const mira = window.fake.person("mira");
    if (mira) window.fake.pictures.receive("group-1", mira, said);
  }, description);

/** A picture of the person's own lies in the composer. */
async function choose(page: Page): Promise<void> {
  await page.eval(async (field) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [900, 1200];
    const paint = canvas.getContext("2d");
    if (paint) paint.fillStyle = "#5b8a63";
    paint?.fillRect(0, 0, 900, 1200);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    const input = document.querySelector<HTMLInputElement>(field);
    const carried = new DataTransfer();
    if (!blob || !input) throw new Error("there is no picture to choose, or no field for it");
    carried.items.add(new File([blob], "garden.png", { type: "image/png" }));
    input.files = carried.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, at("pictureFile"));
  await page.waitFor(at("pictureChosen"));
}

async function unfetchable(page: Page): Promise<void> {
  for (const why of ["gone", "unchecked"]) {
    await receive(page, why);
    await tap("pictureLoad")(page);
    await page.waitFor(at("picture", `[data-state="${why}"]`));
  }
}

async function inTalk(page: Page): Promise<void> {
  await receive(page, "The garden behind the house, this morning");
  await tap("pictureLoad")(page);
  await page.waitFor(at("pictureOpen"));
}

/** A picture that somebody showed to the moderators: fetched and blurred, beside one that is not what was sent. */
async function veiled(page: Page): Promise<void> {
  await tap("exhibitPictureLoad")(page);
  await page.waitFor(at("exhibitPictureTurn"));
  await page.click(`${at("exhibit", '[data-message$="forged"]')} ${at("exhibitPictureLoad")}`);
  await page.waitFor(at("exhibitPicture", '[data-state="unchecked"]'));
}

/** From a picture to what moderators would see of it. */
async function toReview(page: Page): Promise<void> {
  await receive(page, "Where you could live");
  await page.waitFor(at("pictureLoad"));
  await page.longPress(`${at("message")}:has(${at("picture")}) .bubble`);
  await tap("menuAsk", "askNext")(page);
  await page.click(at("askConcern", "[data-concern=recruitment]"));
  await page.waitFor("text=blurred");
}

export const pictureScenes: Record<string, Scene> = {
  "a picture that nobody has fetched": { screen: room("group-1"), shows: "message", then: async (page) => { await receive(page, "The garden behind the house, this morning"); await page.waitFor(at("pictureLoad")); } },
  "a picture in a conversation": { screen: room("group-1"), shows: "message", then: inTalk },
  "a picture, large": { screen: room("group-1"), shows: "message", then: async (page) => { await inTalk(page); await tap("pictureOpen")(page); await page.waitFor(at("pictureLarge")); } },
  "pictures that are gone, or not what was sent": { screen: room("group-1"), shows: "message", then: unfetchable },
  "choosing a picture": { screen: room("group-1"), shows: "message", then: choose },
  "showing a picture to moderators": { screen: room("group-1"), shows: "message", then: toReview },
  "a blurred picture in a question": { screen: { name: "console", id: "2" }, shows: "exhibit", then: veiled },
  "a picture in a question, seen clearly": { screen: { name: "console", id: "2" }, shows: "exhibit", then: async (page) => { await veiled(page); await tap("exhibitPictureTurn")(page); await page.waitFor(at("exhibitPicture", '[data-clear="true"]')); } },
};
