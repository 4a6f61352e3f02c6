/** How large the paper is on the screen; moving over it is scrolling. */

import { byId } from "./dom.js";
import { paperWidth } from "./paper.js";
import { pxPerMm } from "./screen.js";
import { change, state } from "./store.js";

const STEP = 1.25;
const LEAST = 0.2;
const MOST = 8;
const USUAL_MM = paperWidth(25);

const scroller = byId("paper");

/** Times true scale that the paper is drawn at, `width` mm wide. "auto" is true scale where 25 mm/s would fit. */
export function zoomOf(width) {
  const fits = (mm) => scroller.clientWidth / (mm * pxPerMm());
  if (state.zoom === "fit") return fits(width);
  return state.zoom === "auto" ? Math.min(1, fits(USUAL_MM)) : state.zoom;
}

/** CSS px of a mm of paper. */
export const drawnPxPerMm = (width) => zoomOf(width) * pxPerMm();

/** Change the size, and keep the point of the paper at (x, y) of the screen where it is. */
export function zoomTo(zoom, paper, x, y) {
  const box = scroller.getBoundingClientRect();
  const inside = { x: (x ?? box.left + box.width / 2) - box.left, y: (y ?? box.top + box.height / 2) - box.top };
  const before = drawnPxPerMm(paper.width);
  const at = { x: (scroller.scrollLeft + inside.x) / before, y: (scroller.scrollTop + inside.y) / before };
  change({ zoom: typeof zoom === "number" ? Math.min(Math.max(zoom, LEAST), MOST) : zoom });
  const after = drawnPxPerMm(paper.width);
  scroller.scrollLeft = at.x * after - inside.x;
  scroller.scrollTop = at.y * after - inside.y;
}

export const zoomBy = (steps, paper, x, y) => zoomTo(zoomOf(paper.width) * STEP ** steps, paper, x, y);

/** Wheel with Ctrl and two fingers zoom; dragging moves, unless `measuring()`. `paper()` is what is drawn. */
export function listen(paper, measuring) {
  scroller.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomBy(-event.deltaY / 150, paper(), event.clientX, event.clientY);
    },
    { passive: false },
  );
  const down = new Map();
  let apart = null;
  scroller.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, event);
    apart = down.size === 2 ? distance(down) : null;
  });
  scroller.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    down.set(event.pointerId, event);
    if (apart) {
      const [one, other] = [...down.values()];
      const now = distance(down);
      zoomTo(
        (zoomOf(paper().width) * now) / apart,
        paper(),
        (one.clientX + other.clientX) / 2,
        (one.clientY + other.clientY) / 2,
      );
      apart = now;
    } else if (!measuring() && event.pointerType === "mouse") {
      scroller.scrollLeft -= event.clientX - before.clientX; // fingers scroll by themselves
      scroller.scrollTop -= event.clientY - before.clientY;
    }
  });
  const up = (event) => {
    down.delete(event.pointerId);
    apart = null;
  };
  for (const kind of ["pointerup", "pointercancel", "pointerleave"]) scroller.addEventListener(kind, up);
}

function distance(down) {
  const [one, other] = [...down.values()];
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}
