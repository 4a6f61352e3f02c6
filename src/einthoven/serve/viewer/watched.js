/** One watched stream: its connection, whether its samples are of now, and the words for it. */

import { Age } from "./age.js";
import { Connection } from "./connection.js";
import { askToken, current } from "./token.js";
import { clock, seconds, sentence, timeOfDay } from "./words.js";

const SILENT_MS = 2000;
const WARNING_MS = 40_000; // a rate that stays wrong is warned of every 30 s
const ANSWER_LAG_S = 3; // beyond two intervals

const NOT_FOUND = 400;
const NO_TOKEN = 401;

export class Watched {
  /** `show` gets each message after it is noted here. */
  constructor(stream, name, show) {
    Object.assign(this, { stream, name, show, state: "live", over: null, trouble: "", left: false });
    Object.assign(this, { data: new Age(), warned: new Age(), answered: new Age(), answer: null, newest: 0 });
    this.connection = new Connection(stream, (message) => this.hear(message));
  }

  hear(message) {
    this[`on_${message.type}`]?.(message);
    this.show(message);
  }

  on_ready({ state, silent_s: silent, next_sequence: next, warnings, interval_s: interval }) {
    Object.assign(this, { warnings, interval, trouble: "" });
    this.begun = next !== null;
    this.on_state({ state, silent_s: silent });
  }

  on_state({ state, silent_s: silent }) {
    this.state = state;
    if (state !== "live" && this.begun) this.data.mark(1000 * silent); // samples may have come here later
  }

  on_samples({ time_s: time, rate_hz: rate, signal }) {
    this.data.mark();
    Object.assign(this, { state: "live", begun: true, newest: time + signal[0].length / rate });
  }

  on_answer(answer) {
    this.answer = answer;
    this.answered.mark();
  }

  on_warning({ detail }) {
    this.warning = detail;
    this.warned.mark();
  }

  on_ended({ ended_by: by }) {
    const time = timeOfDay(new Date(), false);
    if (by === "monitor") this.finish(`Ended at ${time} by the monitor.`, `ended at ${time}`);
    else this.finish(`The monitor has gone and did not come back: ${this.since}.`, "gone, did not come back");
  }

  async on_error({ problem }) {
    this.trouble = problem.detail;
    if (problem.status === NOT_FOUND) {
      const words = `This stream is no longer there, ${this.since}. It ended, or the service restarted.`;
      this.finish(words, "ended or lost");
    } else if (problem.status === NO_TOKEN) {
      this.connection.close();
      const given = await askToken(current());
      if (this.left) return;
      if (given) this.connection.open();
      else this.finish(problem.detail, "no token");
    }
  }

  /** Nothing more will come, for the reason in `words`; in the list `glance` says it. */
  finish(words, glance) {
    this.over = { words, glance };
    this.connection.close();
  }

  get since() {
    return this.data.date ? `no data since ${timeOfDay(this.data.date)}` : "no data came";
  }

  /**
   * {kind, words}; `answers`: whether the service answers.
   * Only `live` shows the present; of `behind` the tracing does, but not the answer.
   */
  status(answers) {
    this.connection.check();
    if (this.over) return { kind: "over", words: this.over.words };
    if (this.connection.ready && this.state === "live" && this.data.ms < SILENT_MS) {
      return { kind: this.behind ? "behind" : "live", words: this.watching() };
    }
    const ago = this.data.date && seconds(Math.floor(this.data.ms / 1000));
    const silence = ago ? `No data for ${ago}; last data at ${timeOfDay(this.data.date)}.` : "No data yet.";
    if (!answers) return { kind: "away", words: `The service does not answer. ${silence} Trying again.` };
    if (this.trouble) return { kind: "away", words: `${sentence(this.trouble)} ${silence} Trying again.` };
    if (this.connection.ready && this.state === "gone") {
      return { kind: "gone", words: `The monitor has gone: ${this.since}${ago ? `, for ${ago}` : ""}.` };
    }
    if (!ago && this.state === "live") return { kind: "connecting", words: "Connecting." };
    return { kind: "silent", words: this.connection.ready ? silence : `${silence} Connecting again.` };
  }

  watching() {
    const missing = this.answer?.missing_s;
    return [
      `Watching, ${clock(this.newest)}`,
      missing > 0 && `${missing.toFixed(1)} s of the last 10 missing`,
      this.answer?.detail,
      ...this.warnings.map(({ text }) => text),
      this.warned.ms < WARNING_MS && this.warning,
      this.behind && `No new answer for ${seconds(Math.floor(this.answered.ms / 1000))}`,
    ]
      .filter(Boolean)
      .map((part) => part.replace(/\.$/, ""))
      .join(". ");
  }

  /** Whether samples come, but no answers about them. */
  get behind() {
    return Boolean(this.answer) && this.newest - this.answer.time_s > 2 * this.interval + ANSWER_LAG_S;
  }

  /** Release the connection. */
  close() {
    this.left = true;
    this.connection.close();
  }
}
