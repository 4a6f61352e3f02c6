// @ts-check
/** The page: its tabs, theme, dialogs and keys, and the answer of the selected recording. */

import { details } from "./answer/details.js";
import { headline } from "./answer/headline.js";
import * as live from "./live/live-tab.js";
import { listenForFiles } from "./recordings/files.js";
import "./recordings/recording-list.js";
import { change, onChange, select, state } from "./state.js";
import { toggleExplanation } from "./tracing/explanation-overlay.js";
import { GAINS, LAYOUTS, SECONDS, SPEEDS } from "./tracing/layout.js";
import { goTo } from "./tracing/navigator.js";
import "./tracing/print.js";
import * as view from "./tracing/tracing-view.js";
import { byId, el, keepFocus, replaceKeepingOpen } from "./ui/dom.js";

const THEME_KEY = "einthoven-theme";

/** @type {{key: string, text: string, act: () => unknown, always?: boolean}[]} `always`: also without a tracing */
const SHORTCUTS = [
  { key: "o", text: "Open files", act: () => byId("choose").click(), always: true },
  { key: "j", text: "Next recording", act: () => step(1) },
  { key: "k", text: "Previous recording", act: () => step(-1) },
  { key: "1", text: LAYOUTS["3x4"].title, act: () => change({ layout: "3x4" }) },
  { key: "2", text: LAYOUTS["6x2"].title, act: () => change({ layout: "6x2" }) },
  { key: "3", text: LAYOUTS["12x1"].title, act: () => change({ layout: "12x1" }) },
  { key: "s", text: "Paper speed", act: () => change({ speed: after(SPEEDS, state.speed) }) },
  { key: "g", text: "Gain", act: () => change({ gain: after(GAINS, state.gain) }) },
  { key: "+", text: "Larger", act: view.zoomIn },
  { key: "-", text: "Smaller", act: view.zoomOut },
  { key: "0", text: "True scale", act: view.zoomToTrueScale },
  { key: "f", text: "Fit the width", act: view.zoomToFit },
  { key: "c", text: "Calipers: arrow keys move a corner, faster with Shift", act: view.toggleCalipers },
  { key: "m", text: "March out the calipers", act: view.toggleMarch },
  { key: "PageUp", text: "Back 10 s", act: () => goTo(state.start - SECONDS) },
  { key: "PageDown", text: "Forward 10 s", act: () => goTo(state.start + SECONDS) },
  { key: "p", text: "Print", act: () => print() },
  { key: "?", text: "Keyboard shortcuts", act: showHelp, always: true },
];

/**
 * @param {number[]} values
 * @param {number} value
 */
const after = (values, value) => values[(values.indexOf(value) + 1) % values.length];

/** @param {number} by */
function step(by) {
  const places = state.recordings.map((recording) => recording === state.selected);
  const recording = state.recordings[places.indexOf(true) + by];
  if (recording) select(recording);
}

function showHelp() {
  byId("help-dialog", HTMLDialogElement).showModal();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !byId("keys-on", HTMLInputElement).checked) return;
  const target = /** @type {Element} */ (event.target);
  if (target.closest("input:not([type=radio]), select, dialog") || byId("recordings").hidden) return;
  const shortcut = SHORTCUTS.find(({ key }) => key === event.key || key === event.key.toLowerCase());
  if (!shortcut || (!shortcut.always && !state.selected?.tracing)) return;
  event.preventDefault();
  shortcut.act();
}

function showAnswer() {
  const { answer, tracing, name = "", simulated } = state.selected ?? {};
  const headlineBox = byId("headline");
  const detailsBox = byId("details");
  headlineBox.hidden = detailsBox.hidden = !answer;
  if (!answer) return;
  const explain = tracing ? { label: state.explained, toggle: toggleExplanation } : null;
  const badge = simulated && el("em", { class: "badge" }, "simulated, no patient");
  keepFocus(byId("sidebar"), () => {
    headlineBox.replaceChildren(el("h2", {}, name, badge), ...headline(answer, explain));
    replaceKeepingOpen(detailsBox, details(answer, explain, goTo));
  });
}

/** @param {HTMLButtonElement} tab */
function showTab(tab) {
  for (const other of tabs) {
    const selected = other === tab;
    other.setAttribute("aria-selected", String(selected));
    other.tabIndex = selected ? 0 : -1;
    byId(other.getAttribute("aria-controls") ?? "").hidden = !selected;
  }
  if (tab.id === "tab-live") live.start();
  else live.stop();
}

/** Light or dark: the choice of the user, or that of the system. */
function isDark() {
  return (localStorage.getItem(THEME_KEY) ?? (systemDark.matches ? "dark" : "light")) === "dark";
}

function showTheme() {
  const [theme, other] = isDark() ? ["dark", "light"] : ["light", "dark"];
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = other === "light" ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", `Switch to ${other} colours`);
}

/** @type {HTMLButtonElement[]} */
const tabs = [...document.querySelectorAll("button[role=tab]")].map((tab) => /** @type {HTMLButtonElement} */ (tab));
for (const [k, tab] of tabs.entries()) {
  tab.addEventListener("click", () => showTab(tab));
  tab.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = tabs[(k + 1) % tabs.length];
    showTab(other);
    other.focus();
  });
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");
systemDark.addEventListener("change", showTheme);
byId("theme").addEventListener("click", () => {
  localStorage.setItem(THEME_KEY, isDark() ? "light" : "dark");
  showTheme();
});
showTheme();

for (const button of document.querySelectorAll("button[data-close]")) {
  const { close } = /** @type {HTMLButtonElement} */ (button).dataset;
  button.addEventListener("click", () => button.closest("dialog")?.close(close));
}
byId("help").addEventListener("click", showHelp);
byId("keys").append(
  ...SHORTCUTS.map(({ key, text }) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, text))),
);
addEventListener("keydown", onKey);
onChange(["selected", "explained"], showAnswer);
listenForFiles();
