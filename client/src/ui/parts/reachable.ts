/** The keyboard reaches what scrolls where it only turns out that there is nothing to touch in it: in large text, or in an empty list. */
export function reachable(scroll: HTMLElement): () => void {
  const look = (): void => {
    const touch = scroll.querySelector("a[href], button, input, textarea, select, [tabindex='0']");
    if (scroll.scrollHeight <= scroll.clientHeight || touch) scroll.removeAttribute("tabindex");
    else scroll.tabIndex = 0;
  };
  const watch = new ResizeObserver(look);
  for (const one of [scroll, ...scroll.children]) watch.observe(one);
  return () => watch.disconnect();
}
