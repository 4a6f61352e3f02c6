/** Calipers: two corners on the paper, and the ms and mV between them. */

import { svg } from "./dom.js";

const FINE = 0.1; // mm that an arrow key moves a corner: 4 ms and 0.01 mV at the usual scale
const COARSE = 1;
const BEATS_FROM = 200; // ms, so many to 3 s are read as a time between beats
const BEATS_TO = 3000;
const LEVEL_MV = 0.02;
const READING_MM = 50;

export class Calipers {
  /** `onread` is called with {ms, mv, rate} at each change, or null when they are gone. */
  constructor(onread) {
    this.onread = onread;
    this.marching = false;
    this.corners = null;
  }

  /** Lie on `paper`, as `drawPaper` gives it, at `view` {speed, gain}; measurements of another scale are dropped. */
  put(paper, { speed, gain, layout, start }) {
    const scale = [speed, gain, layout, start].join();
    if (scale !== this.scale) this.corners = null;
    Object.assign(this, { paper, speed, gain, scale });
    this.group = svg("g", { class: "calipers" });
    paper.node.append(this.group);
    if (this.on) paper.node.classList.add("measuring");
    paper.node.addEventListener("pointerdown", (event) => this.on && event.isPrimary && this.begin(event));
    this.draw();
  }

  /** Switch on or off; `about` is the point in mm where they first appear. */
  toggle(on, about) {
    this.on = on;
    this.paper?.node.classList.toggle("measuring", on);
    this.corners = null;
    if (on && about) {
      const line = this.lineAt(about);
      const x = Math.min(Math.max(about.x, line.left + 6), this.paper.width - 6);
      this.corners = [
        { x: x - 5, y: line.zero },
        { x: x + 5, y: line.zero - this.gain },
      ];
    }
    this.draw();
  }

  march(on) {
    this.marching = on;
    this.draw();
  }

  focus() {
    this.group.querySelector("[role=slider]")?.focus();
  }

  /** The point of the paper, in mm, that is at (clientX, clientY) of the screen. */
  point({ clientX, clientY }) {
    const box = this.paper.node.getBoundingClientRect();
    const scale = this.paper.width / box.width;
    return { x: (clientX - box.left) * scale, y: (clientY - box.top) * scale };
  }

  lineAt({ x, y }) {
    const far = ({ left, right, zero }) => Math.abs(y - zero) + (x < left ? left - x : Math.max(0, x - right));
    return this.paper.lines.reduce((best, line) => (far(line) < far(best) ? line : best));
  }

  begin(event) {
    const handle = event.target.closest("[data-corner]");
    const at = this.point(event);
    if (handle) this.drag(event, Number(handle.dataset.corner));
    else {
      this.corners = [at, { ...at }];
      this.draw();
      this.drag(event, 1);
    }
  }

  drag(event, corner) {
    event.preventDefault();
    const { node } = this.paper;
    node.setPointerCapture(event.pointerId);
    const move = (moved) => {
      this.corners[corner] = this.inside(this.point(moved));
      this.draw();
    };
    const end = () => {
      node.removeEventListener("pointermove", move);
      this.group.querySelector(`[data-corner="${corner}"]`)?.focus({ preventScroll: true });
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", end, { once: true });
  }

  inside({ x, y }) {
    return { x: Math.min(Math.max(x, 0), this.paper.width), y: Math.min(Math.max(y, 0), this.paper.height) };
  }

  key(event, corner) {
    const step = event.shiftKey ? COARSE : FINE;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = this.corners[corner];
    this.corners[corner] = this.inside({ x: x + by[0], y: y + by[1] });
    this.draw();
    this.group.querySelector(`[data-corner="${corner}"]`).focus({ preventScroll: true });
  }

  read() {
    const [one, other] = this.corners;
    const ms = (1000 * Math.abs(other.x - one.x)) / this.speed;
    const mv = Math.abs(other.y - one.y) / this.gain;
    return { ms, mv, rate: ms >= BEATS_FROM && ms <= BEATS_TO ? 60000 / ms : null, lead: this.lineAt(one).lead };
  }

  draw() {
    if (!this.corners) {
      this.group?.replaceChildren();
      this.onread(null);
      return;
    }
    const [one, other] = this.corners;
    const x = Math.min(one.x, other.x);
    const y = Math.min(one.y, other.y);
    const width = Math.abs(other.x - one.x);
    const height = Math.abs(other.y - one.y);
    const reading = this.read();
    const said = words(reading);
    this.group.replaceChildren(
      svg("rect", { class: "span", x, y, width, height }),
      svg("path", { d: this.corners.map((c) => `M${c.x} ${y - 5}V${y + height + 5}`).join("") }),
      svg("path", { class: "level", d: this.corners.map((c) => `M${x - 3} ${c.y}H${x + width + 3}`).join("") }),
      ...(this.marching && width > 1 ? [svg("path", { class: "march", d: this.marchPath(x, width, y, height) })] : []),
      svg("text", { ...this.beside(x, width), y: Math.max(y - 1.5, 4), class: "reading" }, said),
      ...this.corners.map((corner, k) => this.handle(corner, k, said)),
    );
    this.onread(reading);
  }

  /** Where a reading has room. */
  beside(x, width) {
    const right = x + width + 2;
    return right + READING_MM < this.paper.width ? { x: right } : { x: x - 2, "text-anchor": "end" };
  }

  marchPath(x, width, y, height) {
    const first = x % width;
    const count = Math.floor((this.paper.width - first) / width) + 1;
    return Array.from({ length: count }, (_, k) => `M${first + k * width} ${y - 3}V${y + height + 3}`).join("");
  }

  handle({ x, y }, k, said) {
    return svg("circle", {
      cx: x,
      cy: y,
      r: 1.6,
      tabindex: 0,
      role: "slider",
      "data-corner": k,
      "aria-label": `Caliper corner ${k + 1}`,
      "aria-valuenow": Math.round((1000 * x) / this.speed),
      "aria-valuetext": said,
      onkeydown: (event) => this.key(event, k),
    });
  }
}

/** A reading in words. */
export function words({ ms, mv, rate }) {
  const level = mv < LEVEL_MV; // a distance in time, and nothing else is meant
  return [`${Math.round(ms)} ms`, !level && `${mv.toFixed(2)} mV`, rate && `${Math.round(rate)} bpm`]
    .filter(Boolean)
    .join(" · ");
}
