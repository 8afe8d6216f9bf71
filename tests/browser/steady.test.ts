import { afterAll, beforeAll, expect, test } from "vitest";
import { patience, type Page } from "../support/browsers/page.ts";
import { until } from "../support/processes.ts";
import { at } from "./app.ts";
import { Stage } from "./stage.ts";

declare global {
  interface Window {
    moved: string[];
    watch: () => void;
  }
}

const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());

/** From now on writes down each button of the question that is somewhere else than it was, frame by frame. */
const watch = (page: Page): Promise<void> =>
  page.eval(() => {
    window.watch?.();
    let ended = false;
    const places = new Map<Element, number>();
    window.moved = [];
    window.watch = () => (ended = true);
    const look = (): void => {
      if (ended) return;
      for (const button of document.querySelectorAll<HTMLElement>(".file .head button, .file .shown button")) {
        if (!button.checkVisibility({ visibilityProperty: true })) continue;
        // The screen itself slides in, and a touch scrolls to what it touches.
        const box = button.closest(".head, .shown") ?? document.body;
        const place = Math.round(button.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop);
        const before = places.get(button) ?? place;
        if (before !== place) window.moved.push(`${button.innerText}: ${String(before)} to ${String(place)}`);
        places.set(button, place);
      }
      requestAnimationFrame(look);
    };
    look();
  });

const moved = (page: Page): Promise<string[]> => page.eval(() => window.moved);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** In front of a question whose parts come one after the other, those on top last. */
async function question(id: string): Promise<Page> {
  const page = await stage.look();
  await page.waitFor(at("screenChats"));
  await page.eval(() => {
    const { cases, referrals, staff } = window.fake;
    const late = <A extends unknown[], R>(answer: (...asked: A) => Promise<R>, ms: number) => async (...asked: A): Promise<R> => {
      await new Promise((done) => setTimeout(done, ms));
      return answer(...asked);
    };
    staff.notes = late(staff.notes.bind(staff), 500);
    referrals.list = late(referrals.list.bind(referrals), 350);
    cases.reports = late(cases.reports.bind(cases), 200);
    cases.picture = late(cases.picture.bind(cases), 300);
  });
  await watch(page);
  await page.eval((wanted) => window.go({ name: "console", id: wanted }), id);
  for (const part of ["noteWrite", "exhibit", "caseSubject", "caseAsker"] as const) await page.waitFor(at(part));
  return page;
}

test("nothing on a question moves away from a thumb while its parts come", async () => {
  const page = await question("3");
  for (const part of ["caseHand", "referral", "evidenceOpen"] as const) await page.waitFor(at(part));
  await pause(300);
  expect(await moved(page)).toEqual([]);
});

test("taking a question moves nothing, and puts nothing in the place of what was pressed", async () => {
  const page = await question("1");
  const places = (id: "caseClaim" | "caseHand"): Promise<{ x: number; y: number } | null> =>
    page.eval((wanted) => {
      const place = document.querySelector(wanted)?.getBoundingClientRect();
      return place ? { x: place.x, y: place.y } : null;
    }, at(id));
  const before = await places("caseClaim");
  await watch(page);
  await page.click(at("caseClaim"));
  await page.waitFor(at("caseHand"));
  await page.waitFor(at("serviceOpen"));
  await pause(300);
  expect(await moved(page)).toEqual([]);
  expect(await places("caseHand")).not.toEqual(before);
});

test("a picture that comes has had its place before", async () => {
  const page = await question("3");
  const load = at("exhibitPictureLoad");
  await page.click(load);
  await page.waitFor(at("exhibitPicture", '[data-state="loading"]'));
  await watch(page);
  await page.waitFor(at("exhibitPictureTurn"));
  await until(() => page.eval(() => [...document.querySelectorAll<HTMLImageElement>(".file img")].some(({ complete, naturalWidth }) => complete && naturalWidth > 0)), patience, () => "the picture was not drawn");
  await pause(200);
  expect(await moved(page)).toEqual([]);
});
