import { expect, test } from "vitest";
import { en } from "../../../client/src/ui/words/en.ts";
import { at } from "../app.ts";
import { lookAtScenes } from "../looking.ts";

const stage = lookAtScenes(0);

test("what waits in a question for a decision about a device is decided there, goes out then, and the talk cannot be left by it", async () => {
  const page = await stage.inside({ name: "question", id: "q1", fresh: false }, "trust=device");
  await page.click(at("doubtLook"));
  await page.waitFor(at("decideAnyway"));
  expect(await page.has(at("decideLeave"))).toBe(false);
  await page.click(at("decideAnyway"));
  await page.click(at("confirmYes"));
  await page.waitGone(at("doubtBanner"));
  await page.close();
});

test("a doubt about whoever asked without a name names them to no moderator, and leads to no page about them", async () => {
  const page = await stage.inside({ name: "console", id: "7" });
  await page.click(at("caseTalk"));
  await page.eval(() => { window.fake.trust.suspect({ account: "tala", name: "Tala", why: "changed", about: "1" }); });
  await page.waitFor(at("doubtBanner"));
  expect(await page.text(at("doubtBanner"))).toContain(en.trust.banner.changed(null));
  await page.click(at("doubtLook"));
  await page.waitFor(at("decideNew"));
  expect(await page.text(at("decide"))).not.toContain("Tala");
  expect(await page.has(at("decideCompare"))).toBe(false);
  await page.close();
});
