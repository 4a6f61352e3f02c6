// @ts-check
/** Calipers: two corners on the paper, and the ms and mV between them. */

import { svg } from "../ui/dom.js";
import { caliperText } from "../ui/format.js";

const FINE_MM = 0.1; // that an arrow key moves a corner: 4 ms and 0.01 mV at the usual scale
const COARSE_MM = 1;
const SHORTEST_RR_MS = 200; // a time from here to 3 s is read as one between beats
const LONGEST_RR_MS = 3000;
const READING_MM = 50; // length of the text

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Return the distance between two corners, which are in mm, at `speed` mm/s and `gain` mm/mV.
 * @param {Point[]} corners
 * @param {number} speed
 * @param {number} gain
 * @returns {CaliperReading} `rate` in bpm if the time can be one between beats
 */
export function measure([a, b], speed, gain) {
  const ms = (1000 * Math.abs(b.x - a.x)) / speed;
  const mv = Math.abs(b.y - a.y) / gain;
  return { ms, mv, rate: ms >= SHORTEST_RR_MS && ms <= LONGEST_RR_MS ? 60000 / ms : null };
}

/**
 * Return the line that is nearest to a point.
 * @template {{left: number, right: number, zero: number}} T
 * @param {T[]} lines
 * @param {Point} point
 */
export function nearestLine(lines, { x, y }) {
  const distance = (/** @type {T} */ { left, right, zero }) =>
    Math.abs(y - zero) + (x < left ? left - x : Math.max(0, x - right));
  return lines.reduce((best, line) => (distance(line) < distance(best) ? line : best));
}

/**
 * Return the positions of marched-out calipers: every `width` mm over the whole paper.
 * @param {number} x
 * @param {number} width
 * @param {number} paperWidth
 */
export function marchPositions(x, width, paperWidth) {
  const first = x % width;
  return Array.from({ length: Math.floor((paperWidth - first) / width) + 1 }, (_, k) => first + k * width);
}

export class Calipers {
  on = false;
  marching = false;
  /** @type {Point[] | null} */
  corners = null;
  speed = 25;
  gain = 10;
  scale = "";
  group = svg("g", { class: "calipers" });
  /** @type {Paper | null} */
  paper = null;

  /**
   * @param {(reading: (CaliperReading & {lead: string}) | null) => void} onread called at each change; null if there are
   *   no corners
   */
  constructor(onread) {
    this.onread = onread;
  }

  /**
   * Lie on a newly drawn paper. Measurements of another scale are dropped.
   * @param {Paper} paper
   * @param {PaperView} view
   */
  attach(paper, { speed, gain, layout, start }) {
    const scale = [speed, gain, layout, start].join();
    if (scale !== this.scale) this.corners = null;
    Object.assign(this, { paper, speed, gain, scale });
    paper.node.append(this.group);
    paper.node.classList.toggle("measuring", this.on);
    paper.node.addEventListener("pointerdown", (event) => {
      if (this.on && event.isPrimary) this.begin(event, paper);
    });
    this.draw();
  }

  /**
   * Switch on or off.
   * @param {boolean} on
   * @param {{clientX: number, clientY: number}} place of the screen, near which they appear
   */
  toggle(on, place) {
    this.on = on;
    this.corners = null;
    if (this.paper) {
      const point = this.point(place, this.paper);
      const line = nearestLine(this.paper.lines, point);
      const x = Math.min(Math.max(point.x, line.left + 6), this.paper.width - 6);
      const corners = [
        { x: x - 5, y: line.zero },
        { x: x + 5, y: line.zero - this.gain },
      ];
      if (on) this.corners = corners;
      this.paper.node.classList.toggle("measuring", on);
    }
    this.draw();
    if (on) this.focus(0);
  }

  /** @param {boolean} on */
  march(on) {
    this.marching = on;
    this.draw();
  }

  /** @param {number} corner */
  focus(corner) {
    /** @type {SVGElement | null} */
    const handle = this.group.querySelector(`[data-corner="${corner}"]`);
    handle?.focus({ preventScroll: true });
  }

  /**
   * The point of the paper in mm at a place of the screen.
   * @param {{clientX: number, clientY: number}} place
   * @param {Paper} paper
   */
  point({ clientX, clientY }, { node, width }) {
    const box = node.getBoundingClientRect();
    const scale = width / box.width;
    return { x: (clientX - box.left) * scale, y: (clientY - box.top) * scale };
  }

  /**
   * Drag the corner under the pointer, or begin a new measurement.
   * @param {PointerEvent} event
   * @param {Paper} paper
   */
  begin(event, paper) {
    /** @type {SVGElement | null} */
    const handle = /** @type {Element} */ (event.target).closest("[data-corner]");
    const corner = handle ? Number(handle.dataset.corner) : 1;
    if (!handle) {
      const point = this.point(event, paper);
      this.corners = [point, { ...point }];
      this.draw();
    }
    event.preventDefault();
    const { node } = paper;
    node.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ moved) => this.moveTo(corner, this.point(moved, paper));
    const end = () => {
      node.removeEventListener("pointermove", move);
      this.focus(corner);
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", end, { once: true });
  }

  /**
   * @param {number} corner
   * @param {Point} point
   */
  moveTo(corner, { x, y }) {
    if (!this.corners || !this.paper) return;
    const { width, height } = this.paper;
    this.corners[corner] = { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
    this.draw();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} corner
   */
  key(event, corner) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.corners) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? COARSE_MM : FINE_MM;
    const { x, y } = this.corners[corner];
    this.moveTo(corner, { x: x + step * arrow[0], y: y + step * arrow[1] });
    this.focus(corner);
  }

  draw() {
    const { corners, paper, speed, gain } = this;
    if (!corners || !paper) {
      this.group.replaceChildren();
      this.onread(null);
      return;
    }
    const [a, b] = corners;
    const x = Math.min(a.x, b.x);
    const y = Math.min(a.y, b.y);
    const width = Math.abs(b.x - a.x);
    const height = Math.abs(b.y - a.y);
    const right = x + width + 2;
    const side = right + READING_MM < paper.width ? { x: right } : { x: x - 2, "text-anchor": "end" };
    const march = this.marching && width > 1 ? marchPositions(x, width, paper.width) : [];
    const reading = measure(corners, speed, gain);
    const text = caliperText(reading);
    this.group.replaceChildren(
      svg("rect", { class: "span", x, y, width, height }),
      svg("path", { d: corners.map((corner) => `M${corner.x} ${y - 5}V${y + height + 5}`).join("") }),
      svg("path", { class: "level", d: corners.map((corner) => `M${x - 3} ${corner.y}H${x + width + 3}`).join("") }),
      ...(march.length
        ? [svg("path", { class: "march", d: march.map((at) => `M${at} ${y - 3}V${y + height + 3}`).join("") })]
        : []),
      svg("text", { ...side, y: Math.max(y - 1.5, 4), class: "reading" }, text),
      ...corners.map((corner, k) => this.handle(corner, k, text)),
    );
    this.onread({ ...reading, lead: nearestLine(paper.lines, a).lead });
  }

  /**
   * @param {Point} corner
   * @param {number} k
   * @param {string} text
   */
  handle({ x, y }, k, text) {
    return svg("circle", {
      cx: x,
      cy: y,
      r: 1.6,
      tabindex: 0,
      role: "slider",
      "data-corner": k,
      "aria-label": `Caliper corner ${k + 1}`,
      "aria-valuenow": Math.round((1000 * x) / this.speed),
      "aria-valuetext": text,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event, k),
    });
  }
}
