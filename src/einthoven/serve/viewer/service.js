// @ts-check
/** Requests to the service, and its access token, which stays in memory and is sent in a header. */

import { byId } from "./ui/dom.js";

const BUSY_TRIES = 20;

let token = "";
/** @type {Promise<boolean> | null} */
let asking = null;

/** An error whose message is for the user. */
export class ServiceError extends Error {
  /**
   * @param {string} detail
   * @param {number} status HTTP status; 0 without a response
   */
  constructor(detail, status = 0) {
    super(detail);
    this.status = status;
  }
}

export const currentToken = () => token;

/**
 * Ask the user for the token; false if they cancel. Requests that fail at the same time ask once.
 * @param {string} refused the token that the service did not accept
 */
export function askToken(refused) {
  asking ??= promptToken(refused !== "").finally(() => {
    asking = null;
  });
  return asking;
}

/**
 * @param {boolean} wrong
 * @returns {Promise<boolean>}
 */
function promptToken(wrong) {
  const dialog = byId("token-dialog", HTMLDialogElement);
  const input = byId("token", HTMLInputElement);
  byId("token-wrong").hidden = !wrong;
  input.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    const close = () => {
      const accepted = dialog.returnValue === "ok";
      if (accepted) token = input.value.trim();
      input.value = "";
      resolve(accepted);
    };
    dialog.addEventListener("close", close, { once: true });
  });
}

/**
 * Return the response if it is a success. Wait while the service is busy, and ask for a token if it requires one.
 * @param {string} path
 * @param {RequestInit} [options]
 * @throws {ServiceError}
 */
export async function request(path, options = {}) {
  for (let tries = 0; ; tries += 1) {
    const sent = token;
    /** @type {Response} */
    let response;
    try {
      const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
      response = await fetch(path, { ...options, headers });
    } catch {
      throw new ServiceError("The service cannot be reached. Is it still running?");
    }
    if (response.ok) return response;
    if (response.status === 401 && (sent !== token || (await askToken(sent)))) continue;
    if (response.status === 429 && tries < BUSY_TRIES) {
      const wait = Number(response.headers.get("Retry-After")) || 1;
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
      continue;
    }
    throw await errorOf(response);
  }
}

/**
 * @param {Response} response
 */
async function errorOf(response) {
  const body = await response.json().catch(() => ({})); // a proxy may answer without problem details
  const detail = typeof body.detail === "string" ? body.detail : `The service answered with status ${response.status}.`;
  return new ServiceError(detail, response.status);
}

/**
 * Let the service interpret a recording.
 * @param {Recording} recording
 * @param {Record<string, string>} query parameters of POST /v1/interpret
 */
export function interpret(recording, query) {
  const path = `/v1/interpret?${new URLSearchParams({ ...query, ...recording.table })}`;
  if (recording.simulated) {
    return request(path, {
      method: "POST",
      body: recording.files[0],
      headers: { "Content-Type": "application/json" },
    });
  }
  const body = new FormData();
  for (const file of recording.files) body.append("file", file, file.name);
  return request(path, { method: "POST", body });
}
