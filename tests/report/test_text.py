import json

import pytest

from einthoven.interpret.interpretation import MI_IN_WORDS, NOTICE
from einthoven.report.text import as_text

MI = {
    "probability": 0.2,
    "decision": "undecided",
    "in_words": "undecided",
    "prevalence": 0.25,
    "rule_in_from": 0.55,
    "rule_out_below": 0.03,
}
FINDING = {"label": "NORM", "name": "normal tracing", "probability": 0.995, "present": True, "threshold": 0.3}
ANSWER = {
    "notice": NOTICE,
    "model": {"name": "default", "version": "1", "sha256": "ab" * 32},
    "recording": {
        "source": "ecg.dcm",
        "format": "DICOM",
        "rate_hz": 500,
        "duration_s": 10.0,
        "leads": ["I"] * 12,
        "derived_leads": ["III"],
        "warnings": ["A pulse stands there."],
    },
    "abstained": False,
    "abstained_because": [],
    "warnings": ["V2 is noisy."],
    "mi": MI,
    "findings": [FINDING, {**FINDING, "label": "CD", "name": "conduction", "probability": 0.004, "present": False}],
    "statements": [FINDING, {**FINDING, "label": "SR", "name": "sinus rhythm"}],
    "heart_rate_bpm": 71.6,
    "intervals": {
        "pr_ms": None,
        "qrs_ms": 92,
        "qt_ms": 400,
        "qtc_bazett_ms": 421,
        "qtc_fridericia_ms": 414,
        "axis_degrees": -32,
    },
    "most_abnormal": None,
    "explanations": [],
}


@pytest.mark.parametrize("decision", MI_IN_WORDS)
def test_the_infarct_pattern_first_and_in_its_words(decision: str) -> None:
    mi = {**MI, "decision": decision, "in_words": MI_IN_WORDS[decision]}  # type: ignore[index]
    lines = as_text({**ANSWER, "mi": mi}).splitlines()
    assert lines[0] == "ecg.dcm"
    words = MI_IN_WORDS[decision]  # type: ignore[index]
    assert lines[3] == f"INFARCT PATTERN?  {words[0].upper()}{words[1:]}."


def test_says_what_there_is() -> None:
    text = as_text(ANSWER)
    for part in ("III derived", "Heart rate 72", "● normal", ">99 %", "○ conduction", "<1 %", "● sinus rhythm"):
        assert part in text
    assert "- A pulse stands there." in text
    assert "PR unclear, QRS 92 ms, QT 400 ms, QTcB 421 ms, QTcF 414 ms, axis −32°\n" in text
    assert "- V2 is noisy." in text
    assert text.count("normal tracing") == 1
    assert text.endswith(f"{NOTICE}\n")
    assert max(map(len, text.splitlines())) <= 90


def test_an_abstention() -> None:
    nothing = {"mi": None, "findings": [], "statements": [], "heart_rate_bpm": None}
    text = as_text({**ANSWER, **nothing, "abstained": True, "abstained_because": ["V1 and V2 are off"]})
    assert "NOT INTERPRETED\n  - V1 and V2 are off\n" in text
    assert "INFARCT" not in text


def test_a_long_recording() -> None:
    found = [FINDING, {**FINDING, "label": "MI", "name": "infarct pattern, acute or old"}]  # by a threshold of its own
    stretch = {"start_s": 70.0, "end_s": 100.0, "mi": MI, "findings": found, "statements": [], "scores_only": []}
    recording = {**ANSWER["recording"], "duration_s": 3725.0}  # type: ignore[dict-item]
    text = as_text({**ANSWER, "recording": recording, "most_abnormal": stretch})
    assert "1:02:05 h at 500 Hz" in text
    assert "Most abnormal from 70 s to 100 s\n  - infarct pattern 20 %: undecided\n  - normal tracing >99 %" in text
    assert "acute or old" not in text


def test_rare_infarcts_are_told_by_more_than_whole_percents() -> None:
    rare = {**MI, "probability": 0.0031, "prevalence": 0.005, "rule_in_from": 0.02, "rule_out_below": 0.00042}
    assert "probability 0.3 % where 0.5 % of tracings show one; rule-in from 2 %, rule-out below 0.04 %" in as_text(
        {**ANSWER, "mi": rare}
    )


def test_a_file_that_failed() -> None:
    text = as_text(json.loads('{"recording": {"source": "x.xml"}, "error": "is no ECG."}'))
    assert text == "x.xml\nNOT READ\n  - is no ECG.\n"
