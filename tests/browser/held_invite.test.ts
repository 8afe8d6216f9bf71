import { expect, test } from "vitest";
import { en } from "../../client/src/ui/words/en.ts";
import type { Page } from "../support/browsers/page.ts";
import { puppetOf } from "../support/browsers/puppeteer.ts";
import { everythingStored } from "../privacy/scene.ts";
import { App, at } from "./app.ts";
import { useWorld } from "./world.ts";

/** An invite that was opened and is not answered: a secret, with the name of whoever invites. */
const inviter = "Canary-Imara";
const code = "#l.AAAAcanarycodeAA";
const world = useWorld();

/** A link to the network that names who invites: `{n: inviter}` in MessagePack (docs/protocol.md). */
function link(): string {
  const [secret = ""] = (new URL(world.memberLink()).hash.slice(3)).split(".");
  const map = Buffer.concat([Buffer.from([0x81, 0xa1, 0x6e, 0xa0 | inviter.length]), Buffer.from(inviter)]);
  return `${world.server.address}/#i.${secret}.${map.toString("base64url")}`;
}

async function opened(url: string): Promise<App> {
  const context = await world.browser.newContext();
  const page = await context.open(url);
  await page.waitFor(at("inviteStart"));
  await page.waitFor(`text=${inviter}`);
  return new App(page, "Noor", context);
}

/** Everything that the browser stores for this page, in the clear and as each base64 text in it reads. */
async function stored(page: Page): Promise<string> {
  const text = await page.eval(everythingStored);
  const inside = (text.match(/[\w+/-]{8,}={0,2}/gu) ?? []).map((word) => Buffer.from(word, "base64").toString("latin1"));
  return [text, ...inside].join("\n");
}

test("an invite that is not answered lies nowhere in the clear, while it is read and after a name is chosen", async () => {
  const url = link();
  const [, secret = "", map = ""] = new URL(url).hash.split(".");
  const newcomer = await opened(url);
  const expectNothing = async (): Promise<void> => {
    const all = await stored(newcomer.page);
    expect([secret, map, inviter].filter((canary) => all.includes(canary))).toEqual([]);
    expect(await newcomer.page.url()).toBe(`${world.server.address}/`);
  };
  await expectNothing();
  await newcomer.click("inviteStart");
  await newcomer.fill("nameInput", newcomer.name);
  await expectNothing();

  await newcomer.page.reload();
  await newcomer.page.waitFor(`text=${inviter}`);
  await expectNothing();
  await newcomer.join();
  expect(await newcomer.page.eval(() => sessionStorage.length)).toBe(0);
});

test("a new device's code that is not answered lies nowhere in the clear, and is there after a reload", async () => {
  const context = await world.browser.newContext();
  const page = await context.open(`${world.server.address}/${code}`);
  const waits = `text=${en.devices.wrongDevice}`;
  await page.waitFor(waits);
  expect(await stored(page)).not.toContain(code.slice(3));
  await page.reload();
  await page.waitFor(waits);
});

test("the address typed anew in the same tab knows of no invite", async () => {
  const { page } = await opened(link());
  await page.goto("about:blank");
  await page.goto(world.server.address);
  await page.waitFor(at("screenNoInvite"));
  expect(await page.eval(() => sessionStorage.length)).toBe(0);
});

test("the quick exit takes the invite with it, also for whoever goes back", async () => {
  const newcomer = await opened(link());
  await newcomer.click("inviteStart");
  const tab = puppetOf(newcomer.page);
  await tab.setRequestInterception(true);
  tab.on("request", (request) => {
    const leaves = !request.url().startsWith(world.server.address);
    void (leaves ? request.respond({ status: 200, contentType: "text/html", body: "<title>Weather</title><p>Rain later</p>" }) : request.continue());
  });
  await newcomer.click("exit");
  await newcomer.page.waitFor("text=Rain later");
  await tab.goBack();
  await newcomer.page.waitFor(at("screenNoInvite"));
  expect(await newcomer.page.eval(() => sessionStorage.length)).toBe(0);
});
