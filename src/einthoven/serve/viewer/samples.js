/** Simulated tracings to try. */

import { byId, el } from "./dom.js";
import { openSample, select } from "./opened.js";
import { call } from "./service.js";

const list = byId("samples");

async function show() {
  try {
    const { samples } = await (await call("/v1/samples")).json();
    list.replaceChildren(
      ...samples.map((sample) =>
        el(
          "li",
          {},
          el(
            "button",
            { onclick: () => open(sample) },
            el("b", {}, sample.title),
            el("span", {}, sample.description),
            el("em", {}, "simulated"),
          ),
        ),
      ),
    );
  } catch (problem) {
    list.replaceChildren(el("li", { class: "problem" }, problem.message));
  }
}

async function open(sample) {
  try {
    await openSample(sample);
  } catch (problem) {
    list.append(el("li", { class: "problem", role: "alert" }, problem.message));
  }
}

byId("show-samples").addEventListener("click", () => {
  select(null);
  list.querySelector("button")?.focus();
});
show();
