"""Long recordings: no median hides what a part of the recording shows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import einthoven.examples
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, Finding, InfarctPattern
from einthoven.interpret.consistency.segments import with_segments
from einthoven.interpret.consistency.values import Conclusion, CriticalValue, Reconciled
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.interpret.segment_results import Episode, TimeShare
from einthoven.recording import Recording

INFARCT = TimeShare("infarct", "MI", "infarct pattern", 0.25, 20.0, 1, Episode(40, 60))
CONCLUSIONS: tuple[Conclusion, ...] = ("normal", "borderline", "abnormal", "not interpreted")


def joined(*names: str) -> Recording:
    """Samples of 10 s, one after the other."""
    parts = [einthoven.examples.recording(name) for name in names]
    return replace(parts[0], signal=np.concatenate([part.signal for part in parts], axis=1))


@pytest.fixture(scope="module")
def with_infarct() -> Interpretation:
    names = ["normal"] * 4 + ["inferior-infarct"] * 2 + ["normal"] * 2
    return Interpreter.load("edge")(joined(*names))


def test_twenty_seconds_of_an_infarct_pattern_are_not_hidden(with_infarct: Interpretation) -> None:
    share = next(share for share in with_infarct.over_time if share.kind == "infarct")
    assert share.longest == Episode(40, 60)
    assert share.share == pytest.approx(0.25, abs=0.01)
    assert with_infarct.mi
    assert with_infarct.mi.decision != "rule-out"
    assert with_infarct.conclusion == "abnormal"
    assert not any(finding.label == "NORM" and finding.present for finding in with_infarct.findings)
    assert any("infarct pattern" in reason for reason in with_infarct.conclusion_reasons)


def test_rhythms_cover_the_whole_time(with_infarct: Interpretation) -> None:
    rhythms = [share for share in with_infarct.over_time if share.kind == "rhythm"]
    assert sum(share.share for share in rhythms) == pytest.approx(1, abs=1e-3)
    assert sum(share.seconds for share in rhythms) == pytest.approx(80)


def test_survives_json(with_infarct: Interpretation) -> None:
    assert with_infarct.over_time
    assert Interpretation.from_dict(with_infarct.to_dict()) == with_infarct


def test_one_segment_has_no_shares() -> None:
    assert not Interpreter.load("edge")(einthoven.examples.recording("normal")).over_time


def test_a_share_in_words() -> None:
    assert INFARCT.in_words == "infarct pattern: 25 % of the time, one episode of 20 s from 40 s"
    several = replace(INFARCT, share=0.001, episodes=3)
    assert several.in_words == "infarct pattern: <1 % of the time, the longest of 3 episodes 20 s from 40 s"


def answer(conclusion: Conclusion, decision: str = "rule-out") -> Reconciled:
    norm = Finding("NORM", "normal ECG", 0.9, conclusion == "normal", 0.5)
    mi = InfarctPattern(0.01, decision, 0.25, 0.5, 0.03)  # type: ignore[arg-type]
    acute = AcutePattern(0.01, decision)  # type: ignore[arg-type]
    critical = (CriticalValue("PAUSE", "pause", "Pause of 4.0 s."),) if conclusion == "abnormal" else ()
    return Reconciled(Answer(mi=mi, findings=(norm,), statements=(norm,)), acute, conclusion, (), critical)


@given(st.sampled_from(CONCLUSIONS), st.lists(st.sampled_from(CONCLUSIONS), min_size=2))
def test_the_whole_is_never_milder_than_a_segment(whole: Conclusion, segments: list[Conclusion]) -> None:
    shares = [INFARCT, replace(INFARCT, kind="acute", code="ACUTE")]
    if "abnormal" in segments:
        shares.append(TimeShare("critical", "PAUSE", "pause", 0.1, 10.0, 1, Episode(0, 10)))
    result = with_segments(answer(whole), [answer(conclusion) for conclusion in segments], shares)
    if whole != "not interpreted":
        assert result.acute
        assert result.answer.mi
        assert result.acute.decision == result.answer.mi.decision == "undecided"
        assert "infarct pattern" in (result.answer.mi.withheld_because or "")
    if "abnormal" in segments:
        assert [value.code for value in result.critical] == ["PAUSE"]
    if whole != "not interpreted":
        order = ("not interpreted", "normal", "borderline", "abnormal")
        assert order.index(result.conclusion) >= max(order.index(segment) for segment in segments)
    assert (result.conclusion == "normal") == any(f.present for f in result.answer.findings)


def test_one_segment_in_a_while_stands_for_the_time_until_the_next() -> None:
    names = (["normal"] * 3 + ["inferior-infarct"] * 3) * 2
    sampled = Interpreter.load("edge")(joined(*names), every_s=30)
    assert [segment.start_s for segment in sampled.segments] == [0, 30, 60, 90]
    infarct = next(share for share in sampled.over_time if share.kind == "infarct")
    assert (infarct.episodes, infarct.longest) == (2, Episode(30, 60))
    assert sampled.most_abnormal is None  # 30 s in a row are not interpreted
    text = "One segment of 10 s is interpreted every 30 s; what lies between is not."
    assert ("segments-sampled", text) in sampled.warnings
    assert sampled.conclusion == "abnormal"
