/** How large a millimetre is on this screen: 96 dots an inch unless somebody measured. */

import { byId, svg } from "./dom.js";

const NOMINAL = 96 / 25.4; // CSS px per mm
const KEY = "einthoven-screen";
const CARD = { width: 85.6, height: 53.98, radius: 3.18 }; // mm, ISO/IEC 7810 ID-1

function remembered() {
  try {
    const { factor, ratio } = JSON.parse(localStorage.getItem(KEY));
    // zooming in the browser makes a CSS px larger; the screen stays as it is
    return Number.isFinite(factor) && ratio ? (factor * ratio) / devicePixelRatio : null;
  } catch {
    return null;
  }
}

/** Whether somebody measured this screen. */
export const measured = () => remembered() !== null;

/** CSS px per mm. */
export const pxPerMm = () => NOMINAL * (remembered() ?? 1);

/** Let the person match a card or a ruler; calls `done` when the answer is other than before. */
export function measureScreen(done) {
  const dialog = byId("screen-dialog");
  const slider = byId("screen-size");
  const drawing = ruler();
  byId("ruler").replaceChildren(drawing);
  slider.value = 100 * (pxPerMm() / NOMINAL);
  slider.oninput = () => {
    const factor = slider.value / 100;
    drawing.style.width = `${104 * NOMINAL * factor}px`;
    byId("screen-value").textContent = `1 mm is ${(NOMINAL * factor).toFixed(2)} px`;
  };
  slider.oninput();
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    if (dialog.returnValue === "cancel" || dialog.returnValue === "") return;
    if (dialog.returnValue === "forget") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ factor: slider.value / 100, ratio: devicePixelRatio }));
    done();
  };
  dialog.showModal();
}

/** A bank card's outline above a scale of 100 mm; 104 mm wide. */
function ruler() {
  const marks = Array.from({ length: 101 }, (_, mm) => `M${mm + 2} 60v${mm % 10 === 0 ? 5 : mm % 5 === 0 ? 3.5 : 2}`);
  const numbers = Array.from({ length: 11 }, (_, cm) =>
    svg("text", { x: 10 * cm + 2, y: 69, "text-anchor": "middle" }, String(cm)),
  );
  return svg(
    "svg",
    { viewBox: "0 0 104 71", role: "img", "aria-label": "Outline of a bank card, and a scale of 10 cm" },
    svg("rect", { x: 2, y: 2, width: CARD.width, height: CARD.height, rx: CARD.radius }),
    svg("text", { x: 2 + CARD.width / 2, y: 31, "text-anchor": "middle" }, "bank card"),
    svg("path", { d: marks.join("") }),
    numbers,
  );
}
