import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../../client/src/contract/index.ts";
import { en } from "../../client/src/ui/words/en.ts";
import type { Page } from "../support/browsers/page.ts";
import { at } from "./app.ts";
import { toReview } from "./scenes.ts";
import { Stage } from "./stage.ts";

declare global {
  interface Window {
    /** Lets what was asked for come: who would read it. */
    tell: () => void;
  }
}

const stage = new Stage();
beforeAll(() => stage.open());
afterAll(() => stage.close());

/** It is asked who reads it, and there is no answer before `tell`. */
const slowly = (page: Page): Promise<void> =>
  page.eval(() => {
    const { cases } = window.fake;
    const [answer, told] = [cases.readers.bind(cases), new Promise<void>((resolve) => (window.tell = resolve))];
    cases.readers = (): Promise<Person[]> => told.then(answer);
  });

test("nothing is sent before it is known who would read it, and the screen says so", async () => {
  const page = await stage.inside({ name: "room", room: "group-1" });
  await page.waitFor(at("message"));
  await slowly(page);
  await toReview(page);
  await page.waitFor(at("askSend", '[aria-disabled="true"]'));
  expect(await page.text(at("askSend"))).toBe(en.cases.ask.lookingUp);
  expect(await page.text(at("askLookingUp"))).toBe(en.cases.ask.lookingUpText);
  // A touch waits until it can be pressed; somebody in a hurry does not.
  await page.eval((send) => document.querySelector<HTMLElement>(send)?.click(), at("askSend"));
  await page.eval(() => window.tell());
  await page.waitFor(at("askSend", '[aria-disabled="false"]'));
  await page.waitGone(at("askLookingUp"));
  expect(await page.text(at("askSend"))).toBe(en.cases.ask.send);
  await page.click(at("askSend"));
  await page.waitFor(at("questionState"));
});

test.each([["online", en.cases.ask.added], ["offline", en.cases.ask.addedLater]])("what is added %s waits for who reads it, and no more is said than is true", async (net, words) => {
  const page = await stage.inside({ name: "questions" }, `net=${net}`);
  await slowly(page);
  await page.eval(() => {
    const message = window.fake.messages("group-1").then(({ messages }) => messages.find(({ body, from }) => body.type === "text" && from === "amal")?.key ?? "");
    void message.then((key) => window.go({ name: "ask", room: "group-1", message: key, question: "q1" }));
  });
  await page.waitFor(at("askNext", '[aria-disabled="true"]'));
  expect(await page.text(at("askNext"))).toBe(en.cases.ask.lookingUp);
  await page.eval(() => window.tell());
  await page.waitFor(at("askNext", '[aria-disabled="false"]'));
  await page.click(at("askNext"));
  await page.waitFor(`text=${words}`);
});

test("two reports of one moment stand beside each other", async () => {
  const page = await stage.inside({ name: "console", id: "8" });
  await page.waitFor(at("exhibit", '[data-message="x53-forged"]'));
  await page.waitFor(at("exhibit", '[data-message="x41"]'));
  expect(page.problems).toEqual([]);
});
