"""The shared words: every output says the same, in the clinical order, with its reasons."""

from dataclasses import replace

import pytest
from example_results import CRITICAL, INTERPRETATION, MI
from hypothesis import given
from hypothesis import strategies as st

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import Episode, TimeShare
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import Patient
from einthoven.report.answer_text import (
    acute_facts,
    acute_text,
    conclusion_text,
    criterion_text,
    critical_text,
    finding_reason,
    infarct_text,
    over_time_texts,
    rhythm_text,
    sentence,
)
from einthoven.report.clinical_order import TOPICS, criterion_topic, finding_topic, met_criteria, sections
from einthoven.report.html import as_html
from einthoven.report.narrative import sentences
from einthoven.report.rows import as_row
from einthoven.report.st_table import format_mv, st_is_abnormal, st_table
from einthoven.report.text import as_text
from einthoven.signal.beat_values import Pause
from einthoven.signal.measurements.values import Measurements


def test_a_critical_value_names_itself_once() -> None:
    assert [critical_text(value) for value in CRITICAL.critical] == [
        "ST-elevation infarct pattern: II 0.24, III 0.22 mV, limit 0.1 mV.",
        "Pause of 3.4 s at 2.1 s, limit 3 s.",
    ]
    assert critical_text(CriticalValue("WCT", "wide-complex tachycardia", "")) == "Wide-complex tachycardia."


def test_an_answer_about_an_acute_infarct_names_the_territory_once() -> None:
    assert CRITICAL.acute
    assert acute_text(CRITICAL.acute) == "ST-elevation infarct pattern, inferior."
    unnamed = replace(CRITICAL.acute, in_words="ST-elevation infarct pattern", territory=("inferior", "posterior"))
    assert acute_text(unnamed) == "ST-elevation infarct pattern: inferior, posterior."
    assert acute_facts(unnamed)[:2] == ["Probability 93 % at 4 % prevalence.", "ST at J II 0.24, III 0.22 mV."]
    assert acute_facts(AcutePattern()) == []
    stated = replace(unnamed, reasons=("STEMI criteria.",), rule_in_from=0.193, rule_out_below=0.0045)
    assert acute_facts(stated) == [
        "Probability 93 % at 4 % prevalence; thresholds: rule-in 19 %, rule-out 0.4 %.",
        "STEMI criteria.",
    ]


def test_a_withheld_answer_says_why() -> None:
    withheld = AcutePattern(in_words="not answered", withheld_because="left bundle branch block.")
    assert acute_text(withheld) == "Not answered: left bundle branch block."
    mi = replace(MI, withheld_because="Paced rhythm", territory=("inferior",))
    assert infarct_text(mi) == "Undecided: Paced rhythm."
    assert infarct_text(replace(MI, decision="rule-in", territory=("inferior",))) == (
        "Infarct pattern, acute or old: inferior."
    )


@pytest.mark.parametrize(
    ("rhythm", "text"),
    [
        (Rhythm("SR", "sinus rhythm", 75.4, True), "Sinus rhythm, 75 bpm, regular"),
        (Rhythm("NO-BEATS", "no organised beats"), "No organised beats"),
        (
            Rhythm("SR", "sinus rhythm, 2 premature ventricular complexes", 97.2, False, premature_ventricular=2),
            "Sinus rhythm, 97 bpm, irregular, 2 premature ventricular complexes",
        ),
        (
            Rhythm("3AVB", "third-degree AV block", 38.2, True, p_waves="dissociated", atrial_rate_bpm=81.0),
            "Third-degree AV block, 38 bpm, regular, atrial rate 81 bpm",
        ),
        (
            Rhythm(
                "SR", "sinus rhythm", 60.0, False, pauses=(Pause(1.0, 2.2), Pause(4.0, 3.1)), premature_ventricular=1
            ),
            "Sinus rhythm, 60 bpm, irregular, 1 premature ventricular complex, 2 pauses, the longest of 3.1 s at 4.0 s",
        ),
    ],
)
def test_the_rhythm_line(rhythm: Rhythm, text: str) -> None:
    assert rhythm_text(rhythm) == text


def test_the_conclusion_with_its_reasons() -> None:
    assert conclusion_text(CRITICAL) == (
        "Abnormal: ST-elevation infarct pattern; first-degree AV block: PR 236 ms, limit 200 ms."
    )
    assert conclusion_text(replace(CRITICAL, conclusion="normal", conclusion_reasons=())) == "Normal ECG."
    reasons = ("Atrial fibrillation.", "QTcF 502 ms.", "Barcelona algorithm: aVL.")
    words = "Borderline: atrial fibrillation; QTcF 502 ms; Barcelona algorithm: aVL."
    assert conclusion_text(replace(CRITICAL, conclusion="borderline", conclusion_reasons=reasons)) == words


def test_a_statement_that_is_measured_says_so() -> None:
    by_label = {finding.label: finding for finding in CRITICAL.statements}
    assert finding_reason(by_label["1AVB"]) == "measured: PR 236 ms (limit 200 ms)"
    assert finding_reason(by_label["AFIB"]) == ""


@given(st.text())
def test_sentences_begin_and_end_as_sentences(words: str) -> None:
    text = sentence(words)
    assert not text or (text[-1] in ".?!" and text.strip() == text)


def test_statements_and_criteria_come_in_the_clinical_order() -> None:
    topics = [section.topic for section in sections(CRITICAL)]
    assert set(topics) > {"rhythm", "axis", "intervals", "conduction", "infarct"}
    assert topics == sorted(topics, key=TOPICS.index)
    (axis,) = (section for section in sections(CRITICAL) if section.topic == "axis")
    assert [finding.name for finding in axis.findings] == ["left axis deviation"]


def test_a_criterion_that_a_statement_gives_as_its_reason_is_not_repeated() -> None:
    conduction = Finding(
        "LPR", "prolonged PR interval", 0.3, True, None, False, "criteria", "PR 236 ms (limit 200 ms)."
    )
    shown = [c.code for section in sections(CRITICAL) for c in section.criteria]
    assert "PR-LONG" in shown
    repeated = replace(CRITICAL, statements=(*CRITICAL.statements, conduction))
    assert "PR-LONG" not in [c.code for section in sections(repeated) for c in section.criteria]


def test_a_gate_that_holds_is_not_abnormal() -> None:
    assert [criterion.code for criterion in met_criteria(CRITICAL.criteria)] == ["STEMI-UDMI4", "PR-LONG"]


@pytest.mark.parametrize("label", STATEMENTS)
def test_every_statement_has_a_topic(label: str) -> None:
    assert finding_topic(Finding(label, STATEMENTS[label].name, 0.9, True, 0.5)) in set(TOPICS) - {"other"}


def test_every_criterion_has_a_topic_and_words() -> None:
    for criterion in evaluate_criteria(Measurements(), Patient(), Context()):
        assert criterion_topic(criterion) in TOPICS
        assert criterion_text(criterion).startswith(sentence(criterion.name)[:-1])


def test_nothing_that_is_present_is_lost_in_the_order() -> None:
    shown = [finding for section in sections(CRITICAL) for finding in section.findings]
    assert len(shown) == len(set(shown))
    expected = {f.label for f in CRITICAL.findings + CRITICAL.statements if f.reported} - {"MI"}
    assert {finding.label for finding in shown} == expected


def test_the_st_table_marks_the_limits_that_count() -> None:
    rows = st_table(CRITICAL)
    assert [(row.lead, row.limit_reached) for row in rows] == [("II", True), ("III", True), ("aVL", False)]
    assert st_is_abnormal(CRITICAL)
    assert not st_is_abnormal(INTERPRETATION)
    assert [format_mv(value) for value in (0.24, -0.13, -0.004, 0.0, None)] == ["+0.24", "−0.13", "0.00", "0.00", "–"]


def test_the_answer_comes_first_then_rhythm_then_the_rest() -> None:
    for text in (as_text(CRITICAL), as_html(CRITICAL).replace("&#x27;", "'"), " ".join(sentences(CRITICAL))):
        lower = text.lower()
        places = [
            lower.index(words)
            for words in (
                "critical: st-elevation infarct",
                "acute infarct?",
                "repeat the ecg in 5 to 10 minutes.",
                "infarct pattern?",
                "lvh can imitate",
                "sinus rhythm, 75 bpm, regular",
                "conclusion: abnormal: st-elevation",
            )
        ]
        assert places == sorted(places)


def test_the_text_has_the_st_table_and_reasons() -> None:
    text = as_text(CRITICAL)
    assert "ST (mV)   II*  III*   aVL\n  J     +0.24 +0.22 −0.13\n  J+60  +0.30     – −0.10\n" in text
    assert "measured: PR 236 ms (limit 200 ms)" in text
    assert "- criterion met: ST elevation in two contiguous leads: ST at J in contiguous" in text
    assert "◐ possible Q waves" in text
    assert "SMITH-4V" not in text
    assert "ST (mV)" not in as_text(INTERPRETATION)
    assert max(map(len, text.splitlines())) <= 90


def test_more_on_request() -> None:
    text = as_text(CRITICAL, verbose=True)
    assert "Criteria not met\n  - IVCD-AHA: Intraventricular delay: QRS 92 ms.\n" in text
    assert (
        "Criteria that could not be evaluated\n  - SMITH-4V: Smith's four variables: Applies only to ST elevation.\n"
        in text
    )
    assert "ST (mV)" in as_text(INTERPRETATION, verbose=True)
    assert max(map(len, text.splitlines())) <= 90


def test_a_normal_answer_is_short() -> None:
    normal = replace(
        INTERPRETATION,
        conclusion="normal",
        statements=(Finding("SR", "sinus rhythm", 0.98, True, 0.5),),
        criteria=tuple(c._replace(met=False) for c in CRITICAL.criteria),
    )
    assert len(as_text(normal).splitlines()) <= 30


def test_names_of_criteria_never_promise_an_answer_for_the_unknown() -> None:
    unknown = Criterion("X", "name", None, {}, "Not measured: V1.", "S", "possible")
    assert criterion_text(unknown) == "Name: Not measured: V1."


def test_the_shares_of_a_longer_recording() -> None:
    share = TimeShare("rhythm", "AFIB", "atrial fibrillation", 0.453, 272.0, 2, Episode(30.0, 150.0))
    words = "Atrial fibrillation: 45 % of the time, the longest of 2 episodes 2:00 min from 30 s"
    assert over_time_texts([share]) == [words]
    whole = replace(share, share=1.0, episodes=1, longest=Episode(0.0, 60.0))
    assert over_time_texts([whole]) == ["Atrial fibrillation: 100 % of the time, one episode of 60 s from 0 s"]
    assert over_time_texts([replace(share, kind="critical"), share]) == [words]
    long = replace(CRITICAL, over_time=(share,) * 10)
    assert "OVER TIME\n  - Atrial fibrillation: 45 %" in as_text(long)
    assert "  - 2 more with --verbose\n" in as_text(long)
    assert as_text(long, verbose=True).count("Atrial fibrillation: 45 %") == 10
    assert as_row(replace(CRITICAL, over_time=(share,)))["over_time"] == words
