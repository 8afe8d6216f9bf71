import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end, freePort, start, until } from "../processes.ts";
import { Page, patience, phone, type Browser, type Context, type Key, type Primitives } from "./page.ts";
import { Session } from "./webdriver.ts";

const element = "element-6066-11e4-a52e-4f735466cecf";
const keys: Record<Key, string> = {
  Enter: "\uE007",
  Escape: "\uE00C",
  Tab: "\uE004",
  Shift: "\uE008",
  Backspace: "\uE003",
  ArrowUp: "\uE013",
  ArrowDown: "\uE015",
  PageUp: "\uE00E",
  Home: "\uE011",
  End: "\uE010",
};

/** WebKitGTK's MiniBrowser, one for each context: its driver serves one session, whose storage goes with it. */
export function launchWebKit(): Browser {
  const contexts = new Set<Context>();
  const close = async (): Promise<void> => {
    await Promise.all([...contexts].map((context) => context.close()));
  };
  return {
    name: "webkit",
    async newContext() {
      const context = await newContext(() => contexts.delete(context));
      contexts.add(context);
      return context;
    },
    close,
    kill: close,
  };
}

async function newContext(closed: () => void): Promise<Context> {
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), "kindred-webkit-"));
  await mkdir(join(home, "gtk-3.0"));
  await writeFile(join(home, "gtk-3.0", "gtk.css"), noToolbar);
  const driver = start("xvfb-run", ["-a", "-s", "-screen 0 1280x1024x24", "dbus-run-session", "--", "WebKitWebDriver", `--port=${port}`], {
    env: {
      ...process.env,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      XDG_CACHE_HOME: home,
      // As root, which CI is, WebKit's sandbox cannot work.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      GTK_A11Y: "none",
      LIBGL_ALWAYS_SOFTWARE: "1",
    },
  });
  try {
    const session = await until(() => connect(`http://127.0.0.1:${port}`), patience, () => "WebKitWebDriver did not start");
    const first = (await session.get("/window")) as string;
    let used = false;
    return {
      async open(url) {
        const window = used ? ((await session.post("/window/new", { type: "tab" })) as { handle: string }).handle : first;
        used = true;
        const page = new Page("webkit", primitives(session, window), []);
        await shapeAsPhone(session, window);
        await page.goto(url);
        return page;
      },
      async close() {
        await end(driver);
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
        closed();
      },
    };
  } catch (error) {
    await end(driver);
    throw error;
  }
}

// MiniBrowser's toolbar would keep the window wider than a phone.
const noToolbar = `
toolbar *, headerbar *, entry, button, image {
  min-width: 0; min-height: 0; padding: 0; margin: 0; border: none; font-size: 1px; -gtk-icon-transform: scale(0.01);
}`;

/** Null while nothing listens yet; other failures are thrown. */
async function connect(address: string): Promise<Session | null> {
  const answers = await fetch(`${address}/status`).then(
    (response) => response.ok,
    () => false,
  );
  if (!answers) return null;
  return Session.start(address, {
    "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
    timeouts: { script: 120_000, pageLoad: 60_000 },
  });
}

function miniBrowser(): string {
  const places = readdirSync("/usr/lib").map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`);
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error("MiniBrowser is missing: `make test` installs it, or says how.");
  return found;
}

/** Makes the page, not the window around it, as large as a phone's. */
async function shapeAsPhone(session: Session, window: string): Promise<void> {
  await session.post("/window", { handle: window });
  await session.post("/window/rect", phone);
  const inner = (await session.evaluate("({ width: innerWidth, height: innerHeight })")) as typeof phone;
  await session.post("/window/rect", {
    width: 2 * phone.width - inner.width,
    height: 2 * phone.height - inner.height,
  });
}

function primitives(session: Session, window: string): Primitives {
  const here = () => session.post("/window", { handle: window });
  const perform = async (source: object): Promise<void> => {
    await here();
    await session.post("/actions", { actions: [source] });
  };
  return {
    async goto(url) {
      await here();
      await session.post("/url", { url });
    },
    async reload() {
      await here();
      await session.post("/refresh");
    },
    async evaluate(expression) {
      await here();
      return session.evaluate(expression);
    },
    touch: (x, y, hold) =>
      perform({
        type: "pointer",
        id: "finger",
        parameters: { pointerType: "mouse" },
        actions: [
          { type: "pointerMove", x: Math.round(x), y: Math.round(y), duration: 0, origin: "viewport" },
          { type: "pointerDown", button: 0 },
          { type: "pause", duration: hold },
          { type: "pointerUp", button: 0 },
        ],
      }),
    async keys(text) {
      await here();
      const focus = (await session.get("/element/active")) as Record<string, string>;
      for (const part of text.split(/([\u{10000}-\u{10FFFF}]+)/u)) {
        // The driver loses what takes two UTF-16 units, as emoji do; a phone's keyboard inserts them as text, too.
        if (/^[\u{10000}-\u{10FFFF}]/u.test(part)) await session.evaluate(`document.execCommand("insertText", false, ${JSON.stringify(part)})`);
        else if (part !== "") await session.post(`/element/${focus[element]}/value`, { text: part });
      }
    },
    press: (key) =>
      perform({
        type: "key",
        id: "keyboard",
        actions: [
          { type: "keyDown", value: keys[key] },
          { type: "keyUp", value: keys[key] },
        ],
      }),
    async png() {
      await here();
      return Buffer.from((await session.get("/screenshot")) as string, "base64");
    },
    async close() {
      await here();
      await session.delete("/window");
    },
  };
}
