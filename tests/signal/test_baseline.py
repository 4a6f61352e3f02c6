import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven import Interpreter, Recording
from einthoven.recording import LEADS
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.baseline import KEEP_BELOW_MV, REMOVE_ABOVE_MV, remove_offset
from einthoven.signal.quality import LeadQuality
from einthoven.signal.segments import segments
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

Signal = NDArray[np.float32]
V2 = LEADS.index("V2")


@pytest.fixture(scope="module")
def signal() -> Signal:
    rng = np.random.default_rng(0)
    case = draw_case("NORM", rng, rng)
    noise = Noise(wander=np.full(len(ELECTRODES), 0.03), muscle=np.full(len(ELECTRODES), 0.005))
    return np.asarray(tracing(case.heart, case.rhythm, noise, (500,), rng)[0].T / 1000, np.float32)


def model_input(signal: Signal) -> Signal:
    """What the model sees."""
    (analysis,) = analyze_segments(segments(Recording(signal, 500, LEADS), 100), LEADS, force=True)
    return analysis.model_input


def test_what_lies_on_the_zero_line_is_left_as_it_is(signal: Signal) -> None:
    (segment,) = segments(Recording(signal, 500, LEADS), 100)
    assert np.array_equal(model_input(signal), segment.resampled)


def test_offsets_are_taken_off(signal: Signal) -> None:
    offsets = np.linspace(-5, 5, 12, dtype=np.float32)[:, None]
    np.testing.assert_allclose(model_input(signal + offsets), model_input(signal), atol=KEEP_BELOW_MV)


def test_no_answer_hangs_on_a_hair() -> None:
    leads = [LeadQuality("I", (), 0.0, (False,) * 10)]
    left = [remove_offset(np.full((1, 1000), offset, np.float32), leads)[0][0, 0] for offset in np.arange(0, 1, 0.001)]
    assert np.abs(np.diff(left)).max() < 0.004
    assert left[int(1000 * KEEP_BELOW_MV)] == pytest.approx(KEEP_BELOW_MV)
    assert max(left[int(1000 * REMOVE_ABOVE_MV) + 1 :]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("level", [0.0, 1.0, 32.767, -32.768])
def test_a_lead_that_is_off_is_zero_wherever_it_lies(level: float, signal: Signal) -> None:
    off = signal.copy()
    off[V2] = level
    without = model_input(off)
    assert not without[V2].any()
    others = [k for k in range(12) if k != V2]
    assert np.array_equal(without[others], model_input(signal)[others])


def test_what_is_read_of_a_lead_that_comes_off_stays(signal: Signal) -> None:
    off = signal.copy()
    off[V2, 4000:] = 1.0
    part = model_input(off)[V2]
    assert not part[800:].any()
    np.testing.assert_allclose(part[:790], model_input(signal)[V2, :790], atol=KEEP_BELOW_MV)


@pytest.mark.parametrize("model", ["default", "edge"])
def test_neither_offsets_nor_an_electrode_that_is_off_make_an_infarct(model: str, signal: Signal) -> None:
    interpreter = Interpreter.load(model)
    recording = Recording(signal, 500, LEADS)
    usual = interpreter(recording)
    lifted = interpreter(dataclasses.replace(recording, signal=signal + np.float32(8)))
    assert lifted.mi
    assert usual.mi
    assert lifted.mi.decision == usual.mi.decision == "rule-out"
    assert [warning.code for warning in lifted.warnings] == ["offset-removed"]
    assert not usual.warnings
    off = signal.copy()
    off[V2] = 32.767
    answer = interpreter(dataclasses.replace(recording, signal=off))
    assert answer.mi
    assert answer.mi.probability < 0.1
    assert answer.warnings[0] == ("lead-quality", "V2 is off.")
    assert {warning.code for warning in answer.warnings} == {"lead-quality", "infarct-withheld", "leads-lost"}
    assert answer.mi.decision == "undecided"
