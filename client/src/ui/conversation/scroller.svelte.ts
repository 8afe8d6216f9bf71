import { flushSync, tick } from "svelte";
import { Heights } from "../logic/heights.ts";
import { guessHeight, type Row } from "../logic/rows.ts";

/** How much (px) is drawn beyond what is seen, on both sides. */
const margin = 900;
/** New lines are drawn each time this much (px) was scrolled, not for every frame. */
const stride = 160;
/** Nearer to the end than this (px) counts as being there. */
const nearEnd = 32;

/** Fractions add up over many lines, so the rounded offsetHeight will not do. */
const exactly = (node: HTMLElement): number => node.getBoundingClientRect().height;

interface Anchor {
  key: string;
  /** From the bottom of the line to the bottom of the view, px. */
  offset: number;
}

/**
 * Scrolls a long list that is anchored at its end. The box is laid out from the bottom (`column-reverse`), so its
 * scrollTop is 0 at the newest line and negative above: older lines that are loaded or measured move nothing. What
 * changes below the line that is being read is made up for by hand.
 */
export class Scroller {
  rows = $state.raw<readonly Row[]>([]);
  atEnd = $state(true);
  #heights = new Heights();
  #version = $state(0);
  /** What is drawn is drawn around here; `#placed` tells exactly where the box is. */
  #distance = $state(0);
  #view = $state(0);
  #width = 0;
  #box: HTMLElement | null = null;
  #anchor: Anchor | null = null;
  #sizes: ResizeObserver | null = null;
  #frame = 0;
  /** Where the box was scrolled to when last looked at, as a distance. */
  #placed = 0;
  /** A line that is being scrolled to: it stays where it was put until the person scrolls. */
  #held: { key: string; below: number } | null = null;
  /** On the way to the end: what comes meanwhile does not stop it. */
  #ending = false;

  readonly part = $derived.by(() => {
    void this.#version;
    void this.rows;
    return this.#heights.part(this.#distance, this.#view, margin);
  });
  readonly drawn = $derived(this.rows.slice(this.part.first, this.part.last));

  constructor(private readonly onsettled: (first: string, last: string) => void) {}

  /** New lines, or changed ones. */
  set(rows: readonly Row[]): void {
    this.rows = rows;
    const perLine = Math.max(14, Math.floor((this.#width * 0.78) / 8.6));
    this.#heights.set(
      rows.map((row) => row.key),
      (index) => (rows[index] ? guessHeight(rows[index], perLine) : 0),
    );
    this.#aim();
    this.#version += 1;
    void tick().then(() => {
      flushSync();
      this.#place(this.#distance);
      this.#steady();
    });
  }

  /** Attaches to the scrolling box. */
  readonly attach = (box: HTMLElement): (() => void) => {
    this.#box = box;
    this.#width = box.clientWidth;
    this.#view = box.clientHeight;
    this.#sizes = new ResizeObserver((entries) => this.#resized(entries));
    this.#sizes.observe(box);
    const scrolled = (): void => this.#scrolled();
    const ended = (): void => void (this.#ending = false);
    const touched = (): void => {
      this.#held = null;
      ended();
    };
    box.addEventListener("scroll", scrolled, { passive: true });
    box.addEventListener("scrollend", ended, { passive: true });
    box.addEventListener("wheel", touched, { passive: true });
    box.addEventListener("touchstart", touched, { passive: true });
    return () => {
      this.#sizes?.disconnect();
      cancelAnimationFrame(this.#frame);
      box.removeEventListener("scroll", scrolled);
      box.removeEventListener("scrollend", ended);
      box.removeEventListener("wheel", touched);
      box.removeEventListener("touchstart", touched);
      this.#box = null;
    };
  };

  /** Attaches to each drawn line. */
  readonly line = (node: HTMLElement): (() => void) => {
    const key = node.dataset["key"];
    if (key !== undefined) this.#heights.measured(key, exactly(node));
    this.#sizes?.observe(node);
    return () => this.#sizes?.unobserve(node);
  };

  toEnd(smooth: boolean): void {
    this.#held = null;
    this.#ending = this.#placed > 0;
    this.atEnd = true;
    const near = this.#placed < this.#view * 2;
    this.#box?.scrollTo({ top: 0, behavior: smooth && near ? "smooth" : "instant" });
    if (!near) this.#scrolled();
  }

  /** Puts a line at about a third from the top, or answers false when it is not among the lines. */
  to(key: string): boolean {
    const index = this.#heights.indexOf(key);
    if (index < 0 || !this.#box) return false;
    this.#held = { key, below: Math.round(this.#view * 0.66) };
    const distance = Math.max(0, this.#heights.top(index) - this.#held.below);
    this.#distance = distance;
    flushSync();
    this.#place(distance);
    this.#steady();
    return true;
  }

  element(key: string): HTMLElement | null {
    return this.#box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }

  #scrolled(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      if (!this.#box) return;
      this.#catchUp();
      flushSync();
      this.#remember();
    });
  }

  #resized(entries: readonly ResizeObserverEntry[]): void {
    this.#catchUp();
    let changed = false;
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      if (target === this.#box) changed = this.#boxResized(target) || changed;
      else if (target.isConnected) changed = this.#heights.measured(target.dataset["key"] ?? "", exactly(target)) || changed;
    }
    if (!changed) return;
    this.#version += 1;
    flushSync();
    this.#steady();
  }

  #boxResized(box: HTMLElement): boolean {
    this.#view = box.clientHeight;
    if (Math.abs(box.clientWidth - this.#width) > 1) {
      this.#width = box.clientWidth;
      this.#heights.forget();
      for (const node of box.querySelectorAll<HTMLElement>("[data-key]")) this.#heights.measured(node.dataset["key"] ?? "", exactly(node));
      this.set(this.rows);
    }
    return true;
  }

  /** Draws around what is being read also when it now lies elsewhere in the list; the exact place follows in `#steady`. */
  #aim(): void {
    this.#catchUp();
    const index = this.#heights.indexOf(this.#held?.key ?? this.#anchor?.key ?? "");
    if (this.#held && index >= 0) this.#distance = Math.max(0, this.#heights.top(index) - this.#held.below);
    else if (this.atEnd) this.#distance = 0;
    else if (!this.#anchor || index < 0) this.#distance = this.#placed;
    else this.#distance = Math.max(0, this.#heights.below(index) - this.#anchor.offset);
  }

  /** The person scrolled, and the frame that looks at it has not come yet. */
  #catchUp(): void {
    const moved = this.#box ? Math.max(0, -this.#box.scrollTop) - this.#placed : 0;
    if (Math.abs(moved) < 1) return;
    this.#placed += moved;
    if (Math.abs(this.#placed - this.#distance) > stride) this.#distance = this.#placed;
    this.atEnd = this.#ending || this.#placed < nearEnd;
    if (Math.abs(moved) > 4) this.#held = null;
    if (this.#anchor) this.#anchor = { key: this.#anchor.key, offset: this.#anchor.offset - moved };
  }

  #place(distance: number): void {
    if (!this.#box) return;
    this.#box.scrollTop = -distance;
    this.#placed = Math.max(0, -this.#box.scrollTop);
  }

  /** After anything changed: what was being read stays where it was. */
  #steady(): void {
    const box = this.#box;
    if (!box) return;
    if (this.#held) this.#putBack({ key: this.#held.key, offset: this.#held.below }, "top");
    else if (this.atEnd) this.#place(0);
    else if (this.#anchor) this.#putBack(this.#anchor, "bottom");
    this.#distance = this.#placed = Math.max(0, -box.scrollTop);
    if (this.#held) this.atEnd = this.#distance < nearEnd;
    this.#remember();
  }

  #putBack(anchor: Anchor, edge: "top" | "bottom"): void {
    const shift = this.#shift(anchor, edge);
    if (Number.isFinite(shift) && Math.abs(shift) >= 1) this.#place(this.#placed + shift);
  }

  /** How far (px) a line is from where it should be; infinitely far when it is not drawn. */
  #shift(anchor: Anchor, edge: "top" | "bottom"): number {
    const node = this.element(anchor.key);
    if (!node || !this.#box) return Number.POSITIVE_INFINITY;
    return this.#box.getBoundingClientRect().bottom - node.getBoundingClientRect()[edge] - anchor.offset;
  }

  /** Notes the lowest line that is seen, and tells what is in view. */
  #remember(): void {
    const box = this.#box;
    if (!box) return;
    const { top, bottom } = box.getBoundingClientRect();
    const seen = [...box.querySelectorAll<HTMLElement>("[data-key]")].filter((node) => {
      const place = node.getBoundingClientRect();
      return place.bottom > top && place.top < bottom;
    });
    const last = seen.at(-1);
    const first = seen[0];
    if (!last || !first) return;
    this.#anchor = { key: last.dataset["key"] ?? "", offset: bottom - last.getBoundingClientRect().bottom };
    this.onsettled(first.dataset["key"] ?? "", last.dataset["key"] ?? "");
  }
}
