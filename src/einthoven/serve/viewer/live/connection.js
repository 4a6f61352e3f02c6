// @ts-check
/** The WebSocket of a watched stream, which opens again, with back-off, until it is closed; and the age of data. */

import { currentToken } from "../service.js";

const SILENCE_MS = 6000; // the service sends something every 2 s, even if the monitor does not
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 8000;

/**
 * How long ago something happened.
 *
 * No single clock is enough: performance.now() may stand still while a laptop sleeps, and Date.now() may be set back.
 * The greater age counts, so that old data never passes for new.
 */
export class Age {
  /** @type {number[] | null} */
  times = null;

  /** @param {(() => number)[]} clocks in ms; the last one is that of the date */
  constructor(clocks = [() => performance.now(), () => Date.now()]) {
    this.clocks = clocks;
  }

  /** It happened now, or some ms ago. */
  mark(ago = 0) {
    this.times = this.clocks.map((now) => now() - ago);
  }

  /** Milliseconds since; Infinity if it never happened. */
  get ms() {
    const { times } = this;
    return times ? Math.max(...this.clocks.map((now, k) => now() - times[k])) : Number.POSITIVE_INFINITY;
  }

  /** When it happened; null if it never did. */
  get date() {
    return this.times && new Date(/** @type {number} */ (this.times.at(-1)));
  }
}

export class Connection {
  /** @type {WebSocket | null} */
  socket = null;
  /** Whether the service has answered on this socket. */
  ready = false;
  wait = FIRST_WAIT_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;
  received = new Age();

  /**
   * @param {string} stream
   * @param {(message: StreamMessage) => void} receive
   */
  constructor(stream, receive) {
    this.stream = stream;
    this.receive = receive;
    this.open();
  }

  open() {
    this.close();
    this.received.mark();
    const { stream } = this;
    const token = currentToken();
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/v1/stream`);
    socket.onopen = () => socket.send(JSON.stringify({ watch: true, stream, ...(token && { token }) }));
    socket.onmessage = ({ data }) => this.handle(JSON.parse(data));
    socket.onclose = () => this.retry();
    this.socket = socket;
  }

  /** @param {StreamMessage} message */
  handle(message) {
    if (this.received.ms > SILENCE_MS) {
      this.open(); // after a long silence, such as sleep, messages may be delayed: a new socket has only new ones
      return;
    }
    this.received.mark();
    if (message.type === "ready") Object.assign(this, { ready: true, wait: FIRST_WAIT_MS });
    this.receive(message);
  }

  /** Give up a socket that has gone silent although nobody closed it. */
  check() {
    if (this.socket && this.received.ms > SILENCE_MS) this.retry();
  }

  /** Open it at once if it waits to be opened. */
  hurry() {
    if (this.timer) this.open();
  }

  retry() {
    this.close();
    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(2 * this.wait, LAST_WAIT_MS);
  }

  close() {
    clearTimeout(this.timer);
    if (this.socket) Object.assign(this.socket, { onopen: null, onmessage: null, onclose: null }).close();
    Object.assign(this, { timer: undefined, socket: null, ready: false });
  }
}
