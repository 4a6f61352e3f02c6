// @ts-check
/** What can be selected: the list of open recordings, each with a brief result, and simulated samples. */

import { request } from "../service.js";
import { close, onChange, openSample, select, state } from "../state.js";
import { byId, el, keepFocus } from "../ui/dom.js";
import { DECISION_SIGNS, formatRarePercent } from "../ui/format.js";

const list = byId("list");
const samples = byId("samples");

/**
 * @param {Recording} recording
 * @returns {{sign: string, kind: string, summary: string}}
 */
function glance({ status, answer }) {
  if (status === "failed") return { sign: "✕", kind: "failed", summary: "not read" };
  if (!answer || status !== "done") return { sign: "…", kind: "waiting", summary: status };
  if (answer.abstained) return { sign: "▨", kind: "withheld", summary: "not interpreted" };
  if (!answer.mi) return { sign: "●", kind: "done", summary: "interpreted" };
  const { decision, in_words: text, probability } = answer.mi;
  return { sign: DECISION_SIGNS[decision], kind: decision, summary: `${text} (${formatRarePercent(probability)})` };
}

/**
 * @param {Recording} recording
 */
function row(recording) {
  const { sign, kind, summary } = glance(recording);
  const { name, simulated, problem } = recording;
  return el(
    "li",
    {},
    el(
      "button",
      { class: `item ${kind}`, "aria-current": String(recording === state.selected), onclick: () => select(recording) },
      el("span", { class: "sign", "aria-hidden": "true" }, sign),
      el("span", { class: "name" }, name),
      el("span", { class: "glance" }, summary, simulated && el("em", {}, "simulated")),
      problem && el("span", { class: "problem" }, problem.message),
    ),
    el(
      "button",
      { class: "close", "aria-label": `Close ${name}`, title: "Close", onclick: () => close(recording) },
      "×",
    ),
  );
}

onChange(["recordings", "selected"], () => {
  keepFocus(list, () => list.replaceChildren(...state.recordings.map(row)));
  list.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});

async function showSamples() {
  try {
    const { samples: found } = await (await request("/v1/samples")).json();
    samples.replaceChildren(...found.map(sampleButton));
  } catch (problem) {
    showProblem(problem);
  }
}

/**
 * @param {Sample} sample
 */
function sampleButton(sample) {
  const content = [el("b", {}, sample.title), el("span", {}, sample.description), el("em", {}, "simulated")];
  return el("li", {}, el("button", { onclick: () => openSample(sample).catch(showProblem) }, content));
}

/**
 * @param {any} problem
 */
function showProblem(problem) {
  samples.append(el("li", { class: "problem", role: "alert" }, problem.message));
}

byId("show-samples").addEventListener("click", () => {
  select(null);
  samples.querySelector("button")?.focus();
});
showSamples();
