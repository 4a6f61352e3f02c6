/** The access token: asked for when the service wants one, kept in memory, sent in a header. */

import { byId } from "./dom.js";

let token = "";
let asking = null;

export const headers = () => (token ? { Authorization: `Bearer ${token}` } : {});
export const current = () => token;

/** Ask the person; false when they cancel. Several calls that fail at once ask once. */
export function askToken(refused) {
  asking ??= prompt(refused && token !== "").finally(() => (asking = null));
  return asking;
}

function prompt(wrong) {
  const dialog = byId("token-dialog");
  const input = byId("token");
  byId("token-wrong").hidden = !wrong;
  input.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "ok";
        if (given) token = input.value.trim();
        input.value = "";
        resolve(given);
      },
      { once: true },
    );
  });
}
