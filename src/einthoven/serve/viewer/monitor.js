/** A running tracing, as a bedside monitor draws it: a pen that sweeps over ECG paper, two columns of leads. */

import { el } from "./dom.js";
import { pxPerMm } from "./screen.js";

const SPEED = 25; // mm/s
const GAINS = [10, 5]; // mm/mV: the second where rows are low
const LOW_MM = 17;
const NAME_MM = 11; // left of a line, for its lead
const COLUMNS = 2;
const GAP_MM = 6; // of clean paper before the pen
const BEHIND_S = 0.4; // that the pen keeps behind the newest sample, so that it runs evenly
const KEPT_S = 15;
const ZERO_FROM_S = 2; // of signal whose median is a line's zero, for a whole sweep
const STEP_S = 1; // of signal drawn at a time if motion is to be reduced
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Monitor {
  constructor(host) {
    this.host = host;
    this.canvas = el("canvas", { role: "img", "aria-label": "Running tracing of all leads" });
    host.append(this.canvas);
    this.begin([]);
    new ResizeObserver(() => this.size()).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.size());
    new MutationObserver(() => this.size()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** A new stream of `leads`. */
  begin(leads) {
    Object.assign(this, { leads, lines: leads.map(() => []), rate: 0, first: 0, shown: null, newest: 0 });
    this.size();
    this.setStale(false);
  }

  /** Samples of now: {time_s, rate_hz, signal [lead][sample] in mV, null where there was none}. */
  add({ time_s: time, rate_hz: rate, signal }) {
    if (this.stale) this.begin(this.leads);
    if (!this.rate || Math.abs(time - this.newest) > 1 / rate) {
      this.lines = signal.map(() => []); // the first ones, or after a gap
      this.first = time;
      this.shown = time;
    }
    this.rate = rate;
    this.newest = time + signal[0].length / rate;
    const surplus = this.lines[0].length + signal[0].length - KEPT_S * rate;
    this.lines.forEach((line, k) => {
      line.push(...signal[k]);
      if (surplus > 0) line.splice(0, surplus);
    });
    if (surplus > 0) this.first += surplus / rate;
    this.shown = Math.max(this.shown, this.first);
  }

  /** Whether the tracing is of the past: it is greyed, and the next samples begin on clean paper. */
  setStale(stale) {
    if (stale === this.stale) return;
    this.stale = stale;
    this.host.classList.toggle("stale", stale);
    this.canvas.setAttribute("aria-label", stale ? "The last tracing; not current" : "Running tracing of all leads");
  }

  start() {
    this.size();
    this.running = true;
    this.before = performance.now();
    requestAnimationFrame((now) => this.frame(now));
  }

  stop() {
    this.running = false;
  }

  /** Fit the canvas to its place, and draw the last sweep again. */
  size() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    const ratio = devicePixelRatio;
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    this.mm = pxPerMm() * ratio;
    this.rows = Math.max(1, Math.ceil(this.leads.length / COLUMNS));
    this.gain = GAINS[this.canvas.height / this.rows / this.mm < LOW_MM ? 1 : 0];
    this.pitch = this.canvas.width / COLUMNS;
    this.column = this.pitch - NAME_MM * this.mm; // px that a line has
    this.sweep = this.column / this.mm / SPEED; // s
    this.pen = this.canvas.getContext("2d");
    this.colours = getComputedStyle(this.host);
    this.sheet = this.grid();
    this.pen.drawImage(this.sheet, 0, 0);
    this.zero = [];
    if (this.rate) this.shown = Math.max(this.first, this.shown - this.sweep + GAP_MM / SPEED);
  }

  colour(name) {
    return this.colours.getPropertyValue(name); // registered in paper.css as a colour, so that it is resolved
  }

  grid() {
    const sheet = el("canvas", { width: this.canvas.width, height: this.canvas.height });
    const pen = sheet.getContext("2d");
    pen.fillStyle = this.colour("--sheet");
    pen.fillRect(0, 0, sheet.width, sheet.height);
    for (const [every, style, thick] of [
      [1, "--fine", 0.1],
      [5, "--bold", 0.2],
    ]) {
      pen.strokeStyle = this.colour(style);
      pen.lineWidth = thick * this.mm;
      pen.beginPath();
      for (let x = 0; x < sheet.width; x += every * this.mm) (pen.moveTo(x, 0), pen.lineTo(x, sheet.height));
      for (let y = 0; y < sheet.height; y += every * this.mm) (pen.moveTo(0, y), pen.lineTo(sheet.width, y));
      pen.stroke();
    }
    pen.fillStyle = this.colour("--trace");
    pen.font = `700 ${3.4 * this.mm}px ${this.colours.fontFamily}`;
    this.leads.forEach((lead, k) =>
      pen.fillText(lead, this.left(k) - (NAME_MM - 1.5) * this.mm, this.middle(k) + this.mm),
    );
    pen.font = `${2.8 * this.mm}px ${this.colours.fontFamily}`;
    if (this.leads.length)
      pen.fillText(`${SPEED} mm/s   ${this.gain} mm/mV`, 1.5 * this.mm, sheet.height - 1.5 * this.mm);
    return sheet;
  }

  /** px where the line of lead `k` begins. */
  left(k) {
    return Math.floor(k / this.rows) * this.pitch + NAME_MM * this.mm;
  }

  middle(k) {
    return ((k % this.rows) + 0.55) * (this.canvas.height / this.rows);
  }

  frame(now) {
    if (!this.running) return;
    const passed = (now - this.before) / 1000;
    this.before = now;
    if (this.rate && this.sheet) this.advance(passed);
    requestAnimationFrame((next) => this.frame(next));
  }

  /** Draw what comes next; faster where the pen is far behind. */
  advance(passed) {
    const sweep = this.sweep - GAP_MM / SPEED;
    this.shown = Math.max(this.shown, this.newest - BEHIND_S - sweep); // more would be drawn over itself
    const lag = this.newest - this.shown;
    if (still.matches && !this.stale && lag < BEHIND_S + STEP_S) return;
    const step = Math.min(lag, lag > 2 * BEHIND_S ? lag - BEHIND_S : passed);
    const count =
      Math.floor((this.shown + step - this.first) * this.rate) - Math.floor((this.shown - this.first) * this.rate);
    if (count < 1) {
      if (lag > BEHIND_S / 2) this.shown += step;
      return;
    }
    const from = Math.floor((this.shown - this.first) * this.rate);
    this.shown += step;
    this.host.dataset.seconds = this.shown.toFixed(1);
    this.wipe(from, count);
    this.pen.strokeStyle = this.colour("--trace");
    this.pen.lineWidth = 0.3 * this.mm;
    this.pen.lineJoin = "round";
    this.lines.forEach((line, k) => this.draw(line, k, from, count));
  }

  /** px from a column's left edge of sample `k`. */
  at(k) {
    return (((this.first + k / this.rate) % this.sweep) / this.sweep) * this.column;
  }

  /** Clean paper under the pen and a little before it. */
  wipe(from, count) {
    const begin = this.at(from);
    const width = (count / this.rate) * SPEED * this.mm + GAP_MM * this.mm;
    for (let column = 0; column < COLUMNS; column += 1) {
      const left = this.left(column * this.rows);
      this.patch(left + begin, Math.min(width, this.column - begin));
      if (begin + width > this.column) this.patch(left - 2, begin + width - this.column + 2);
    }
  }

  patch(x, width) {
    const { height } = this.canvas;
    const left = Math.floor(x) + 1;
    const wide = Math.max(1, Math.ceil(width));
    this.pen.drawImage(this.sheet, left, 0, wide, height, left, 0, wide, height);
  }

  draw(line, k, from, count) {
    const { pen } = this;
    pen.beginPath();
    let drawing = false;
    for (let n = Math.max(from - 1, 0); n < from + count && n < line.length; n += 1) {
      const value = line[n];
      const x = this.at(n);
      if (n > 0 && x < this.at(n - 1)) {
        drawing = false;
        this.zero[k] = undefined;
      }
      if (value === null) {
        drawing = false;
        continue;
      }
      this.zero[k] ??= median(line.slice(Math.max(0, n - ZERO_FROM_S * this.rate), n + 1));
      const y = this.middle(k) - (value - this.zero[k]) * this.gain * this.mm;
      if (drawing) pen.lineTo(this.left(k) + x, y);
      else pen.moveTo(this.left(k) + x, y);
      drawing = true;
    }
    pen.stroke();
  }
}

function median(values) {
  const there = values.filter((value) => value !== null).sort((a, b) => a - b);
  return there[there.length >> 1] ?? 0;
}
