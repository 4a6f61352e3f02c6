// @ts-check
/** A watched stream: its connection, whether its samples are current, and the text that states it. */

import { askToken, currentToken } from "../service.js";
import { clock, formatDuration, sentence, timeOfDay } from "../ui/format.js";
import { Age, Connection } from "./connection.js";

const SILENT_MS = 2000;
const WARNING_MS = 40_000; // a rate that stays wrong is warned of every 30 s
const ANSWER_LAG_S = 3; // beyond two intervals

const NOT_FOUND = 400;
const NO_TOKEN = 401;

/** @typedef {"none" | "connecting" | "live" | "behind" | "silent" | "gone" | "away" | "over"} StatusKind */
/** @typedef {{kind: StatusKind, text: string}} Status */

export class WatchedStream {
  /** @type {StreamState} */
  state = "live";
  begun = false; // whether it has ever had samples
  left = false;
  /** @type {{text: string, summary: string} | null} how it ended, for the bar and for the list */
  over = null;
  problem = "";
  interval = 0;
  newest = 0;
  /** @type {Warning[]} */
  warnings = [];
  warning = "";
  /** @type {AnswerMessage | null} */
  answer = null;
  data = new Age();
  warned = new Age();
  answered = new Age();

  /**
   * @param {string} stream
   * @param {string} name
   * @param {(message: StreamMessage) => void} show gets each message after it is noted here
   */
  constructor(stream, name, show) {
    this.stream = stream;
    this.name = name;
    this.connection = new Connection(stream, (message) => {
      this.update(message);
      show(message);
    });
  }

  /** @param {StreamMessage} message */
  update(message) {
    if (message.type === "ready") {
      Object.assign(this, { warnings: message.warnings, interval: message.interval_s, problem: "" });
      this.begun = message.next_sequence !== null;
      this.setState(message);
    } else if (message.type === "state") {
      this.setState(message);
    } else if (message.type === "samples") {
      this.data.mark();
      this.newest = message.time_s + message.signal[0].length / message.rate_hz;
      Object.assign(this, { state: "live", begun: true });
    } else if (message.type === "answer") {
      this.answer = message;
      this.answered.mark();
    } else if (message.type === "warning") {
      this.warning = message.detail;
      this.warned.mark();
    } else if (message.type === "ended") {
      this.end(message.ended_by);
    } else {
      this.fail(message.problem);
    }
  }

  /** @param {StreamStatus} status */
  setState({ state, silent_s: silent }) {
    this.state = state;
    if (state !== "live" && this.begun) this.data.mark(1000 * silent); // the service knows better: samples travel
  }

  /** @param {string} endedBy */
  end(endedBy) {
    const time = timeOfDay(new Date(), false);
    if (endedBy === "monitor") this.finish(`The monitor ended the stream at ${time}.`, `ended at ${time}`);
    else this.finish(`The monitor did not reconnect: ${this.since}.`, "disconnected, did not reconnect");
  }

  /** @param {{detail: string, status: number}} problem */
  async fail({ detail, status }) {
    this.problem = detail;
    if (status === NOT_FOUND) {
      const text = `This stream no longer exists: ${this.since}. It ended, or the service restarted.`;
      this.finish(text, "ended or lost");
    } else if (status === NO_TOKEN) {
      this.connection.close();
      const accepted = await askToken(currentToken());
      if (this.left) return;
      if (accepted) this.connection.open();
      else this.finish(detail, "no token");
    }
  }

  /**
   * Stop: nothing more will come.
   * @param {string} text
   * @param {string} summary
   */
  finish(text, summary) {
    this.over = { text, summary };
    this.connection.close();
  }

  /** Stop watching. */
  close() {
    this.left = true;
    this.connection.close();
  }

  get since() {
    return this.data.date ? `no data since ${timeOfDay(this.data.date)}` : "no data came";
  }

  /** Whether samples come, but no answers about them. */
  get behind() {
    return this.answer !== null && this.newest - this.answer.time_s > 2 * this.interval + ANSWER_LAG_S;
  }

  /**
   * Return the status. Only `live` shows the present; with `behind` the tracing does, but not the answer.
   * @param {boolean} serviceResponds
   * @returns {Status}
   */
  status(serviceResponds) {
    this.connection.check();
    const { ready } = this.connection;
    if (this.over) return { kind: "over", text: this.over.text };
    if (ready && this.state === "live" && this.data.ms < SILENT_MS) {
      return { kind: this.behind ? "behind" : "live", text: this.liveText() };
    }
    const { date } = this.data;
    const ago = date && formatDuration(Math.floor(this.data.ms / 1000));
    const silence = date ? `No data for ${ago}; last data at ${timeOfDay(date)}.` : "No data yet.";
    if (!serviceResponds) return { kind: "away", text: `The service does not respond. ${silence} Trying again.` };
    if (this.problem) return { kind: "away", text: `${sentence(this.problem)} ${silence} Trying again.` };
    if (ready && this.state === "gone") {
      return { kind: "gone", text: `The monitor is disconnected: ${this.since}${ago ? `, for ${ago}` : ""}.` };
    }
    if (!date && this.state === "live") return { kind: "connecting", text: "Connecting." };
    return { kind: "silent", text: ready ? silence : `${silence} Reconnecting.` };
  }

  liveText() {
    const missing = this.answer?.missing_s ?? 0;
    return [
      `Live, ${clock(this.newest)}`,
      missing > 0 && `${missing.toFixed(1)} s of the last 10 s missing`,
      this.answer?.detail,
      ...this.warnings.map(({ text }) => text),
      this.warned.ms < WARNING_MS && this.warning,
      this.behind && `No new answer for ${formatDuration(Math.floor(this.answered.ms / 1000))}`,
    ]
      .map((part) => part || "")
      .filter((part) => part)
      .map((part) => part.replace(/\.$/, ""))
      .join(". ");
  }
}
