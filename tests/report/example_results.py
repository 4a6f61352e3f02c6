"""Results, made up."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Decision, Finding, InfarctPattern, Score
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.criterion import LeadValue
from einthoven.interpret.interpretation import Failure, Interpretation, ModelInfo
from einthoven.interpret.recording_info import QualityInfo, RecordingInfo
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import Excerpt
from einthoven.recording import Filters, RecordingWarning
from einthoven.signal.beat_values import Pause
from einthoven.signal.measurements.values import LeadMeasurements, Measurements

MODEL = ModelInfo("default", "2026-01-01", "ab" * 32)
RECORDING = RecordingInfo(
    source="/home/Doe^Jane/ecg.dcm",
    format="DICOM",
    rate_hz=500.0,
    duration_s=10.0,
    short=False,
    leads=("I",) * 12,
    warnings=(RecordingWarning("rhythms-left-out", "2 more rhythm groups of the file are left out."),),
)
FINDINGS = (
    Finding("NORM", "normal ECG", 0.1, False, 0.3),
    Finding("MI", "myocardial infarction", 0.5, True, 0.49),
    Finding("CD", "conduction disturbance", 0.9, True, 0.31),
)
STATEMENTS = (
    FINDINGS[0],
    Finding("CLBBB", "left bundle branch block, complete", 0.8, True, 0.4),
    Finding("AFIB", "atrial fibrillation", 0.95, True, 0.4),
    Finding("LAO/LAE", "left atrial enlargement", 0.6, True, 0.4),
    Finding("IMI", "inferior myocardial infarction", 0.2, False, 0.4),
)
MI = InfarctPattern(0.5, "undecided", 0.25, 0.55, 0.03)
INTERPRETATION = Interpretation(
    mi=MI,
    findings=FINDINGS,
    statements=STATEMENTS,
    scores_only=(Score("PMI", "posterior", 0.99),),
    model=MODEL,
    recording=RECORDING,
    quality=QualityInfo(acceptable=True, reasons=(), arms_swapped=False, leads=()),
    warnings=(RecordingWarning("paced", "Paced rhythm: it imitates them."),),
    heart_rate_bpm=71.6,
    rhythm=Rhythm("AFIB", "atrial fibrillation", 71.6, False),
    measurements=Measurements(
        heart_rate_bpm=66.7,
        pr_ms=164,
        p_ms=102,
        qrs_ms=92,
        qt_ms=399,
        qtc_bazett_ms=421,
        qtc_fridericia_ms=414,
        qtc_framingham_ms=415,
        qtc_hodges_ms=411,
        p_axis_degrees=51,
        qrs_axis_degrees=-12,
        t_axis_degrees=40,
        leads={"V2": LeadMeasurements(q_mv=0.0, r_mv=0.62, s_mv=-1.1, t_mv=0.5, st_j_mv=0.05)},
    ),
)
RECORDED = replace(
    RECORDING,
    recorded_at=datetime(2026, 1, 1, 10, 11, 12, tzinfo=timezone(timedelta(hours=1))),
    device="Philips PageWriter TC70",
    filters=Filters(0.05, 150, 50),
)
"""A recording whose file states when, with which recorder and through which filters it was made."""
CRITICAL = replace(
    INTERPRETATION,
    critical=(
        CriticalValue("STEMI", "ST-elevation infarct pattern", "II 0.24, III 0.22 mV, limit 0.1 mV."),
        CriticalValue("PAUSE", "pause", "Pause of 3.4 s at 2.1 s, limit 3 s"),
    ),
    acute=AcutePattern(
        probability=0.93,
        decision="rule-in",
        territory=("inferior",),
        in_words="ST-elevation infarct pattern, inferior",
        prevalence=0.04,
        advice=("Repeat the ECG in 5 to 10 minutes.", "Record V4R and V7 to V9"),
        reasons=("ST at J II 0.24, III 0.22 mV", "Reciprocal depression in aVL -0.13 mV"),
    ),
    mi=replace(MI, decision="rule-in", territory=("inferior",), caveats=("LVH can imitate an infarct.",)),
    conclusion="abnormal",
    conclusion_reasons=("ST-elevation infarct pattern", "first-degree AV block: PR 236 ms, limit 200 ms."),
    rhythm=Rhythm(
        "SR",
        "sinus rhythm",
        75.1,
        True,
        "P waves lead all 12 beats.",
        pauses=(Pause(2.1, 3.4),),
        premature_ventricular=2,
    ),
    statements=(
        *STATEMENTS[2:],
        Finding("1AVB", "first-degree AV block", 0.3, True, None, False, "measurement", "PR 236 ms (limit 200 ms)."),
        Finding("AXL", "left axis deviation", None, True, None, False, "measurement", "axis -41°, limit -30°"),
        Finding("QWAVE", "Q waves", 0.2, False, 0.16, True),
    ),
    criteria=(
        Criterion(
            "STEMI-UDMI4",
            "ST elevation in two contiguous leads",
            True,
            {"II": LeadValue(0.24, 0.1), "III": LeadValue(0.22, 0.1)},
            "ST at J in contiguous leads at least 0.1 mV; II 0.24, III 0.22 mV.",
            "Thygesen 2018",
            "ST elevation",
        ),
        Criterion("PR-LONG", "PR interval above 200 ms", True, {}, "PR 236 ms (limit 200 ms).", "S", "conduction"),
        Criterion("GATE-GOEBEL", "pre-hospital gate", True, {}, "Holds.", "Goebel 2023", "ST elevation"),
        Criterion("IVCD-AHA", "intraventricular delay", False, {}, "QRS 92 ms.", "S", "conduction"),
        Criterion("SMITH-4V", "Smith's four variables", None, {}, "Applies only to ST elevation.", "S", "possible"),
    ),
    measurements=Measurements(
        heart_rate_bpm=75.1,
        pr_ms=236,
        leads={
            "II": LeadMeasurements(st_j_mv=0.24, st_j60_mv=0.3, st_j80_mv=0.31),
            "aVL": LeadMeasurements(st_j_mv=-0.13, st_j60_mv=-0.1, st_j80_mv=-0.004),
            "III": LeadMeasurements(st_j_mv=0.22),
        },
    ),
)
"""An acute infarct with all that can be said about it."""
FAILED = Failure("ecg.xml", "is refused: No rhythm series.")


def answered(decision: Decision = "undecided") -> Interpretation:
    """An answer with a decision, whose probability does not matter here."""
    return replace(INTERPRETATION, mi=replace(MI, decision=decision))


def abstained() -> Interpretation:
    """No answer, for two reasons."""
    return Interpretation(
        model=MODEL,
        recording=RECORDING,
        quality=INTERPRETATION.quality,
        abstained_because=("V2 is flat", "V3 is noise"),
        warnings=INTERPRETATION.warnings,
    )


def without_mi() -> Interpretation:
    """Of a model that has no MI among its labels, over minutes."""
    findings, statements = FINDINGS[2:], STATEMENTS[1:]
    return replace(
        INTERPRETATION,
        mi=None,
        findings=findings,
        statements=statements,
        scores_only=(),
        most_abnormal=Excerpt(findings=findings, statements=statements, start_s=20, end_s=50),
    )
