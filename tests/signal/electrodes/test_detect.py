"""Exchanged electrodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven import examples
from einthoven.recording import LEADS
from einthoven.signal.bands import split
from einthoven.signal.electrodes.detect import DetectionInput, detect_exchange, detect_exchanges
from einthoven.signal.electrodes.values import Electrodes
from einthoven.simulate.exchanges import EXCHANGES, INDEPENDENT, SUSPECTED_AS, exchange
from einthoven.simulate.heart import normal_heart, rotation
from einthoven.simulate.tracing import ELECTRODES, Noise, Rhythm, tracing

CLEAR = [name for name in EXCHANGES if name not in ("RA/LL", "LA/LL", "V1/V2", "V4/V5", "V5/V6")]
"""Exchanges that every simulated heart shows."""


def simulated(axis: float = 0, seed: int = 0, rate: int = 500, *, mirrored: bool = False) -> np.ndarray:
    heart = {name: wave.rotate(rotation(axis, 0)) for name, wave in normal_heart().items()}
    if mirrored:
        heart = {name: wave.rotate(np.diag([-1.0, 1.0, 1.0])) for name, wave in heart.items()}
    noise = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), 0.01))
    (units,) = tracing(heart, Rhythm(70), noise, [rate], np.random.default_rng(seed))
    return np.ascontiguousarray(units.T / np.float32(1000))


def detected(signal: np.ndarray, rate: int = 500, leads=LEADS, lost=()) -> Electrodes:
    return detect_exchange(split(signal, rate), leads, lost)


@settings(max_examples=25, deadline=None)
@given(st.floats(-40, 25), st.integers(0, 1000), st.sampled_from([100, 500]), st.sampled_from(CLEAR))
def test_an_exchange_is_named_and_electrodes_in_their_places_are_not_suspected(axis, seed, rate, name):
    signal = simulated(axis, seed, rate)
    assert detected(signal, rate).suspected is None
    assert detected(exchange(signal, name), rate).suspected == SUSPECTED_AS.get(name, name)


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_heart_is_dextrocardia(seed):
    assert detected(simulated(seed=seed, mirrored=True)).suspected == "dextrocardia"


@pytest.mark.parametrize("name", [name for name in examples.names() if name != "leads-off"])
def test_the_examples_have_their_electrodes_in_their_places(name):
    recording = examples.recording(name)
    found = detected(recording.signal, round(recording.rate), recording.leads)
    assert found.suspected is None
    assert found.probability < 0.05


@pytest.mark.parametrize("lead", INDEPENDENT)
def test_with_a_needed_lead_missing_nothing_is_claimed(lead):
    rows = [k for k, name in enumerate(LEADS) if name != lead]
    signal = exchange(simulated(), "RA/LA")[rows]
    assert detected(signal, leads=[LEADS[k] for k in rows]) == Electrodes()


@pytest.mark.parametrize("lost", [["V1"], ["V6", "II"], ["I", "II"]])
def test_with_needed_leads_lost_nothing_is_claimed(lost):
    assert detected(exchange(simulated(), "RA/LA"), lost=lost) == Electrodes()


def test_several_signals_have_the_answers_of_each_alone():
    signals = [simulated(seed=seed) for seed in range(4)]
    signals = [signals[0], exchange(signals[1], "RA/LA"), exchange(signals[2], "V2 inverted"), -signals[3]]
    inputs = [DetectionInput(split(signal, 500), LEADS) for signal in signals]
    inputs.insert(1, inputs[0]._replace(lost=["V1"]))  # the network is not asked about it
    assert detect_exchanges(inputs) == [detect_exchange(*known) for known in inputs]
    assert detect_exchanges([]) == []


def test_a_flat_limb_lead_may_be_an_exchange():
    assert detected(exchange(simulated(), "RL/RA"), lost=["II"]).suspected == "RL/RA"


@pytest.mark.parametrize("lead", LEADS[:6])
def test_an_inverted_limb_lead_contradicts_the_others(lead):
    signal = simulated(axis=-10)
    signal[LEADS.index(lead)] *= -1
    assert detected(signal).suspected == f"{lead} inverted"


def test_without_two_beats_nothing_is_claimed():
    assert detected(np.zeros((12, 3000), np.float32)) == Electrodes()
