/** The WebSocket of a watched stream; opens again, with back-off, until it is closed. */

import { Age } from "./age.js";
import { current } from "./token.js";

const QUIET_MS = 6000; // the service sends something every 2 s, even if the monitor does not
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 8000;

export class Connection {
  /** `receive` gets each message. */
  constructor(stream, receive) {
    Object.assign(this, { stream, receive, socket: null, ready: false, wait: FIRST_WAIT_MS, heard: new Age() });
    this.open();
  }

  open() {
    this.close();
    this.heard.mark();
    const { stream } = this;
    const token = current();
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/v1/stream`);
    socket.onopen = () => socket.send(JSON.stringify({ watch: true, stream, ...(token && { token }) }));
    socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    socket.onclose = () => this.retry();
    this.socket = socket;
  }

  hear(message) {
    // What comes after a long silence waited somewhere, as while a laptop slept: a new socket has only new samples.
    if (this.heard.ms > QUIET_MS) return this.open();
    this.heard.mark();
    if (message.type === "ready") Object.assign(this, { ready: true, wait: FIRST_WAIT_MS });
    this.receive(message);
  }

  /** Give up a socket on which nothing comes any more, though nobody closed it. */
  check() {
    if (this.socket && this.heard.ms > QUIET_MS) this.retry();
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
    Object.assign(this, { timer: null, socket: null, ready: false });
  }
}
