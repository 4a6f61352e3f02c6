// @ts-check
/** The latest samples of a stream, and which of them are drawn next. */

const KEEP_S = 15;
/** Delay of the pen after the newest sample, so that it moves evenly. */
export const DELAY_S = 0.4;

export class SampleBuffer {
  /** @type {(number | null)[][]} one array per lead; null for a missing sample */
  lines;
  /** Sampling rate in Hz; 0 until samples come. */
  rate = 0;
  /** Time in s of the oldest sample, of the end of what is drawn, and of the end of the newest sample. */
  oldest = 0;
  drawn = 0;
  newest = 0;

  /** @param {string[]} leads */
  constructor(leads) {
    this.lines = leads.map(() => []);
  }

  /**
   * Add samples. After a gap the older ones are dropped.
   * @param {{time_s: number, rate_hz: number, signal: (number | null)[][]}} samples
   */
  add({ time_s: time, rate_hz: rate, signal }) {
    if (!this.rate || Math.abs(time - this.newest) > 1 / rate) {
      this.lines = signal.map(() => []);
      this.oldest = time;
      this.drawn = time;
    }
    this.rate = rate;
    this.newest = time + signal[0].length / rate;
    const surplus = Math.max(0, this.lines[0].length + signal[0].length - KEEP_S * rate);
    this.lines.forEach((line, k) => {
      line.push(...signal[k]);
      line.splice(0, surplus);
    });
    this.oldest += surplus / rate;
    this.drawn = Math.max(this.drawn, this.oldest);
  }

  /** Time in s between the pen and the newest sample. */
  get lag() {
    return this.newest - this.drawn;
  }

  /**
   * Move the pen by `passed` s, or faster if it is far behind. Samples that `sweep` s would draw over are skipped.
   * @param {number} passed
   * @param {number} sweep
   * @returns {{from: number, count: number}} the samples to draw
   */
  advance(passed, sweep) {
    this.drawn = Math.max(this.drawn, this.newest - DELAY_S - sweep);
    const { lag } = this;
    const step = Math.min(lag, lag > 2 * DELAY_S ? lag - DELAY_S : passed);
    const from = this.place(this.drawn);
    const count = this.place(this.drawn + step) - from;
    if (count >= 1 || lag > DELAY_S / 2) this.drawn += step;
    return { from, count };
  }

  /**
   * Go back by `seconds`, so that they are drawn again.
   * @param {number} seconds
   */
  rewind(seconds) {
    if (this.rate) this.drawn = Math.max(this.oldest, this.drawn - seconds);
  }

  /** @param {number} time */
  place(time) {
    return Math.floor((time - this.oldest) * this.rate);
  }

  /**
   * Time in s of a sample.
   * @param {number} k
   */
  timeOf(k) {
    return this.oldest + k / this.rate;
  }
}
