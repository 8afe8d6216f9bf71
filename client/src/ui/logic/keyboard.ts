/** From this height on (px) what covers the page is a keyboard and not a bar of the browser. */
const keyboard = 120;

/**
 * Keeps the app above the phone's keyboard. Chrome and Firefox make the page smaller by themselves
 * (`interactive-widget=resizes-content`); Safari lays the keyboard over it and moves the page out of sight.
 */
export function followKeyboard(target: HTMLElement): void {
  const view = window.visualViewport;
  if (!view) return;
  view.addEventListener("resize", () => {
    // Zoomed in by two fingers, the visible part is small for another reason.
    const covered = view.scale > 1.01 ? 0 : window.innerHeight - view.height;
    if (covered < keyboard) {
      target.style.removeProperty("block-size");
      return;
    }
    target.style.blockSize = `${view.height}px`;
    window.scrollTo(0, 0);
  });
}

/**
 * Whether a key still belongs to a word that an input method puts together, as for Chinese or Korean: its Enter ends the word
 * and nothing else. Safari has ended it by then, and tells only by this code.
 */
export function composes(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** For a field of a form: nothing is handed in while a word is put together. */
export function holdEnter(event: KeyboardEvent): void {
  if (event.key === "Enter" && composes(event)) event.preventDefault();
}
