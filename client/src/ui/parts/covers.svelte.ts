import type { Snippet } from "svelte";

export interface CoverProps {
  /** What the menu or question is called for screen readers. */
  label: string;
  onclose: () => void;
  children: Snippet;
  /** data-testid */
  id?: string | undefined;
  /** A question that needs an answer now. */
  urgent?: boolean;
}

/** What lies over the screen, lowest first. It is drawn beside the screens (App), so that they can be made unreachable under it. */
class Covers {
  list = $state.raw<readonly CoverProps[]>([]);

  /** The answer takes it away. */
  add(cover: CoverProps): () => void {
    this.list = [...this.list, cover];
    return () => (this.list = this.list.filter((one) => one !== cover));
  }
}

export const covers = new Covers();
