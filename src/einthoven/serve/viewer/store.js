/** What the page shows, and who is told when it changes. */

export const LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];

export const state = {
  recordings: [],
  selected: null, // one of them
  layout: "3x4",
  speed: 25, // mm/s
  gain: 10, // mm/mV
  start: 0, // s of the recording, where the paper begins
  zoom: "auto", // "auto", "fit", or times true scale
  shade: null, // label of the finding whose explanation is shown
};

const listeners = [];

/** Call `listener(keys)` when one of `keys` changes. */
export const onChange = (keys, listener) => listeners.push({ keys, listener });

/** Set keys of `state`. */
export function change(update) {
  Object.assign(state, update);
  const changed = Object.keys(update);
  for (const { keys, listener } of listeners) {
    if (keys.some((key) => changed.includes(key))) listener(changed);
  }
}

/** Something inside a recording is new. */
export const touched = (recording) => {
  change({ recordings: state.recordings });
  if (recording === state.selected) change({ selected: recording });
};
