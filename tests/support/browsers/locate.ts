/** What the page says about the element that a selector names. */
export interface Place {
  /** The middle of the element, in CSS pixels of the viewport. */
  x: number;
  y: number;
  /** Null when a finger there would touch it; otherwise what lies over it, or that it is switched off. */
  covered: string | null;
}

/** What the page saw of a touch that was meant for one element. */
interface Aim {
  outcome: "hit" | "missed" | null;
  end: () => void;
}

declare global {
  interface Window {
    aim?: Aim;
  }
}

/**
 * Runs inside the page, so it must be whole in itself. A selector is one of
 *   `role=button|Send`  an element of that role whose accessible name holds the words (`role=button` alone: any)
 *   `label=Your name`   the field whose label, placeholder or accessible name holds the words
 *   `text=Hello`        the innermost elements whose text holds the words
 *   anything else       CSS
 * and names what a person can see: elements that are not displayed are left out.
 */
export function locate(selector: string, want: "texts" | "place" | "focus", aimAt?: (element: Element) => void): string[] | Place | null {
  const roles: Record<string, string> = {
    button: "button,summary,input[type=submit],input[type=button]",
    link: "a[href]",
    textbox: "textarea,input:not([type]),input[type=text],input[type=search],input[type=password],[contenteditable=true]",
    checkbox: "input[type=checkbox]",
    radio: "input[type=radio]",
    heading: "h1,h2,h3,h4,h5,h6",
    dialog: "dialog[open]",
    list: "ul,ol",
    listitem: "li",
    main: "main",
    navigation: "nav",
    img: "img[alt]",
    combobox: "select",
  };
  const plain = (text: string | null | undefined): string => (text ?? "").replace(/\s+/g, " ").trim();
  const shown = (element: Element): boolean => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
  };
  const name = (element: Element): string => {
    const ids = element.getAttribute("aria-labelledby");
    if (ids !== null) return plain(ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(" "));
    const label = element.getAttribute("aria-label");
    if (label !== null) return plain(label);
    const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
    const own = labels.length > 0 ? labels.map((one) => one.textContent).join(" ") : element.textContent;
    return plain(own) || plain(element.getAttribute("alt") ?? element.getAttribute("title") ?? element.getAttribute("placeholder"));
  };
  const find = (): Element[] => {
    const [, kind, rest] = /^(role|label|text)=([\s\S]*)$/.exec(selector) ?? [null, "css", selector];
    if (kind === "role") {
      const [role = "", words = ""] = (rest ?? "").split("|");
      const candidates = document.querySelectorAll(`[role="${role}"]${roles[role] ? `,${roles[role]}` : ""}`);
      return [...candidates].filter((one) => (one.getAttribute("role") ?? role) === role && name(one).includes(words));
    }
    if (kind === "label") {
      const fields = document.querySelectorAll("input,textarea,select,[contenteditable=true],[role=textbox],[role=switch]");
      return [...fields].filter((one) => name(one).includes(rest ?? "") || one.getAttribute("placeholder")?.includes(rest ?? ""));
    }
    if (kind === "text") {
      // Only into what holds the words: a text is slow to read, and most looks are made before they are there.
      const innermost = (one: Element): Element[] => {
        if (!plain((one as HTMLElement).innerText).includes(rest ?? "")) return [];
        const below = [...one.children].flatMap(innermost);
        return below.length > 0 ? below : shown(one) ? [one] : [];
      };
      // Between two pages there is no body for a moment.
      return document.body ? innermost(document.body) : [];
    }
    return [...document.querySelectorAll(rest ?? "")];
  };
  const found = find().filter(shown);
  if (want === "texts") {
    return found.map((one) => ("value" in one && !(one instanceof HTMLButtonElement || one instanceof HTMLLIElement) ? String(one.value) : plain((one as HTMLElement).innerText)));
  }
  const [first] = found;
  if (first === undefined) return null;
  if (want === "focus") {
    (first as HTMLElement).focus();
    return [];
  }
  first.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const box = first.getBoundingClientRect();
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  const hit = document.elementFromPoint(x, y);
  const touches = hit !== null && (first.contains(hit) || hit.contains(first) && hit.tagName === "LABEL");
  if (touches && first.getAttribute("aria-disabled") === "true") return { x, y, covered: "its own rest: it is switched off" };
  if (touches) aimAt?.(first);
  return { x, y, covered: touches ? null : hit === null ? "nothing: it is outside the window" : hit.outerHTML.slice(0, 120) };
}

/**
 * Runs inside the page: from now on a touch does something only where it lands on this element. Between the look at its place
 * and the finger the page may move, and what came there in its stead must not be taken for it. Of a touch that is held, what
 * counts is where it began: what it opens may lie under the finger when it is lifted.
 */
export function aim(element: Element, held: boolean): void {
  window.aim?.end();
  const begins = ["pointerdown", "touchstart", "mousedown", "click"];
  const kinds = [...begins, "contextmenu", "pointerup", "touchend", "mouseup"];
  const watch = (event: Event): void => {
    const target = event.target as Element;
    const on = element.contains(target) || (target.contains(element) && target.tagName === "LABEL");
    if (!on && begins.includes(event.type)) own.outcome = "missed";
    if (own.outcome === "missed") {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.type === (held ? "pointerdown" : "click")) {
      own.outcome = "hit";
      // What follows from it, such as the click that a label hands on, is not the finger's.
      own.end();
    }
  };
  const own: Aim = { outcome: null, end: () => kinds.forEach((kind) => removeEventListener(kind, watch, true)) };
  window.aim = own;
  for (const kind of kinds) addEventListener(kind, watch, { capture: true, passive: false });
}

/**
 * Runs inside the page after the touch: false when it landed elsewhere. Waits until the page has answered it, so that whoever
 * looks next sees what came of it.
 */
export async function landed(): Promise<boolean> {
  const own = window.aim;
  // Another page: the touch led there.
  if (!own) return true;
  for (let turns = 0; turns < 40 && own.outcome === null; turns += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  own.end();
  return own.outcome !== "missed";
}

/**
 * Runs inside the page: asks `question` every 25 ms until it answers something true, `turns` times at most, and gives the
 * last answer. Asking from outside costs several processes a message each for every turn.
 */
export async function asking<T>(question: () => T | Promise<T>, turns: number): Promise<T> {
  for (;;) {
    const answer = await question();
    turns -= 1;
    if (answer || turns < 1) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
