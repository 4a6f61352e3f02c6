"""Results, made up."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from einthoven.interpret.answer import Decision, Finding, InfarctPattern, Score
from einthoven.interpret.interpretation import Failure, Interpretation, ModelInfo
from einthoven.interpret.recording_info import QualityInfo, RecordingInfo
from einthoven.interpret.segment_results import Excerpt
from einthoven.recording import Filters, RecordingWarning
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
