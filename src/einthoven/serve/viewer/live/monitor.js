// @ts-check
/** A live tracing as a bedside monitor draws it: a pen that sweeps over ECG paper, two columns of leads. */

import { median } from "../tracing/layout.js";
import { pxPerMm } from "../tracing/scale.js";
import { el } from "../ui/dom.js";
import { DELAY_S, SampleBuffer } from "./sample-buffer.js";

const SPEED = 25; // mm/s
const GAIN = 10; // mm/mV
const LOW_GAIN = 5; // if rows are low
const LOW_ROW_MM = 17;
const NAME_MM = 11; // left of a line, for its lead
const COLUMNS = 2;
const GAP_MM = 6; // of clean paper before the pen
const ZERO_S = 2; // of signal whose median is the zero of a line, for a whole sweep
const STEP_S = 1; // of signal drawn at a time if motion is to be reduced
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/** A CSS colour of `host`. paper.css registers it as a colour, so that it is resolved. */
const colour = (/** @type {HTMLElement} */ host, /** @type {string} */ name) =>
  getComputedStyle(host).getPropertyValue(name);

export class Monitor {
  /** @type {string[]} */
  leads = [];
  buffer = new SampleBuffer([]);
  stale = false;
  running = false;
  frameTime = 0;
  /** @type {(number | undefined)[]} mV of each lead, for this sweep */
  zero = [];
  canvas = el("canvas", { role: "img" });
  pen = contextOf(this.canvas);
  sheet = el("canvas");
  // Set by `resize`: px per mm, rows, mm/mV, px between columns, px of a line, s of a sweep.
  mm = 1;
  rows = 1;
  gain = GAIN;
  pitch = 0;
  column = 0;
  sweep = 0;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    host.append(this.canvas);
    this.begin([]);
    const resize = () => this.resize();
    new ResizeObserver(resize).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize);
    new MutationObserver(resize).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /**
   * Begin a new stream on clean paper.
   * @param {string[]} leads
   */
  begin(leads) {
    this.leads = leads;
    this.buffer = new SampleBuffer(leads);
    this.resize();
    this.setStale(false);
  }

  /**
   * Add current samples.
   * @param {SamplesMessage} samples
   */
  add(samples) {
    if (this.stale) this.begin(this.leads);
    this.buffer.add(samples);
  }

  /**
   * Set whether the tracing is past: it is greyed, and the next samples begin on clean paper.
   * @param {boolean} stale
   */
  setStale(stale) {
    this.stale = stale;
    this.host.classList.toggle("stale", stale);
    this.canvas.setAttribute("aria-label", stale ? "The last tracing, not current" : "Live tracing of all leads");
  }

  start() {
    this.resize();
    this.running = true;
    this.frameTime = performance.now();
    requestAnimationFrame((now) => this.frame(now));
  }

  stop() {
    this.running = false;
  }

  /** Fit the canvas to its place, and draw the last sweep again. */
  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    const ratio = devicePixelRatio;
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    this.mm = pxPerMm() * ratio;
    this.rows = Math.max(1, Math.ceil(this.leads.length / COLUMNS));
    this.gain = this.canvas.height / this.rows / this.mm < LOW_ROW_MM ? LOW_GAIN : GAIN;
    this.pitch = this.canvas.width / COLUMNS;
    this.column = this.pitch - NAME_MM * this.mm;
    this.sweep = this.column / this.mm / SPEED;
    this.sheet = this.drawSheet();
    this.pen.drawImage(this.sheet, 0, 0);
    this.zero = [];
    this.buffer.rewind(this.sweep - GAP_MM / SPEED);
  }

  /** Draw the grid, the names of the leads, and the scale. */
  drawSheet() {
    const { mm, host } = this;
    const sheet = el("canvas", { width: this.canvas.width, height: this.canvas.height });
    const pen = contextOf(sheet);
    pen.fillStyle = colour(host, "--sheet");
    pen.fillRect(0, 0, sheet.width, sheet.height);
    for (const { every, name, width } of [
      { every: mm, name: "--fine", width: 0.1 },
      { every: 5 * mm, name: "--bold", width: 0.2 },
    ]) {
      pen.strokeStyle = colour(host, name);
      pen.lineWidth = width * mm;
      pen.beginPath();
      for (let x = 0; x < sheet.width; x += every) {
        pen.moveTo(x, 0);
        pen.lineTo(x, sheet.height);
      }
      for (let y = 0; y < sheet.height; y += every) {
        pen.moveTo(0, y);
        pen.lineTo(sheet.width, y);
      }
      pen.stroke();
    }
    const { fontFamily } = getComputedStyle(host);
    pen.fillStyle = colour(host, "--trace");
    pen.font = `700 ${3.4 * mm}px ${fontFamily}`;
    this.leads.forEach((lead, k) => {
      pen.fillText(lead, this.left(k) - (NAME_MM - 1.5) * mm, this.middle(k) + mm);
    });
    pen.font = `${2.8 * mm}px ${fontFamily}`;
    if (this.leads.length) pen.fillText(`${SPEED} mm/s   ${this.gain} mm/mV`, 1.5 * mm, sheet.height - 1.5 * mm);
    return sheet;
  }

  /** Where the line of lead `k` begins, in px. @param {number} k */
  left(k) {
    return Math.floor(k / this.rows) * this.pitch + NAME_MM * this.mm;
  }

  /** Where the zero of lead `k` is, in px. @param {number} k */
  middle(k) {
    return ((k % this.rows) + 0.55) * (this.canvas.height / this.rows);
  }

  /** Where sample `k` is, in px from the left edge of a column. @param {number} k */
  x(k) {
    return ((this.buffer.timeOf(k) % this.sweep) / this.sweep) * this.column;
  }

  /** @param {number} now */
  frame(now) {
    if (!this.running) return;
    const passed = (now - this.frameTime) / 1000;
    this.frameTime = now;
    if (this.buffer.rate && this.sweep) this.advance(passed);
    requestAnimationFrame((next) => this.frame(next));
  }

  /** Draw what comes next. @param {number} passed */
  advance(passed) {
    const { buffer, pen } = this;
    if (reducedMotion.matches && !this.stale && buffer.lag < DELAY_S + STEP_S) return;
    const { from, count } = buffer.advance(passed, this.sweep - GAP_MM / SPEED);
    if (count < 1) return;
    this.host.dataset.seconds = buffer.drawn.toFixed(1);
    this.wipe(from, count);
    pen.strokeStyle = colour(this.host, "--trace");
    pen.lineWidth = 0.3 * this.mm;
    pen.lineJoin = "round";
    for (let k = 0; k < buffer.lines.length; k += 1) this.draw(k, from, count);
  }

  /**
   * Clean the paper under the pen and a little before it.
   * @param {number} from
   * @param {number} count
   */
  wipe(from, count) {
    const begin = this.x(from);
    const width = (count / this.buffer.rate) * SPEED * this.mm + GAP_MM * this.mm;
    for (let column = 0; column < COLUMNS; column += 1) {
      const left = this.left(column * this.rows);
      this.patch(left + begin, Math.min(width, this.column - begin));
      if (begin + width > this.column) this.patch(left - 2, begin + width - this.column + 2);
    }
  }

  /**
   * @param {number} x
   * @param {number} width
   */
  patch(x, width) {
    const { height } = this.canvas;
    const left = Math.floor(x) + 1;
    const wide = Math.max(1, Math.ceil(width));
    this.pen.drawImage(this.sheet, left, 0, wide, height, left, 0, wide, height);
  }

  /**
   * Draw `count` samples of lead `k`.
   * @param {number} k
   * @param {number} from
   * @param {number} count
   */
  draw(k, from, count) {
    const { pen, buffer } = this;
    const line = buffer.lines[k];
    let drawing = false;
    pen.beginPath();
    for (let n = Math.max(from - 1, 0); n < from + count && n < line.length; n += 1) {
      const value = line[n];
      const x = this.x(n);
      if (n > 0 && x < this.x(n - 1)) {
        drawing = false;
        this.zero[k] = undefined;
      }
      if (value === null) {
        drawing = false;
        continue;
      }
      const recent = () => line.slice(Math.max(0, n - ZERO_S * buffer.rate), n + 1).filter((mv) => mv !== null);
      this.zero[k] ??= median(recent());
      const y = this.middle(k) - (value - this.zero[k]) * this.gain * this.mm;
      if (drawing) pen.lineTo(this.left(k) + x, y);
      else pen.moveTo(this.left(k) + x, y);
      drawing = true;
    }
    pen.stroke();
  }
}
