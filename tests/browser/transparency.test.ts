import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { Period } from "../../client/src/contract/index.ts";
import { lastQuarters } from "../../client/src/ui/logic/period.ts";
import { en } from "../../client/src/ui/words/en.ts";
import { barriers } from "../support/browsers/axe.ts";
import { patience, phone, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { until } from "../support/processes.ts";
import { at, type App } from "./app.ts";
import { reads, yes } from "./moderating.ts";
import { useWorld } from "./world.ts";

const root = resolve(import.meta.dirname, "../..");
const pictures = resolve(root, "test-results/browser");
const world = useWorld();
let asha: App;
let tala: App;

/** Cases and decisions of the quarter that is over, as many as a busy network has. */
const seed = `
from datetime import timedelta
from django.utils import timezone
from chat.models import Network
from moderation.models import Case, Decision
network = Network.objects.get()
today = timezone.now()
now = today.replace(day=1, month=(today.month - 1) // 3 * 3 + 1) - timedelta(days=5)
cases = {"recruitment": 21, "threats": 11, "harassment": 9, "danger": 3, "other": 2}
for concern, count in cases.items():
    for index in range(count):
        Case.objects.create(network=network, opened_at=now, due_at=now, first_claimed_at=now + timedelta(minutes=9), closed_at=now + timedelta(hours=50), concern=concern,
            urgency=("now", "today", "soon")[index % 3], state="closed", outcome=("helped", "acted")[index % 2])
for kind, count in {"warn": 12, "mute": 6, "ban": 2}.items():
    for index in range(count):
        Decision.objects.create(network=network, kind=kind, ground="conduct", card=1, conduct_version=1, state="in_force", in_force_at=now)
`;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  const env = { ...process.env, DATA_DIR: world.server.dataDir, ORIGIN: world.server.address };
  await promisify(execFile)(join(root, ".venv/bin/python"), ["manage.py", "shell", "-c", seed], { cwd: root, env });
  asha = await world.member("Asha", world.links.coordinator);
  tala = await world.member("Tala");
});

async function toNumbers(app: App): Promise<void> {
  await app.toChats();
  await app.click("openSettings");
  await app.click("settingsOpenness");
  await app.page.waitFor(at("opennessTotals"));
}

/** Somebody without an account, in a browser of their own that runs no scripts. */
async function stranger(address: string): Promise<Page> {
  const page = await (await world.browser.newContext()).open("about:blank");
  await puppetOf(page).setJavaScriptEnabled(false);
  await page.goto(address);
  return page;
}

test("nobody else sees the numbers until a coordinator shows them to everybody, and says yes to what that means", async () => {
  await toNumbers(tala);
  expect(await tala.page.has(at("opennessPublish"))).toBe(false);
  expect(await tala.page.has(at("opennessAddress"))).toBe(false);
  await toNumbers(asha);
  await reads(asha, "opennessPublish", en.openness.page.offText);
  await asha.click("opennessPublish");
  await asha.page.waitFor(`text=${en.openness.page.askText}`);
  await asha.click("confirmNo");
  await asha.page.waitGone(at("confirmNo"));
  expect(await asha.page.has(at("opennessAddress"))).toBe(false);
  await asha.click("opennessPublish");
  await yes(asha);
  await reads(asha, "opennessPublish", en.openness.page.onText);
  const address = await asha.page.text(at("opennessAddress"));
  expect(new URL(address).origin).toBe(world.server.address);
  await asha.page.screenshot(join(pictures, "transparency-in-the-app.png"));
  expect(await barriers(asha.page)).toEqual([]);
  await toNumbers(tala);
  expect(await tala.page.text(at("opennessAddress"))).toBe(address);
  await asha.click("opennessLog");
  await reads(asha, "screenAuditLog", en.openness.actions["report_published"] ?? "");
});

test("anybody reads them on a phone and at a desk, without a script, and keeps a copy", async () => {
  const address = await tala.page.text(at("opennessAddress"));
  const page = await stranger(address);
  for (const [name, viewport] of Object.entries({ phone, desk: { width: 1280, height: 800 } })) {
    await puppetOf(page).setViewport(viewport);
    await page.goto(address);
    for (const look of ["light", "dark"]) {
      await puppetOf(page).emulateMediaFeatures([{ name: "prefers-color-scheme", value: look }]);
      await page.screenshot(join(pictures, `transparency-${name}-${look}.png`));
      await puppetOf(page).screenshot({ path: join(pictures, `transparency-${name}-${look}-whole.png`) as `${string}.png`, fullPage: true });
    }
    expect(await page.eval(() => document.documentElement.scrollWidth <= innerWidth), `${name} needs no scrolling sideways`).toBe(true);
    const small = await page.eval(() => [...document.querySelectorAll("a")].filter((one) => one.getBoundingClientRect().height < 44).map(({ textContent }) => textContent));
    expect(small).toEqual([]);
  }
  const text = await page.text("body");
  for (const words of [en.openness.title, en.openness.tables.cases_by_concern, en.cases.short.recruitment, en.decisions.kinds.warn, en.openness.few, en.openness.csv]) expect(text).toContain(words);
  expect(text).not.toMatch(/\b[1-4]\b(?! (?:to|are|day|hour|minute))/u);
  const bars = await page.eval(() => [...document.querySelectorAll("rect")].map((one) => one.getBoundingClientRect().width));
  expect(Math.max(...bars)).toBeGreaterThan(100);
  await puppetOf(page).setJavaScriptEnabled(true);
  await page.goto(address);
  expect(await barriers(page)).toEqual([]);
  const [newest, earlier] = lastQuarters(Date.now(), 2) as [Period, Period];
  await page.click(`a[href="?start=${earlier.start}"]`);
  await until(() => Promise.resolve(puppetOf(page).url().endsWith(`?start=${earlier.start}`)), patience, () => "the quarter before does not open");
  await page.waitFor(`text=${en.openness.quiet}`);
  const csv = await fetch(`${address}?start=${newest.start}&form=csv`);
  expect(await csv.text()).toContain("cases_by_concern,recruitment,20");
  expect(await (await fetch(`${address}?start=${newest.start}&form=template`)).json()).toHaveProperty("notices.number_of_notices", 45);
  expect(page.problems).toEqual([]);
});

test("the app, kept for offline use, does not stand in the page's way, and the page is gone when it is taken back", async () => {
  const address = await tala.page.text(at("opennessAddress"));
  await tala.page.eval(async () => void (await navigator.serviceWorker.ready));
  const beside = await world.tab("Tala", tala.context, address);
  await beside.page.waitFor("h1");
  expect(await beside.page.text("h1")).toBe(en.openness.title);
  expect(await beside.page.has("rect")).toBe(true);
  await asha.click("back");
  await asha.page.waitFor(at("opennessTotals"));
  await asha.click("opennessPublish");
  await yes(asha);
  await reads(asha, "opennessPublish", en.openness.page.offText);
  expect((await fetch(address)).status).toBe(404);
  for (const app of [asha, tala]) expect(app.page.problems).toEqual([]);
});
