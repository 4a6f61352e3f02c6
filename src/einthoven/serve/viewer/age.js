/**
 * How long ago something happened.
 * No single clock will do: performance.now() may stand still while a laptop sleeps, and Date.now() may be set back.
 * The greater age counts, so that nothing old passes for new.
 */

const CLOCKS = [() => performance.now(), () => Date.now()];

export class Age {
  times = null;

  /** It happened now, or so many ms ago. */
  mark(ago = 0) {
    this.times = CLOCKS.map((now) => now() - ago);
  }

  /** Milliseconds since; Infinity if it never happened. */
  get ms() {
    return this.times ? Math.max(...CLOCKS.map((now, k) => now() - this.times[k])) : Infinity;
  }

  /** The time of day; null if it never happened. */
  get date() {
    return this.times && new Date(this.times[1]);
  }
}
