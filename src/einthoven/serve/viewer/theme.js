/** Light or dark: as the system says, or as the button says. */

import { byId } from "./dom.js";

const KEY = "einthoven-theme";
const button = byId("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

const dark = () => (localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light")) === "dark";

function show() {
  document.documentElement.dataset.theme = dark() ? "dark" : "light";
  button.textContent = dark() ? "Light" : "Dark";
  button.setAttribute("aria-label", `Switch to ${dark() ? "light" : "dark"} colours`);
}

button.addEventListener("click", () => {
  localStorage.setItem(KEY, dark() ? "light" : "dark");
  show();
});
system.addEventListener("change", show);
show();
