// @ts-check
/** How large the paper is on the screen: the size of a millimetre, which the user can measure, and the zoom. */

import { change, state } from "../state.js";
import { byId, svg } from "../ui/dom.js";
import { paperWidth } from "./paper.js";

const NOMINAL = 96 / 25.4; // CSS px per mm
const KEY = "einthoven-screen";
const CARD = { width: 85.6, height: 53.98, radius: 3.18 }; // mm, ISO/IEC 7810 ID-1
const ZOOM_STEP = 1.25;
const LEAST_ZOOM = 0.2;
const LARGEST_ZOOM = 8;
const USUAL_MM = paperWidth(25);

function measuredFactor() {
  try {
    const { factor, ratio } = JSON.parse(localStorage.getItem(KEY) ?? "");
    // Zooming in the browser makes a CSS px larger, and the screen stays as it is.
    return Number.isFinite(factor) && ratio ? (factor * ratio) / devicePixelRatio : null;
  } catch {
    return null;
  }
}

/** Whether the user has measured this screen. */
export const screenIsMeasured = () => measuredFactor() !== null;

/** CSS px per mm: 96 dots per inch unless the screen was measured. */
export const pxPerMm = () => NOMINAL * (measuredFactor() ?? 1);

/**
 * Let the user match a card or a ruler; call `done` if the size has changed.
 * @param {() => void} done
 */
export function measureScreen(done) {
  const dialog = byId("screen-dialog", HTMLDialogElement);
  const slider = byId("screen-size", HTMLInputElement);
  const drawing = ruler();
  const factor = () => Number(slider.value) / 100;
  byId("ruler").replaceChildren(drawing);
  slider.value = String(100 * (pxPerMm() / NOMINAL));
  const resize = () => {
    drawing.style.width = `${104 * NOMINAL * factor()}px`;
    byId("screen-value").textContent = `1 mm is ${(NOMINAL * factor()).toFixed(2)} px`;
  };
  slider.oninput = resize;
  resize();
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    if (dialog.returnValue === "cancel" || dialog.returnValue === "") return;
    if (dialog.returnValue === "forget") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ factor: factor(), ratio: devicePixelRatio }));
    done();
  };
  dialog.showModal();
}

/** The outline of a bank card above a scale of 100 mm; 104 mm wide. */
function ruler() {
  const strokes = Array.from({ length: 101 }, (_, mm) => `M${mm + 2} 60v${mm % 10 === 0 ? 5 : mm % 5 === 0 ? 3.5 : 2}`);
  const numbers = Array.from({ length: 11 }, (_, cm) =>
    svg("text", { x: 10 * cm + 2, y: 69, "text-anchor": "middle" }, String(cm)),
  );
  return svg(
    "svg",
    { viewBox: "0 0 104 71", role: "img", "aria-label": "Outline of a bank card, and a scale of 10 cm" },
    svg("rect", { x: 2, y: 2, width: CARD.width, height: CARD.height, rx: CARD.radius }),
    svg("text", { x: 2 + CARD.width / 2, y: 31, "text-anchor": "middle" }, "bank card"),
    svg("path", { d: strokes.join("") }),
    numbers,
  );
}

/**
 * Return the multiple of true scale at which paper of `width` mm is drawn. "auto" is true scale if 25 mm/s would fit.
 * @param {number} width
 */
export function zoomOf(width) {
  const fitting = (/** @type {number} */ mm) => byId("paper").clientWidth / (mm * pxPerMm());
  if (state.zoom === "fit") return fitting(width);
  return state.zoom === "auto" ? Math.min(1, fitting(USUAL_MM)) : state.zoom;
}

/**
 * CSS px per mm of paper that is `width` mm wide.
 * @param {number} width
 */
export const drawnPxPerMm = (width) => zoomOf(width) * pxPerMm();

/**
 * Set the zoom, and keep the point of the paper at (x, y) of the screen in place; by default that of the center.
 * @param {"fit" | number} zoom
 * @param {Paper} paper
 * @param {number} [x]
 * @param {number} [y]
 */
export function zoomTo(zoom, paper, x, y) {
  const scroller = byId("paper");
  const box = scroller.getBoundingClientRect();
  const inside = { x: (x ?? box.left + box.width / 2) - box.left, y: (y ?? box.top + box.height / 2) - box.top };
  const before = drawnPxPerMm(paper.width);
  const point = { x: (scroller.scrollLeft + inside.x) / before, y: (scroller.scrollTop + inside.y) / before };
  change({ zoom: typeof zoom === "number" ? Math.min(Math.max(zoom, LEAST_ZOOM), LARGEST_ZOOM) : zoom });
  const after = drawnPxPerMm(paper.width);
  scroller.scrollLeft = point.x * after - inside.x;
  scroller.scrollTop = point.y * after - inside.y;
}

/**
 * @param {number} steps
 * @param {Paper} paper
 * @param {number} [x]
 * @param {number} [y]
 */
export const zoomBy = (steps, paper, x, y) => zoomTo(zoomOf(paper.width) * ZOOM_STEP ** steps, paper, x, y);

/**
 * Zoom by the wheel with Ctrl and by two fingers; drag with the mouse to move, unless calipers measure.
 * @param {() => Paper | null} currentPaper
 * @param {() => boolean} measuring
 */
export function listenForZoom(currentPaper, measuring) {
  const scroller = byId("paper");
  const zoomWheel = (/** @type {WheelEvent} */ event) => {
    const paper = currentPaper();
    if (!paper || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    zoomBy(-event.deltaY / 150, paper, event.clientX, event.clientY);
  };
  scroller.addEventListener("wheel", zoomWheel, { passive: false });

  /** @type {Map<number, PointerEvent>} */
  const pointers = new Map();
  let spread = 0; // px between two fingers; 0 for another number of them
  scroller.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    spread = pointers.size === 2 ? distance(pointers) : 0;
  });
  scroller.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    const paper = currentPaper();
    if (!before || !paper) return;
    pointers.set(event.pointerId, event);
    if (spread) {
      const [a, b] = [...pointers.values()];
      const now = distance(pointers);
      zoomTo((zoomOf(paper.width) * now) / spread, paper, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      spread = now;
    } else if (!measuring() && event.pointerType === "mouse") {
      scroller.scrollLeft -= event.clientX - before.clientX; // fingers scroll without our help
      scroller.scrollTop -= event.clientY - before.clientY;
    }
  });
  const release = (/** @type {PointerEvent} */ event) => {
    pointers.delete(event.pointerId);
    spread = 0;
  };
  scroller.addEventListener("pointerup", release);
  scroller.addEventListener("pointercancel", release);
  scroller.addEventListener("pointerleave", release);
}

/**
 * @param {Map<number, PointerEvent>} pointers
 */
function distance(pointers) {
  const [a, b] = [...pointers.values()];
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}
