// What the viewer keeps in memory, and what the service sends on a stream. interpretation.d.ts has the answer itself.

interface Tracing {
  /** Sampling rate in Hz. */
  rate: number;
  leads: string[];
  /** Samples in mV by lead. */
  lines: Map<string, Float32Array>;
  seconds: number;
}

type LeadProblem = Interpretation["quality"]["leads"][number]["problems"][number];
type Layout = "3x4" | "6x2" | "12x1";
type Decision = Mi["decision"];

/** The explanation of a label, or why there is none. */
type ExplanationResult = { explanation: Explanation; problem?: undefined } | { problem: Error };

/** A recording that was opened. */
interface Recording {
  name: string;
  files: File[];
  simulated: boolean;
  status: "waiting" | "reading" | "done" | "failed";
  /** By label, for those that were asked for. */
  explanations: Map<string, ExplanationResult>;
  /** For a table of numbers: what its file does not contain. */
  table?: TableFacts;
  answer?: Interpretation;
  /** Undefined if the recording is too long to draw. */
  tracing?: Tracing;
  problem?: Error;
}

type RecordingFiles = { name: string; files: File[]; simulated?: boolean };
type TableFacts = { rate: string; unit: string; leads?: string };
type Sample = { name: string; title: string; description: string };

interface State {
  recordings: Recording[];
  selected: Recording | null;
  layout: Layout;
  /** mm/s */
  speed: number;
  /** mm/mV */
  gain: number;
  /** Time in s at the left edge of the paper. */
  start: number;
  /** "auto", "fit", or a multiple of true scale. */
  zoom: "auto" | "fit" | number;
  /** Label of the finding whose explanation is shown. */
  explained: string | null;
}

/** How to draw a tracing: part of the state, and what depends on the place. */
interface PaperView {
  layout: Layout;
  speed: number;
  gain: number;
  start: number;
  /** Seconds to show at once. */
  shown?: number;
  /** Height in mm to fill if possible. */
  room?: number;
  /** Height in mm that may not be exceeded. */
  most?: number;
  /** Remark next to the name of each lead. */
  remarks?: Record<string, string>;
  explanation?: Explanation | null;
  simulated?: boolean;
}

/** Part of a lead on the paper; times in s. */
type Strip = { lead: string; row: number; at: number; start: number; end: number };
/** The trace of a strip in mm: `x` from its left end, `up` above its median. */
type Trace = { x: number[]; up: number[] };
/** A strip with its place on the paper in mm. */
type PlacedStrip = Strip & Trace & { left: number; right: number; zero: number };
/** A drawn paper; width and height in mm. */
type Paper = { node: SVGSVGElement; width: number; height: number; lines: PlacedStrip[] };
type Point = { x: number; y: number };
type CaliperReading = { ms: number; mv: number; rate: number | null };

/** The label that is explained, and what to do if another one is pressed. */
type ExplainControl = { label: string | null; toggle: (label: string, name: string) => void };

// The messages of a stream that is watched, and the list of streams.

type Alert = { active: boolean; since_s: number };
type CriticalAlert = CriticalValue & { since_s: number };
type ConfirmedRhythm = { code: string; name: string; since_s: number; previous: string | null };
type StTrend = {
  baseline: boolean;
  leads: Record<string, { st_mv: number; change_mv: number | null }>;
  alert: { since_s: number; leads: string[] } | null;
};
type StreamState = "live" | "silent" | "gone";
type StreamStatus = { state: StreamState; silent_s: number };
type StreamEntry = StreamStatus & {
  stream: string;
  name: string | null;
  seconds: number;
  heart_rate_bpm: number | null;
  alert: Alert | null;
  critical_alerts: CriticalAlert[];
  rhythm: ConfirmedRhythm | null;
};
type ReadyMessage = StreamStatus & {
  type: "ready";
  leads: string[];
  next_sequence: number | null;
  interval_s: number;
  warnings: Warning[];
};
/** `signal` is [lead][sample] in mV, null where a sample is missing. */
type SamplesMessage = { type: "samples"; time_s: number; rate_hz: number; signal: (number | null)[][] };
type AnswerMessage = {
  type: "answer";
  time_s: number;
  missing_s: number;
  detail: string;
  alert: Alert | null;
  critical_alerts: CriticalAlert[];
  rhythm: ConfirmedRhythm | null;
  st_trend: StTrend;
  interpretation: Interpretation | null;
};
type StreamMessage =
  | ReadyMessage
  | SamplesMessage
  | AnswerMessage
  | (StreamStatus & { type: "state" })
  | { type: "warning"; detail: string }
  | { type: "ended"; ended_by: string }
  | { type: "error"; problem: { detail: string; status: number } };
