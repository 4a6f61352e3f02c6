/** Calls to the service. What goes wrong becomes a Problem whose message is for the person. */

import { askToken, current, headers } from "./token.js";

const TRIES_WHEN_BUSY = 20;

export class Problem extends Error {
  constructor(detail, title = "", status = 0) {
    super(detail);
    this.title = title;
    this.status = status;
  }
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** The Response to a request, when it is good; waits while the service is busy, asks for a token when it must. */
export async function call(path, options = {}) {
  for (let tries = 0; ; tries += 1) {
    const sent = current();
    let response;
    try {
      response = await fetch(path, { ...options, headers: { ...options.headers, ...headers() } });
    } catch {
      throw new Problem("The service cannot be reached. Is it still running?", "No connection");
    }
    if (response.ok) return response;
    if (response.status === 401 && (sent !== current() || (await askToken(sent)))) continue;
    if (response.status === 429 && tries < TRIES_WHEN_BUSY) {
      await pause(Number(response.headers.get("Retry-After")) || 1);
      continue;
    }
    throw await problemOf(response);
  }
}

async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // no problem details: what the status says must do
  }
  const detail = typeof body.detail === "string" ? body.detail : `The service answered ${response.status}.`;
  return new Problem(detail, body.title ?? response.statusText, response.status);
}

/** Ask about the files of a recording; `query` has the parameters of POST /v1/interpret. */
export function interpret(recording, query) {
  const path = `/v1/interpret?${new URLSearchParams({ ...query, ...recording.table })}`;
  if (recording.simulated) {
    return call(path, { method: "POST", body: recording.files[0], headers: { "Content-Type": "application/json" } });
  }
  const body = new FormData();
  for (const file of recording.files) body.append("file", file, file.name);
  return call(path, { method: "POST", body });
}
