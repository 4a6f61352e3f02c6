/** The live tab: the streams under way, and one that is watched. */

import { headline } from "./answer.js";
import { details } from "./details.js";
import { announce, byId, el } from "./dom.js";
import { Monitor } from "./monitor.js";
import { call } from "./service.js";
import { askToken, current } from "./token.js";
import { clock } from "./words.js";

const EVERY_MS = 2000;

let timer = null;
let socket = null;
let watched = null;
let alerted = false;
const monitor = new Monitor(byId("monitor"));

const say = (text) => (byId("live-state").textContent = text);

/** The tab is shown. */
export function start() {
  list();
  timer ??= setInterval(list, EVERY_MS);
  monitor.start();
}

/** The tab is hidden. */
export function stop() {
  clearInterval(timer);
  timer = null;
  monitor.stop();
}

async function list() {
  let streams = [];
  let trouble = "";
  try {
    ({ streams } = await (await call("/v1/streams")).json());
  } catch (problem) {
    trouble = problem.message;
  }
  const held = byId("streams").contains(document.activeElement) ? document.activeElement.dataset.stream : null;
  byId("streams").replaceChildren(...streams.map(row));
  if (held)
    byId("streams")
      .querySelector(`[data-stream="${CSS.escape(held)}"]`)
      ?.focus();
  const here = `ws${location.protocol === "https:" ? "s" : ""}://${location.host}`;
  byId("no-streams").textContent =
    trouble ||
    (streams.length ? "" : `No monitor sends now. To try: einthoven replay FILE --loop --url ${here}/v1/stream`);
  if (streams.length === 1 && !socket) watch(streams[0].stream);
  if (!streams.length && !socket) say("Nothing is watched.");
}

function row({ stream, connected, seconds, heart_rate_bpm: rate, alert }) {
  const raised = alert?.active;
  return el(
    "li",
    {},
    el(
      "button",
      {
        class: `item ${raised ? "rule-in" : ""}`,
        "aria-current": String(stream === watched),
        "data-stream": stream,
        onclick: () => watch(stream),
      },
      el("span", { class: "sign", "aria-hidden": "true" }, raised ? "◆" : "○"),
      el("span", { class: "name" }, `Monitor ${stream.slice(0, 6)}`),
      el(
        "span",
        { class: "glance" },
        [raised && "alert", connected ? clock(seconds) : "broken off", rate && `${Math.round(rate)}/min`]
          .filter(Boolean)
          .join(", "),
      ),
    ),
  );
}

/** Watch a stream from now on. */
function watch(stream) {
  socket?.close();
  watched = stream;
  alerted = false;
  say("Connecting");
  const mine = new WebSocket(`${location.origin.replace(/^http/, "ws")}/v1/stream`);
  socket = mine;
  mine.onopen = () => mine.send(JSON.stringify({ watch: true, stream, ...(current() && { token: current() }) }));
  mine.onmessage = ({ data }) => mine === socket && hear(JSON.parse(data), stream);
  mine.onclose = () => {
    if (mine !== socket) return;
    socket = watched = null;
    if (!byId("live-state").textContent.startsWith("Ended")) say("The connection has ended.");
  };
}

async function hear(message, stream) {
  switch (message.type) {
    case "ready":
      monitor.begin(message.leads);
      say(["Watching", ...message.warnings].join(". "));
      break;
    case "samples":
      monitor.add(message);
      break;
    case "answer":
      show(message);
      break;
    case "warning":
      say(message.detail);
      break;
    case "ended":
      say(`Ended after ${clock(message.time_s)}`);
      break;
    case "error":
      if (message.problem.status === 401 && (await askToken(current()))) watch(stream);
      else say(message.problem.detail);
  }
}

function show({ time_s: time, missing_s: missing, alert, detail, interpretation }) {
  const notes = [`Watching, ${clock(time)}`, missing > 0 && `${missing.toFixed(1)} s of the last 10 missing`, detail];
  say(notes.filter(Boolean).join(". "));
  const raised = Boolean(alert?.active);
  if (raised && !alerted) announce("Infarct-pattern alert");
  alerted = raised;
  byId("alert").hidden = !raised;
  if (raised) byId("alert").textContent = `◆ Infarct-pattern alert since ${clock(alert.since_s)}`;
  byId("live-headline").hidden = byId("live-details").hidden = !interpretation;
  if (!interpretation) return;
  byId("live-headline").replaceChildren(el("h2", {}, "The last 10 s"), ...headline(interpretation));
  const unfolded = [...byId("live-details").querySelectorAll("details")].map((one) => one.open);
  byId("live-details").replaceChildren(...details(interpretation));
  [...byId("live-details").querySelectorAll("details")].forEach((one, k) => (one.open = unfolded[k] ?? false));
}
