/** The page: what was opened, its answer, its tracing. */

import "./list.js";
import "./navigator.js";
import "./samples.js";
import "./theme.js";
import { headline } from "./answer.js";
import { details } from "./details.js";
import { byId, el } from "./dom.js";
import "./drop.js";
import { goto } from "./navigator.js";
import { toggleShade } from "./shading.js";
import "./stage.js";
import { onChange, state } from "./store.js";
import "./keys.js";
import "./print.js";
import "./tabs.js";

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close(button.dataset.close));
}

const top = byId("headline");
const rest = byId("details");

onChange(["selected", "shade"], () => {
  const { answer, tracing, name, simulated } = state.selected ?? {};
  top.hidden = rest.hidden = !answer;
  if (!answer) return;
  const shade = tracing && { label: state.shade, toggle: toggleShade };
  const unfolded = [...rest.querySelectorAll("details")].map((one) => one.open);
  const held = [...document.querySelectorAll(".side button")].indexOf(document.activeElement);
  top.replaceChildren(
    el("h2", {}, name, simulated && el("em", { class: "badge" }, "simulated, no patient")),
    ...headline(answer, answer.abstained ? null : shade),
  );
  rest.replaceChildren(...details(answer, shade, goto));
  [...rest.querySelectorAll("details")].forEach((one, k) => (one.open = unfolded[k] ?? false));
  if (held >= 0) document.querySelectorAll(".side button")[held]?.focus();
});
