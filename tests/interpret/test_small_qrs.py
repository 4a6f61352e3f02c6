from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven import Interpreter
from einthoven.arrays import Float32Array, Float64Array
from einthoven.examples import recording as example
from einthoven.interpret.decisions import MI, DecisionRule
from einthoven.interpret.part import Case, interpret_each, interpret_segments
from einthoven.interpret.small_qrs import USUAL_MV, check_small_qrs, qrs_size_mv
from einthoven.model.bundle import Bundle
from einthoven.recording import LEADS, Patient
from einthoven.signal.analysis import SegmentAnalysis, analyze_segments
from einthoven.signal.measurements.values import LeadMeasurements, Measurements
from einthoven.signal.segments import segments

CARD = Bundle.load("edge").card
RULE = DecisionRule(CARD, {})


class Model:
    """Remembers the signals that it is asked about, and answers that no label is likely."""

    def __init__(self) -> None:
        self.asked = list[Float32Array]()

    def scores(self, signals: Iterable[Float32Array], _rr: Iterable[Float64Array]) -> Iterator[Float64Array]:
        for signal in signals:
            self.asked.append(signal)
            yield np.full(len(CARD.labels), 0.01)


def analysis_of(gain: float) -> SegmentAnalysis:
    normal = example("normal")
    scaled = replace(normal, signal=normal.signal * np.float32(gain))
    (analysis,) = analyze_segments(segments(scaled, 100), LEADS, force=True)
    return analysis


def with_infarct(probability: float) -> Float64Array:
    return np.where(np.array(CARD.labels) == MI, probability, 0.1)


def test_the_size_is_that_of_the_largest_limb_and_chest_lead() -> None:
    leads = {
        "I": LeadMeasurements(q_mv=-0.1, r_mv=0.3, s_mv=-0.1),
        "II": LeadMeasurements(q_mv=0.0, r_mv=0.4, s_mv=-0.1),
        "V2": LeadMeasurements(q_mv=-2.0, r_mv=0.0, s_mv=0.0),
    }
    assert qrs_size_mv(Measurements(leads=leads)) == pytest.approx(1.0)
    assert qrs_size_mv(Measurements(leads={"I": leads["I"]})) is None
    assert qrs_size_mv(None) is None


def test_only_small_qrs_complexes_that_rule_in_are_enlarged() -> None:
    usual, small = analysis_of(1.5), analysis_of(0.5)
    sizes = [qrs_size_mv(analysis.measurements) or 0 for analysis in (usual, small)]
    assert sizes[1] < USUAL_MV <= sizes[0]
    model, refused = Model(), small._replace(interpretable=False)
    analyses = [usual, refused, small, small]
    probabilities = [with_infarct(0.9), None, with_infarct(0.9), with_infarct(0.3)]
    result = check_small_qrs(analyses, probabilities, model.scores, RULE)
    assert [analysis.infarct_if_enlarged is None for analysis in result] == [True, True, False, True]
    assert (result[2].infarct_if_enlarged or 0) < 0.1
    assert len(model.asked) == 1
    assert np.allclose(model.asked[0], small.model_input * (USUAL_MV / sizes[1]))


@settings(max_examples=10, deadline=None)
@given(gain=st.floats(0.4, 0.6))
def test_a_wrong_gain_does_not_change_the_enlarged_ecg(gain: float) -> None:
    model = Model()
    for of_gain in (0.5, gain):
        check_small_qrs([analysis_of(of_gain)], [with_infarct(0.9)], model.scores, RULE)
    first, second = model.asked
    assert np.abs(first - second).max() < 0.05 * np.abs(first).max()


def test_segments_of_usual_size_keep_their_probability() -> None:
    patient = Patient()
    usual, small = analysis_of(1.5), analysis_of(0.5)._replace(infarct_if_enlarged=0.2)
    parts = [usual, small, usual]
    part = interpret_each([Case(patient, each, with_infarct(0.9)) for each in parts], RULE)
    assert [each.evidence.infarct_if_enlarged for each in part] == [None, 0.2, None]
    whole = interpret_segments(patient, parts, part, [with_infarct(0.9)] * 3, RULE)
    assert whole.evidence.infarct_if_enlarged == pytest.approx(0.9)
    assert [each.reconciled.answer.mi and each.reconciled.answer.mi.decision for each in part][1] == "undecided"


def test_the_interpreter_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, scores = list[list[Float32Array]](), Bundle.batch_scores

    def remembered(
        bundle: Bundle, signals: Iterable[Float32Array], rr: Iterable[Float64Array] | None = None
    ) -> Iterator[Float64Array]:
        asked.append(list(signals))
        return scores(bundle, asked[-1], rr)

    monkeypatch.setattr(Bundle, "batch_scores", remembered)
    infarct = example("inferior-infarct")
    small = replace(infarct, signal=infarct.signal * np.float32(0.5))
    answer = Interpreter.load("edge")(small)
    assert answer.mi
    assert answer.mi.probability >= answer.mi.rule_in_from
    (given,), (enlarged,) = asked
    assert np.allclose(enlarged * (qrs_size_mv(answer.measurements) or 0), given * USUAL_MV, rtol=0.01, atol=0.01)
