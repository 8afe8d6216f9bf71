import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { barriers } from "../support/browsers/axe.ts";
import { phone, type Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { at } from "./app.ts";
import type { Scene } from "./scene.ts";
import { scenes } from "./scenes.ts";
import { Stage } from "./stage.ts";

/** What sticks out of the screen sideways, where nothing scrolls or hides it. */
const sticksOut = (): string[] =>
  [...document.querySelectorAll<HTMLElement>("body *")]
    .filter((node) => {
      const { left, right, width } = node.getBoundingClientRect();
      const cut = node.closest(".seen-by-readers, .text, .title, .what, svg") !== null;
      return width > 0 && !cut && node.checkVisibility({ visibilityProperty: true }) && (right > innerWidth + 1 || left < -1);
    })
    .map((node) => node.outerHTML.slice(0, 120));

/** What fades in has its colours only when it is there, and what watches sizes hears of them with the next frame. */
async function standing(): Promise<void> {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
  await Promise.allSettled(ending.map(({ finished }) => finished));
}

/** One tab in which scene after scene is looked at: it is loaded anew for each, and made as it was. */
class Looker {
  readonly stage = new Stage();
  page!: Page;
  private text!: (pixels: number) => Promise<unknown>;

  async open(): Promise<void> {
    await this.stage.open();
    this.page = await this.stage.look();
    const session = await puppetOf(this.page).createCDPSession();
    this.text = (pixels) => session.send("Page.setFontSizes", { fontSizes: { standard: pixels } });
  }

  /** Loads a scene as somebody sees it on a phone by day; the answer is what the page complains of from then on. */
  async show({ scene = "", screen, shows, then }: Scene): Promise<() => readonly string[]> {
    const before = this.page.problems.length;
    await Promise.all([this.size(phone.width, phone.height), this.text(16), this.theme("light")]);
    await (screen ? this.stage.inside(screen, scene, this.page) : this.stage.look(scene, this.page));
    await this.page.waitFor(at(shows));
    await then?.(this.page);
    return () => this.page.problems.slice(before);
  }

  theme = (value: "light" | "dark"): Promise<void> => puppetOf(this.page).emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);

  /** Stays a phone: a tab that becomes another kind of device is loaded anew, and the scene would be gone. */
  size = (width: number, height: number): Promise<void> => puppetOf(this.page).setViewport({ width, height, isMobile: true, hasTouch: true });

  rightToLeft = (): Promise<unknown> => this.page.eval(() => (document.documentElement.dir = "rtl"));
  twiceTheText = (): Promise<unknown> => Promise.all([this.text(32), this.size(phone.width, phone.height)]);
}

/** Looks at every second scene: two files take turns, so that they run side by side. */
export function lookAtScenes(half: 0 | 1): Stage {
  const looker = new Looker();
  beforeAll(() => looker.open());
  afterAll(() => looker.stage.close());

  describe.each(Object.entries(scenes).filter((_, index) => index % 2 === half))("%s", (_name, scene) => {
    test("no barrier, in light and dark, at every width and twice the text size", async () => {
      const problems = await looker.show(scene);
      const { page } = looker;
      const found: string[] = [];
      /** With `rules` null all of axe's; none where only the place of things has changed. */
      const look = async (name: string, rules: string[] | null): Promise<void> => {
        await page.eval(standing);
        const against = rules?.length === 0 ? [] : await barriers(page, rules);
        found.push(...against.map((line) => `${name}: ${line}`), ...(await page.eval(sticksOut)).map((line) => `${name}, sticks out: ${line}`));
        if (!(await page.has(at(scene.shows))) && !scene.then) found.push(`${name}: the scene is gone`);
      };
      await look("light", null);
      await looker.theme("dark");
      await look("dark", ["color-contrast"]);
      await looker.rightToLeft();
      await look("right to left", []);
      await looker.size(320, 568);
      await look("320 px", []);
      await looker.size(1280, 800);
      await look("wide", []);
      await looker.twiceTheText();
      await look("twice the text", ["color-contrast", "target-size", "scrollable-region-focusable"]);
      expect(found).toEqual([]);
      expect(problems()).toEqual([]);
    });
  });
  return looker.stage;
}
