/** How long (ms) a finger rests for a long press, and how far (px) it may wander meanwhile. */
const rest = 450;
const wander = 10;
/** How far (px) a swipe has to go to count. */
const far = 56;

export interface Gestures {
  onlong: () => void;
  onswipe: () => void;
}

/** What opens under a resting finger must not be touched by lifting it: the tap that follows, if any, is dropped. */
function swallowTap(): void {
  const drop = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  const stop = (): void => removeEventListener("click", drop, true);
  addEventListener("click", drop, true);
  addEventListener("pointerdown", stop, { once: true, capture: true });
  addEventListener("pointerup", () => setTimeout(stop, 400), { once: true, capture: true });
}

/**
 * Long press and swipe along the line of writing, for touch and pen; the mouse has its own menu (right button). The
 * element moves with the finger. Its CSS must leave vertical movement to the browser: `touch-action: pan-y`.
 */
export function gestures({ onlong, onswipe }: Gestures): (node: HTMLElement) => () => void {
  return (node) => {
    let start: { x: number; y: number; id: number } | null = null;
    let swiping = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forward = (): number => (getComputedStyle(node).direction === "rtl" ? -1 : 1);

    function end(): void {
      clearTimeout(timer);
      start = null;
      swiping = false;
      node.style.removeProperty("transform");
      node.classList.remove("ready");
    }

    function down(event: PointerEvent): void {
      if (event.pointerType === "mouse" || !event.isPrimary) return;
      start = { x: event.clientX, y: event.clientY, id: event.pointerId };
      timer = setTimeout(() => {
        end();
        swallowTap();
        onlong();
      }, rest);
    }

    function move(event: PointerEvent): void {
      if (!start || event.pointerId !== start.id) return;
      const along = (event.clientX - start.x) * forward();
      const across = Math.abs(event.clientY - start.y);
      if (Math.abs(along) > wander || across > wander) clearTimeout(timer);
      if (!swiping && along > wander && along > across * 1.5) {
        swiping = true;
        node.setPointerCapture(event.pointerId);
      }
      if (!swiping) return;
      const shift = Math.max(0, Math.min(along, far + (along - far) * 0.25));
      node.style.transform = `translateX(${shift * forward()}px)`;
      node.classList.toggle("ready", along > far);
    }

    function up(event: PointerEvent): void {
      if (!start || event.pointerId !== start.id) return;
      const done = swiping && (event.clientX - start.x) * forward() > far;
      end();
      if (done) onswipe();
    }

    function menu(event: Event): void {
      event.preventDefault();
      // A long press on Android asks for the menu by itself; the timer may be first.
      if (start) end();
      onlong();
    }

    node.addEventListener("pointerdown", down);
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", up);
    node.addEventListener("pointercancel", end);
    node.addEventListener("contextmenu", menu);
    return () => {
      end();
      node.removeEventListener("pointerdown", down);
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", up);
      node.removeEventListener("pointercancel", end);
      node.removeEventListener("contextmenu", menu);
    };
  };
}
