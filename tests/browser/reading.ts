/** One line of a conversation, as it stands on the screen. */
export interface ShownLine {
  kind: "message" | "system";
  /** Stable for one message; the text itself for a system line. */
  key: string;
  text: string;
  /** "You", or the name of who wrote it. */
  from: string;
  /** Only for own messages. */
  state: string | null;
  edited: boolean;
  /** What it answers, as quoted. */
  replyTo: string | null;
  reactions: string[];
}

/** Testids and words that the functions below look for inside the page. */
export interface Names {
  list: string;
  message: string;
  text: string;
  system: string;
  reaction: string;
  reply: string;
  beginning: string;
}

/** Runs inside the page: the lines that are in view, oldest first. */
export function readShown(names: Names): ShownLine[] {
  const by = (id: string): string => `[data-testid="${id}"]`;
  const list = document.querySelector<HTMLElement>(by(names.list));
  if (list === null) return [];
  const { top, bottom } = list.getBoundingClientRect();
  const inView = (element: Element): boolean => {
    const box = element.getBoundingClientRect();
    return box.bottom > top && box.top < bottom && box.height > 0;
  };
  return [...list.querySelectorAll<HTMLElement>(`${by(names.message)},${by(names.system)}`)].filter(inView).map((line) => {
    const words = (selector: string): string | null => line.querySelector<HTMLElement>(selector)?.innerText.trim() ?? null;
    const message = line.dataset["testid"] === names.message;
    return {
      kind: message ? ("message" as const) : ("system" as const),
      key: line.dataset["message"] ?? line.parentElement?.dataset["key"] ?? line.innerText,
      // Deleted and unchecked messages have a sentence in the place of their text.
      text: message ? (words(by(names.text)) ?? words(".bubble > p") ?? "") : line.innerText.trim(),
      from: message ? (line.getAttribute("aria-label") ?? "").split(",")[0] ?? "" : "",
      state: line.dataset["state"] ?? null,
      edited: line.querySelector(".edited") !== null,
      replyTo: words(by(names.reply)),
      reactions: [...line.querySelectorAll<HTMLElement>(by(names.reaction))].map((one) => one.innerText.replace(/\s+/g, " ").trim()),
    };
  });
}

/**
 * Runs inside the page: scrolls from the newest line to the beginning, as a thumb would, and gives every line, oldest
 * first; then goes back to the newest. `read` is `readShown`, which this cannot see from in there.
 */
async function scrollThrough(names: Names, patience: number, read: (names: Names) => ShownLine[]): Promise<{ lines: ShownLine[] } | { failed: string }> {
  const list = document.querySelector<HTMLElement>(`[data-testid="${names.list}"]`);
  if (list === null) return { failed: "there is no conversation on the screen" };
  // The list draws what it is scrolled to with the next frame; a tab in the background may have none.
  const frame = (): Promise<unknown> => Promise.race([new Promise(requestAnimationFrame), new Promise((resolve) => setTimeout(resolve, 500))]);
  const drawn = (): Promise<unknown> => frame().then(frame);
  // Anew with each line that comes: what is long takes long.
  let deadline = Date.now() + patience;
  const toEnd = async (): Promise<void> => {
    do {
      list.scrollTop = 0;
      await drawn();
    } while (list.scrollTop < -1 && Date.now() < deadline);
  };
  const all: ShownLine[] = [];
  const atBeginning = (): boolean => list.innerText.includes(names.beginning) && list.scrollTop <= list.clientHeight - list.scrollHeight + 1;
  const overlap = (lines: readonly ShownLine[]): number => lines.findIndex((line) => all.some((one) => one.key === line.key));
  await toEnd();
  for (;;) {
    let lines = read(names);
    let known = overlap(lines);
    // On a busy machine a line may be measured and move after it was scrolled past: back a little, as a reader does.
    for (let back = 0; all.length > 0 && known < 0 && back < 20 && list.scrollTop < -1; back += 1) {
      list.scrollTop += 80;
      await drawn();
      lines = read(names);
      known = overlap(lines);
    }
    if (all.length > 0 && lines.length > 0 && known < 0) return { failed: `scrolling passed over lines before “${all[0]?.text}”` };
    if (known !== 0 && lines.length > 0) deadline = Date.now() + patience;
    all.unshift(...(known < 0 ? lines : lines.slice(0, known)));
    if (atBeginning() || (lines.length === 0 && !list.querySelector("[data-key]"))) break;
    if (Date.now() > deadline) return { failed: `the beginning did not come; the oldest line is “${all[0]?.text}”` };
    list.scrollTop -= Math.max(40, list.clientHeight - 200);
    await drawn();
  }
  await toEnd();
  return { lines: all };
}

/** The expression that does `scrollThrough` in a page. */
export function readAll(names: Names, patience: number): string {
  return `(${scrollThrough.toString()})(${JSON.stringify(names)}, ${patience}, ${readShown.toString()})`;
}
