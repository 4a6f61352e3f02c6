/** Numbers and names as people read them. */

/** Whole percents, but never 0 % or 100 %, which no model knows. */
export function percent(share) {
  if (share < 0.01) return "<1 %";
  return share > 0.99 ? ">99 %" : `${Math.round(100 * share)} %`;
}

/** Whole percents, and below 1 % one digit: what is screened for may be rare, and its thresholds low. */
export const finePercent = (share) => (share < 0.01 ? `${Number((100 * share).toPrecision(1))} %` : percent(share));

/** A duration or a time in s. */
export function seconds(value) {
  if (value < 120) return `${Number(value.toPrecision(3))} s`;
  return clock(value) + (value < 3600 ? " min" : " h");
}

/** A time as on a clock: 0:20, 1:02:03. */
export function clock(value) {
  const whole = Math.round(value);
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** A time of day, with its date unless that is today. */
export function timeOfDay(date, withSeconds = true) {
  const options = { hour: "2-digit", minute: "2-digit", ...(withSeconds && { second: "2-digit" }), hour12: false };
  if (date.toDateString() !== new Date().toDateString()) Object.assign(options, { day: "numeric", month: "short" });
  return date.toLocaleString("en-GB", options);
}

/** The first letter large, and a full stop. */
export const sentence = (words) => words[0].toUpperCase() + words.slice(1).replace(/\.?$/, ".");

/** The only words for the infarct-pattern answer wherever a person reads it; segments bring no words of their own. */
export const MI_IN_WORDS = {
  "rule-in": "infarct pattern, acute or old",
  undecided: "undecided",
  "rule-out": "no infarct pattern found; this does not exclude infarction",
};

/** Shapes that go with the colours: full, half, empty. */
export const MARKS = { "rule-in": "◆", undecided: "◈", "rule-out": "◇" };

/** What may be wrong with a lead: V2 is ... */
export const PROBLEMS = {
  off: "off",
  flat: "flat at times",
  saturated: "cut off at the recorder's limit",
  steps: "jumping",
  noise: "noisy",
  hum: "disturbed by mains hum",
  wander: "wandering",
};

export const problems = (lead) => lead.problems.map((problem) => PROBLEMS[problem] ?? problem).join(", ");
