"""Answers in the published shape, made up."""

from dataclasses import replace
from typing import Any

from einthoven.interpret.interpretation import Answer, Decision, Finding, InfarctPattern, Interpretation, Score, Stretch
from einthoven.signal.intervals import Intervals
from einthoven.signal.quality import Quality

MODEL = {"name": "default", "version": "2026-01-01", "sha256": "ab" * 32}
RECORDING = {
    "source": "/home/Doe^Jane/ecg.dcm",
    "format": "DICOM",
    "rate_hz": 500.0,
    "duration_s": 10.0,
    "short": False,
    "leads": ["I"] * 12,
    "derived_leads": [],
    "warnings": ["2 more rhythm groups of the file are left out."],
}
FINDINGS = (
    Finding("NORM", "normal tracing", 0.1, False, 0.3),
    Finding("MI", "infarct pattern, acute or old", 0.5, True, 0.49),
    Finding("CD", "conduction disturbance", 0.9, True, 0.31),
)
STATEMENTS = (
    FINDINGS[0],
    Finding("CLBBB", "left bundle branch block, complete", 0.8, True, 0.4),
    Finding("AFIB", "atrial fibrillation", 0.95, True, 0.4),
    Finding("LAO/LAE", "left atrium overloaded or enlarged", 0.6, True, 0.4),
    Finding("IMI", "infarct pattern, inferior", 0.2, False, 0.4),
)
ANSWER = Answer(
    InfarctPattern(0.5, "undecided", 0.25, 0.55, 0.03), FINDINGS, STATEMENTS, (Score("PMI", "posterior", 0.99),)
)
INTERPRETATION = Interpretation(
    MODEL,
    RECORDING,
    Quality(acceptable=True, leads=(), beats_seen=True, arms_swapped=False),
    (),
    ("Paced rhythm: it imitates them.",),
    ANSWER,
    71.64,
    (),
    None,
    intervals=Intervals(164.2, 91.7, 398.8, 421.3, 413.5, -12.4),
)


def answered(decision: Decision = "undecided") -> dict[str, Any]:
    """An answer with a decision, whose probability does not matter here."""
    assert ANSWER.mi
    return replace(INTERPRETATION, answer=replace(ANSWER, mi=replace(ANSWER.mi, decision=decision))).to_dict()


def abstained() -> dict[str, Any]:
    """No answer, for two reasons."""
    reasons = ("V2 is flat", "V3 is noise")
    return replace(
        INTERPRETATION, abstained_because=reasons, answer=None, heart_rate_bpm=None, intervals=None
    ).to_dict()


def without_mi() -> dict[str, Any]:
    """Of a model that has no MI among its labels, over minutes."""
    answer = Answer(None, FINDINGS[2:], STATEMENTS[1:], ())
    return replace(INTERPRETATION, answer=answer, most_abnormal=Stretch(20, 50, answer)).to_dict()


FAILED = {"recording": {"source": "ecg.xml"}, "error": "is refused: No rhythm series."}
