import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElementHandle } from "puppeteer-core";
import { beforeAll, expect, test } from "vitest";
import { unpack } from "../../client/src/evidence/container.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { patience, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { verifiedOffline } from "../support/evidence.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import type { Room } from "./room.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const [TEXT, WHAT] = ["Is this your door?", "A blue door with the number 17"];
let asha: App;
let tala: App;
let rook: App;
let talas: Room;

beforeAll(async () => {
  [asha, tala, rook] = await Promise.all([world.member("Asha", world.links.coordinator), world.member("Tala"), world.member("Rook")]);
  for (const app of [asha, rook]) await (await app.joinOpenRoom("Welcome")).send(`${app.name} is here`);
  talas = await tala.joinOpenRoom("Welcome");
});

/** Chooses a file as a person does who has found it on their phone. */
async function choose(page: Page, selector: string, file: string): Promise<void> {
  const input = await puppetOf(page).$(selector);
  if (input === null) throw new Error(`there is no ${selector}`);
  await (input as ElementHandle<HTMLInputElement>).uploadFile(file);
}

/** A photo of so many pixels, drawn by the browser: it may come in any form that it can show. */
async function drawn(page: Page, width: number, height: number): Promise<Buffer> {
  const base64 = await page.eval((wide, high) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [wide, high];
    const paint = canvas.getContext("2d");
    if (paint) {
      paint.fillStyle = "#284f8f";
      paint.fillRect(wide / 4, 0, wide / 2, high);
    }
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  }, width, height);
  return Buffer.from(base64, "base64");
}

test("a picture goes with its words, and is fetched when somebody touches it", async () => {
  const file = join(await world.folder(), "IMG_2214.png");
  await writeFile(file, await drawn(rook.page, 2000, 1000));
  const rooks = await rook.open("Welcome");
  await choose(rook.page, at("pictureFile"), file);
  await rook.fill("pictureWhat", WHAT);
  await rooks.send(TEXT);
  await rook.page.waitFor(at("picture", '[data-state="here"]'));
  await talas.waitFor(TEXT);
  await tala.page.waitFor(`text=${WHAT}`);
  expect(await tala.page.has(`${at("picture")} img`)).toBe(false);
  await tala.click("pictureLoad");
  await tala.page.waitFor(at("picture", '[data-state="here"]'));
  await tala.page.waitFor(() => [...document.images].some(({ alt, naturalWidth, naturalHeight }) => alt === "A blue door with the number 17" && naturalWidth === 1600 && naturalHeight === 800));
});

test("whoever asks a moderator shows it with the words, and the moderator sees it only when they want to", async () => {
  const key = (await talas.shown()).findLast(({ text }) => text === TEXT)?.key ?? "";
  await tala.page.longPress(`${at("message", `[data-message="${key}"]`)} ${at("messageText")}`);
  await tala.click("menuAsk");
  await tala.click("askNext");
  await tala.page.click(at("askConcern", '[data-concern="threats"]'));
  await tala.page.waitFor(at("askSend", '[aria-disabled="false"]'));
  await tala.click("askSend");
  const stands = async (): Promise<string> => (await tala.page.texts(at("questionState"))).join("\n");
  // The words go first, and the picture follows them.
  await until(async () => {
    const now = await stands();
    return now.includes(en.cases.state.unclaimed) && !now.includes(en.cases.mine.underway.pictures);
  }, patience, async () => `the picture did not go: ${await stands()}`);
  await asha.toChats();
  await asha.click("openConsole");
  await asha.click("caseItem");
  await asha.click("caseClaim");
  // What comes a little later moves what stands below it, and a finger would miss.
  for (const id of ["caseHand", "exhibitPicture", "caseSubject"] as const) await asha.page.waitFor(at(id));
  await asha.click("exhibitPictureLoad");
  await asha.page.waitFor(at("exhibitPicture", '[data-state="here"][data-clear="false"]'));
  await asha.page.waitFor(() => document.querySelector<HTMLImageElement>('[data-testid="exhibit-picture"] img')?.naturalWidth === 1600);
  const filter = () => getComputedStyle(document.querySelector('[data-testid="exhibit-picture"] img') ?? document.body).filter;
  expect(await asha.page.eval(filter)).toContain("blur");
  await asha.click("exhibitPictureTurn");
  await asha.page.waitFor(at("exhibitPicture", '[data-clear="true"]'));
  expect(await asha.page.eval(filter)).toBe("none");
});

test("evidence holds the picture, and is whole for the command and for the page that checks it", async () => {
  const downloads = join(await world.folder(), "downloads");
  await mkdir(downloads);
  const session = await puppetOf(asha.page).createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, browserContextId: puppetOf(asha.page).browserContext().id ?? "" });
  await asha.click("evidenceOpen");
  await asha.page.waitFor(at("evidencePictures", '[aria-checked="true"]'));
  await asha.page.waitFor(`text=${en.evidence.pictures(1)}`);
  await asha.click("evidenceMake");
  const name = await until(async () => (await readdir(downloads)).find((one) => one.endsWith(".zip")) ?? null, patience, () => "no evidence was saved");
  const zip = await readFile(join(downloads, name));
  const files = unpack(new Uint8Array(zip));
  const [picture] = [...files.keys()].filter((one) => one.startsWith("pictures/"));
  expect(picture).toMatch(/^pictures\/[0-9a-f]{64}\.jpg$/);
  for (const content of files.values()) expect(Buffer.from(content).includes("IMG_2214")).toBe(false);
  expect(await verifiedOffline(world.server.address, zip)).toContain("1 pictures as they were sent, 0 not in it.");

  const keys = join(downloads, "keys.json");
  await writeFile(keys, await (await fetch(`${world.server.address}/.well-known/kindred-keys.json`)).text());
  const page = await (await world.browser.newContext()).open(`${world.server.address}/verify.html`);
  await choose(page, "#keys", keys);
  await choose(page, "#evidence", join(downloads, name));
  await page.waitFor('[data-outcome="whole"]');
  expect(await page.text("section")).toContain("1 picture as sent.");
  for (const { problems } of [page, asha.page, tala.page, rook.page]) expect(problems).toEqual([]);
});
