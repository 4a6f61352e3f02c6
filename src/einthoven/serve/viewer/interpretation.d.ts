// Made from interpretation.schema.json: python tests/serve/viewer/schema_types.py

interface Interpretation {
  schema_version: 2;
  notice: string;
  model: {
    name: string;
    version: string;
    sha256: string;
  };
  recording: {
    source: string;
    format: string;
    rate_hz: number;
    duration_s: number;
    short: boolean;
    leads: ("I" | "II" | "III" | "aVR" | "aVL" | "aVF" | "V1" | "V2" | "V3" | "V4" | "V5" | "V6")[];
    derived_leads: ("I" | "II" | "III" | "aVR" | "aVL" | "aVF" | "V1" | "V2" | "V3" | "V4" | "V5" | "V6")[];
    supplemental_leads: ("V3R" | "V4R" | "V7" | "V8" | "V9")[];
    recorded_at: string | null;
    device: string | null;
    filters: Filters | null;
    warnings: Warning[];
  };
  quality: {
    acceptable: boolean;
    reasons: string[];
    arms_swapped: boolean;
    leads: {
      lead: "I" | "II" | "III" | "aVR" | "aVL" | "aVF" | "V1" | "V2" | "V3" | "V4" | "V5" | "V6";
      problems: ("off" | "flat" | "saturated" | "steps" | "noise" | "hum" | "wander")[];
    }[];
  };
  abstained: boolean;
  abstained_because: string[];
  warnings: Warning[];
  conclusion: "normal" | "borderline" | "abnormal" | "not interpreted";
  conclusion_reasons: string[];
  critical: CriticalValue[];
  rhythm: Rhythm;
  acute: Acute | null;
  mi: Mi | null;
  findings: Finding[];
  statements: Finding[];
  scores_only: Score[];
  electrodes: {
    suspected: string | null;
    probability: number | null;
  };
  heart_rate_bpm: number | null;
  pacing: {
    spikes: number[];
    captured: boolean | null;
  };
  measurements: Measurements | null;
  criteria: Criterion[];
  over_time: TimeShare[];
  segments: Segment[];
  most_abnormal: Excerpt | null;
  explanations: Explanation[];
  comparison?: Comparison;
}

interface Failure {
  recording: {
    source: string;
  };
  error: string;
}

interface Warning {
  code: "assumed-rate" | "assumed-simultaneous" | "calibration-pulse" | "channels-left-out" | "lead-empty" | "lead-flat" | "lead-inverted" | "leads-unequal" | "limb-leads-contradict" | "low-amplitude" | "parser" | "patient-damaged" | "recording-time" | "resampled" | "rhythms-left-out" | "samples-missing" | "signal-gap" | "simulated" | "wrong-checksum" | "lead-silent" | "low-pass" | "comparison-electrodes" | "comparison-filters" | "comparison-leads" | "comparison-model" | "comparison-noise" | "comparison-order" | "comparison-patient" | "comparison-patient-unknown" | "comparison-rate" | "comparison-time" | "amplitude-unusual" | "amplitudes-understated" | "assumed-prevalence" | "child" | "electrodes-exchanged" | "forced" | "infarct-withheld" | "lead-quality" | "leads-scaled-separately" | "leads-lost" | "leads-unusual" | "no-beats" | "noise" | "offset-removed" | "paced" | "pacing-spikes-without-capture" | "quality-poor" | "segments-left-out" | "segments-sampled" | "short" | "signal-unusual";
  text: string;
}

interface Mi {
  probability: number;
  decision: "rule-in" | "rule-out" | "undecided";
  in_words: string;
  prevalence: number;
  rule_in_from: number;
  rule_out_below: number;
  territory: string[];
  caveats: string[];
  withheld_because: string | null;
}

interface Finding {
  label: string;
  name: string;
  probability: number | null;
  present: boolean;
  threshold: number | null;
  possible: boolean;
  source: "model" | "measurement" | "criteria";
  reason: string | null;
}

interface Score {
  label: string;
  name: string;
  score: number;
}

interface Segment {
  start_s: number;
  end_s: number;
  quality: {
    acceptable: boolean;
    reasons: string[];
  };
  abstained_because: string[];
  conclusion: "normal" | "borderline" | "abnormal" | "not interpreted";
  rhythm: string;
  critical: string[];
  acute: "rule-in" | "rule-out" | "undecided" | null;
  mi: {
    probability: number;
    decision: "rule-in" | "rule-out" | "undecided";
  } | null;
  present: string[];
  findings: { [key: string]: number };
  heart_rate_bpm: number | null;
}

interface Excerpt {
  start_s: number;
  end_s: number;
  mi: Mi | null;
  findings: Finding[];
  statements: Finding[];
  scores_only: Score[];
}

interface Explanation {
  label: string;
  start_s: number;
  seconds_per_bin: number;
  leads: ("I" | "II" | "III" | "aVR" | "aVL" | "aVF" | "V1" | "V2" | "V3" | "V4" | "V5" | "V6")[];
  values: number[][];
}

interface Measurements {
  heart_rate_bpm: number | null;
  pr_ms: number | null;
  p_ms: number | null;
  qrs_ms: number | null;
  qt_ms: number | null;
  qtc_bazett_ms: number | null;
  qtc_fridericia_ms: number | null;
  qtc_framingham_ms: number | null;
  qtc_hodges_ms: number | null;
  p_axis_degrees: number | null;
  qrs_axis_degrees: number | null;
  t_axis_degrees: number | null;
  leads: { [key: string]: LeadMeasurements };
}

interface LeadMeasurements {
  p_mv: number | null;
  q_mv: number | null;
  q_ms: number | null;
  r_mv: number | null;
  r_ms: number | null;
  s_mv: number | null;
  s_ms: number | null;
  t_mv: number | null;
  st_j_mv: number | null;
  st_j20_mv: number | null;
  st_j40_mv: number | null;
  st_j60_mv: number | null;
  st_j80_mv: number | null;
}

interface Criterion {
  code: string;
  name: string;
  family: "ST elevation" | "ST depression" | "Q waves" | "LBBB and pacing" | "hypertrophy" | "conduction" | "possible";
  met: boolean | null;
  leads: { [key: string]: {
      value_mv: number;
      limit_mv: number;
    } | {
      value_ms: number;
      limit_ms: number;
    } };
  quantity: {
    value: number;
    limit: number;
    unit: "mV" | "mV ms" | "ms" | "degrees" | "points" | "leads";
  } | null;
  reason: string;
  source: string;
}

interface Filters {
  high_pass_hz: number | null;
  low_pass_hz: number | null;
  notch_hz: number | null;
}

interface CriticalValue {
  code: string;
  name: string;
  reason: string;
}

interface Rhythm {
  code: string;
  name: string;
  rate_bpm: number | null;
  regular: boolean | null;
  reason: string;
  warnings: Warning[];
  p_waves: "leading" | "absent" | "dissociated" | "dropped" | null;
  atrial_rate_bpm: number | null;
  pauses: {
    start_s: number;
    seconds: number;
  }[];
  premature_ventricular: number;
  premature_supraventricular: number;
}

interface Acute {
  probability: number | null;
  decision: "rule-in" | "rule-out" | "undecided";
  territory: string[];
  in_words: string;
  prevalence: number | null;
  rule_in_from: number | null;
  rule_out_below: number | null;
  advice: string[];
  reasons: string[];
  withheld_because: string | null;
}

interface TimeShare {
  kind: "critical" | "acute" | "infarct" | "rhythm" | "finding" | "not interpreted";
  code: string;
  name: string;
  share: number;
  seconds: number;
  episodes: number;
  longest: {
    start_s: number;
    end_s: number;
  };
}

interface Change {
  kind: "critical" | "acute" | "rhythm" | "infarct" | "statement" | "criterion" | "measurement";
  code: string;
  what: string;
  from: number | string | null;
  to: number | string | null;
  significant: boolean;
  unit: "mV" | "ms" | "bpm" | "degrees" | null;
  lead: string | null;
  limit: number | null;
}

interface Comparison {
  with: string;
  recorded_at: string | null;
  interval_s: number | null;
  changes: Change[];
  not_compared: string[];
  warnings: Warning[];
  in_words: string;
}
