/** The list of what was opened, each with its answer at a glance. */

import { byId, el } from "./dom.js";
import { close, glance, select } from "./opened.js";
import { onChange, state } from "./store.js";
import { MARKS, finePercent } from "./words.js";

const list = byId("list");

function mark({ status, answer }) {
  if (status === "failed") return ["✕", "failed"];
  if (status !== "done") return ["…", "waiting"];
  if (answer.abstained) return ["▨", "withheld"];
  return answer.mi ? [MARKS[answer.mi.decision], answer.mi.decision] : ["●", "done"];
}

function row(recording) {
  const [sign, kind] = mark(recording);
  const mi = recording.status === "done" && recording.answer.mi;
  return el(
    "li",
    {},
    el(
      "button",
      { class: `item ${kind}`, "aria-current": String(recording === state.selected), onclick: () => select(recording) },
      el("span", { class: "sign", "aria-hidden": "true" }, sign),
      el("span", { class: "name" }, recording.name),
      el(
        "span",
        { class: "glance" },
        glance(recording),
        mi ? ` (${finePercent(mi.probability)})` : "",
        recording.simulated && el("em", {}, "simulated"),
      ),
      recording.status === "failed" && el("span", { class: "problem" }, recording.problem.message),
    ),
    el(
      "button",
      { class: "close", "aria-label": `Close ${recording.name}`, title: "Close", onclick: () => close(recording) },
      "×",
    ),
  );
}

onChange(["recordings", "selected"], () => {
  const place = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...state.recordings.map(row));
  if (place >= 0) list.querySelectorAll("button")[place]?.focus();
  list.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});
