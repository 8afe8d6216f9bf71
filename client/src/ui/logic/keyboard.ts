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
