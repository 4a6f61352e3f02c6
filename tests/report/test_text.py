from dataclasses import replace
from datetime import datetime

import pytest
from example_results import CRITICAL, RECORDED

from einthoven import Interpreter, examples
from einthoven.errors import EinthovenError
from einthoven.interpret.answer import MI_IN_WORDS, Decision, Finding, InfarctPattern
from einthoven.interpret.comparison.values import Comparison
from einthoven.interpret.interpretation import NOTICE, Failure, Interpretation, ModelInfo
from einthoven.interpret.recording_info import QualityInfo, RecordingInfo
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import Excerpt
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import LEADS, Filters, RecordingWarning
from einthoven.report.comparison_text import comparison_heading
from einthoven.report.html import as_html
from einthoven.report.narrative import sentences
from einthoven.report.rows import as_row, columns
from einthoven.report.summary import format_filters
from einthoven.report.text import as_text
from einthoven.signal.measurements.values import Measurements

MI = InfarctPattern(0.2, "undecided", 0.25, 0.55, 0.03)
NORM = Finding("NORM", "normal ECG", 0.995, True, 0.3)
ANSWER = Interpretation(
    model=ModelInfo("default", "1", "ab" * 32),
    recording=RecordingInfo(
        source="ecg.dcm",
        format="DICOM",
        rate_hz=500,
        duration_s=10.0,
        short=False,
        leads=("I",) * 12,
        derived_leads=("III",),
        warnings=(RecordingWarning("calibration-pulse", "A pulse stands there."),),
    ),
    quality=QualityInfo(acceptable=True, reasons=(), arms_swapped=False, leads=()),
    warnings=(RecordingWarning("lead-quality", "V2 is noisy."),),
    mi=MI,
    findings=(NORM, Finding("CD", "conduction", 0.004, False, 0.3)),
    statements=(NORM, Finding("SR", "sinus rhythm", 0.995, True, 0.3)),
    heart_rate_bpm=71.6,
    rhythm=Rhythm("SR", "sinus rhythm", 71.6, True),
    measurements=Measurements(qrs_ms=92, qt_ms=400, qtc_bazett_ms=421, qtc_fridericia_ms=414, qrs_axis_degrees=-32),
)


@pytest.mark.parametrize("decision", MI_IN_WORDS)
def test_the_infarct_pattern_first_and_in_its_words(decision: Decision) -> None:
    lines = as_text(replace(ANSWER, mi=replace(MI, decision=decision))).splitlines()
    assert lines[0] == "ecg.dcm"
    words = MI_IN_WORDS[decision]
    assert lines[3] == f"INFARCT PATTERN?  {words[0].upper()}{words[1:]}."


def test_says_what_there_is() -> None:
    text = as_text(ANSWER)
    for part in (
        "III derived",
        "RHYTHM: Sinus rhythm, 72 bpm, regular.",
        "● normal",
        ">99 %",
        "○ conduction",
        "<1 %",
        "● sinus rhythm",
    ):
        assert part in text
    assert "- A pulse stands there." in text
    assert "PR unclear, QRS 92 ms, QT 400 ms, QTcB 421 ms, QTcF 414 ms, axis −32°\n" in text
    assert "- V2 is noisy." in text
    assert text.count("normal ECG") == 1
    assert text.endswith(f"{NOTICE}\n")
    assert max(map(len, text.splitlines())) <= 90


def test_a_comparison_has_a_section() -> None:
    words = "New: complete left bundle branch block. ST rose in V1 to V4 by up to 0.30 mV (at J in V2, limit 0.11 mV)."
    when = datetime(2026, 1, 1, 10, 11)
    comparison = Comparison("old.dcm", when, 3 * 86400, (), (), (), words)
    text = as_text(replace(ANSWER, comparison=comparison))
    assert "\nCompared with old.dcm, recorded 2026-01-01 10:11, 3 days earlier\n  New: complete left" in text
    assert max(map(len, text.splitlines())) <= 90
    assert f"{comparison_heading(comparison)}: {words}" in sentences(replace(ANSWER, comparison=comparison))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-7200, ", 2 hours later"),
        (600, ", 10 minutes earlier"),
        (800 * 86400, ", 2 years earlier"),
        (0, ""),
        (None, ""),
    ],
)
def test_the_time_between_two_ecgs(seconds: float | None, words: str) -> None:
    comparison = Comparison("old.dcm", None, seconds, (), (), (), "")
    assert comparison_heading(comparison) == f"Compared with the previous ECG{words}"


def test_when_with_which_recorder_and_through_which_filters() -> None:
    lines = as_text(replace(ANSWER, recording=RECORDED)).splitlines()
    assert lines[2] == "  Recorded 2026-01-01 10:11 UTC+01:00, Philips PageWriter TC70, 0.05-150 Hz, notch 50 Hz"
    some = replace(RECORDED, recorded_at=datetime(2026, 11, 28, 10, 42), device=None, filters=Filters(low_pass_hz=35))
    assert as_text(replace(ANSWER, recording=some)).splitlines()[2] == "  Recorded 2026-11-28 10:42, to 35 Hz"
    long = replace(RECORDED, device="A b" * 40)
    assert max(map(len, as_text(replace(ANSWER, recording=long)).splitlines())) <= 90


def test_in_tables_and_json() -> None:
    answer = replace(ANSWER, recording=RECORDED)
    stated = ("2026-01-01T10:11:12+01:00", "Philips PageWriter TC70", 0.05, 150, 50)
    names = ("recorded_at", "device", "high_pass_hz", "low_pass_hz", "notch_hz")
    assert tuple(as_row(answer)[name] for name in names) == stated
    assert {as_row(ANSWER).get(name) for name in names} == {None}
    assert "Recorded 2026-01-01 10:11 UTC+01:00, Philips PageWriter TC70, 0.05-150 Hz" in as_html(answer)
    facts = answer.to_dict()["recording"]
    assert (facts["recorded_at"], facts["device"], *facts["filters"].values()) == stated
    unknown = ANSWER.to_dict()["recording"]
    assert {unknown[name] for name in ("recorded_at", "device", "filters")} == {None}
    for result in (answer, ANSWER):
        assert Interpretation.from_dict(result.to_dict()) == result
    damaged = answer.to_dict() | {"recording": facts | {"recorded_at": "soon"}}
    with pytest.raises(EinthovenError, match="is not an interpretation"):
        Interpretation.from_dict(damaged)


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        (Filters(0.05, 150), "0.05-150 Hz"),
        (Filters(high_pass_hz=0.5), "from 0.5 Hz"),
        (Filters(notch_hz=60), "notch 60 Hz"),
        (Filters(None, 40, 50), "to 40 Hz, notch 50 Hz"),
    ],
)
def test_filters(filters: Filters, text: str) -> None:
    assert format_filters(filters) == text


def test_an_abstention() -> None:
    text = as_text(
        Interpretation(
            model=ANSWER.model,
            recording=ANSWER.recording,
            quality=ANSWER.quality,
            abstained_because=("V1 and V2 are off",),
        )
    )
    assert "NOT INTERPRETED\n  - V1 and V2 are off\n" in text
    assert "INFARCT" not in text


def test_a_long_recording() -> None:
    by_its_threshold = NORM._replace(label="MI", name="myocardial infarction")
    excerpt = Excerpt(mi=MI, findings=(NORM, by_its_threshold), start_s=70.0, end_s=100.0)
    recording = replace(ANSWER.recording, duration_s=3725.0)
    text = as_text(replace(ANSWER, recording=recording, most_abnormal=excerpt))
    assert "1:02:05 h at 500 Hz" in text
    assert "Most abnormal from 70 s to 100 s\n  - infarct pattern 20 %: undecided\n  - normal ECG >99 %" in text
    assert "acute or old" not in text


def test_rare_infarcts_are_told_by_more_than_whole_percents() -> None:
    rare = InfarctPattern(0.0031, "undecided", 0.005, 0.02, 0.00042)
    assert "probability 0.3 % at 0.5 % prevalence; thresholds: rule-in 2 %, rule-out 0.04 %" in as_text(
        replace(ANSWER, mi=rare)
    )


def test_a_file_that_failed() -> None:
    text = as_text(Failure("x.xml", "is no ECG."))
    assert text == "x.xml\nNOT READ\n  - is no ECG.\n"


def test_a_table_has_a_column_for_each_measurement_and_criterion() -> None:
    card = Interpreter.load("edge").bundle.card
    names = columns(card)
    row = as_row(CRITICAL)
    assert row["conclusion"] == "abnormal"
    assert row["critical"] == "STEMI;PAUSE"
    assert (row["rhythm"], row["rhythm_regular"], row["pauses"], row["longest_pause_s"]) == ("SR", True, 1, 3.4)
    assert (row["acute_decision"], row["acute_probability"], row["acute_territory"]) == ("rule-in", 0.93, "inferior")
    assert row["mi_territory"] == "inferior"
    assert (row["crit_STEMI-UDMI4"], row["crit_IVCD-AHA"], row["crit_SMITH-4V"]) == (True, False, None)
    assert (row["II_st_j_mv"], row["aVL_st_j60_mv"]) == (0.24, -0.1)
    assert row["possible"] == "QWAVE"
    assert len([name for name in names if name.endswith("_st_j_mv")]) == 12
    by_lead = [name.partition("_")[0] for name in names if name.partition("_")[0] in LEADS]
    assert by_lead == [lead for lead in LEADS for _ in range(13)]


def test_values_in_a_table_have_the_types_of_its_columns() -> None:
    kinds = columns(Interpreter.load("edge").bundle.card)
    answer = Interpreter.load("edge")(examples.recording("inferior-infarct"))
    row = as_row(answer)
    assert row.keys() <= kinds.keys()
    for name, value in row.items():
        assert value is None or isinstance(value, (int, float) if kinds[name] is float else kinds[name]), name
    assert {name for name in kinds if name.startswith("crit_")} == {f"crit_{c.code}" for c in answer.criteria}
    assert as_row(Failure("x.xml", "is no ECG.")) == {"source": "x.xml", "error": "is no ECG."}


def test_the_longest_names_fit_on_a_line() -> None:
    statements = tuple(Finding(label, statement.name, 1.0, False, 1.0, True) for label, statement in STATEMENTS.items())
    lines = as_text(replace(ANSWER, statements=statements)).splitlines()
    assert max(map(len, lines)) <= 90
    assert all(any(statement.name in line for line in lines) for statement in STATEMENTS.values())
