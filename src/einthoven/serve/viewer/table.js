/** What a table of numbers may not say of itself: sampling rate, unit, leads. */

import { el } from "./dom.js";
import { again } from "./opened.js";

const TABLES = /\.(csv|tsv|txt|npy|parquet)$/i;
const UNITS = ["mV", "uV", "nV", "V"];

/** A form that asks, below the error of a table; nothing for other files. */
export function tableForm(recording) {
  if (!TABLES.test(recording.name)) return [];
  const known = recording.table ?? {};
  const rate = el("input", {
    type: "number",
    min: 1,
    step: "any",
    required: true,
    name: "rate",
    value: known.rate ?? 500,
  });
  const unit = el(
    "select",
    { name: "unit" },
    UNITS.map((one) => el("option", { selected: one === known.unit }, one)),
  );
  const leads = el("input", { name: "leads", placeholder: "as the file says", value: known.leads ?? "" });
  const send = (event) => {
    event.preventDefault();
    again(recording, { rate: rate.value, unit: unit.value, ...(leads.value.trim() && { leads: leads.value.trim() }) });
  };
  return [
    el(
      "form",
      { class: "table", onsubmit: send },
      el("p", { class: "hint" }, "A table may not say these; fill them in and try again."),
      el("label", {}, "Samples a second", rate),
      el("label", {}, "Unit", unit),
      el("label", {}, "Leads, in order", leads),
      el("button", { class: "primary" }, "Try again"),
    ),
  ];
}
