// What pictures that move share: pointers, buttons, arrow keys, light and dark. A page hands its address to
// the script that needs it, so that the address may carry a hash of the content.

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const AMID_SCROLL_MS = 300;
const TAP_MOVES_LEAST = 6;

export const isArrow = (key) => key in WAYS;
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Of places [thing, x, y] the nearest one that an arrow key points to; those aside count as farther.
export function toward(key, x, y, places) {
  const [east, south] = WAYS[key];
  let best = null;
  let least = Infinity;
  for (const [thing, atX, atY] of places) {
    const along = (atX - x) * east + (atY - y) * south;
    const aside = Math.abs((atX - x) * south) + Math.abs((atY - y) * east);
    const away = along + 2 * aside;
    if (along > 1e-9 && aside <= 2 * along && away < least) [best, least] = [thing, away];
  }
  return best;
}

// Buttons of [label, sign, act], as one group.
export function buttons(name, acts) {
  const group = document.createElement("div");
  group.className = "map-controls";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  for (const [label, sign, act] of acts) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    group.append(button);
  }
  return group;
}

// Call back when the colours of the page are others: by choice, by the system, and for paper.
export function onColours(recolour, signal) {
  document.addEventListener("themechange", recolour, { signal });
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", recolour, { signal });
  }
}

// Mouse, pen, fingers and wheel on `element`: `pan` by pixels, `zoom` by a factor at a place, `hover`
// and `tap` at a place. At its widest the picture lets the page scroll.
export function onPointers(element, { isWidest, pan, zoom, hover, tap }) {
  const pointers = new Map();
  let moved = 0;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return; // a menu may open, and nobody tells when the button is let go
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (pointers.size === 1) moved = 0;
  });
  element.addEventListener("pointermove", (event) => {
    const now = [event.offsetX, event.offsetY];
    const last = pointers.get(event.pointerId);
    if (!last) {
      hover(...now);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
      const after = Math.hypot(now[0] - other[0], now[1] - other[1]);
      if (before > 0) zoom(after / before, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else pan(now[0] - last[0], now[1] - last[1]);
    moved += Math.hypot(now[0] - last[0], now[1] - last[1]);
    pointers.set(event.pointerId, now);
  });
  element.addEventListener("pointerup", (event) => {
    const isTap = pointers.delete(event.pointerId) && moved < TAP_MOVES_LEAST && event.button === 0;
    if (isTap) tap(event.offsetX, event.offsetY, event);
  });
  element.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
  let scrolledAt = -Infinity;
  addEventListener("scroll", () => { scrolledAt = performance.now(); }, { passive: true });
  element.addEventListener(
    "wheel",
    (event) => {
      // Nor does it catch a scroll of the page that goes over it.
      const amidScroll = performance.now() - scrolledAt < AMID_SCROLL_MS;
      if (!event.ctrlKey && isWidest() && (event.deltaY > 0 || amidScroll)) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1);
      zoom(Math.exp(-pixels / 300), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
}
