"""The outlier score accepts ECGs, refuses other signals, and gives reasons."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import einthoven
from einthoven.recording import LEADS
from einthoven.signal import outlier
from einthoven.signal.bands import split
from einthoven.signal.outlier import INDEPENDENT, Outlier, score
from einthoven.signal.resampling import resample
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

RATE = 100


def simulated_ecg(kind: str = "NORM", seed: int = 0, rate: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(np.full(len(ELECTRODES), 0.01), np.full(len(ELECTRODES), 0.004))
    (units,) = tracing(case.heart, case.rhythm, noise, [rate], rng)
    return np.ascontiguousarray(units.T / np.float32(1000))


def score_signal(signal: np.ndarray, rate: float = RATE, **options: tuple[str, ...]) -> Outlier:
    return score(split(np.asarray(signal, np.float32), rate), LEADS, **options)


def limb_leads(i: np.ndarray, ii: np.ndarray) -> list[np.ndarray]:
    return [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]


def test_simulated_ecgs_are_ecgs():
    result = [
        score_signal(simulated_ecg(kind, seed)) for kind in ("NORM", "MI", "STTC", "CD", "HYP") for seed in range(40)
    ]
    assert np.mean([outlier.reasons != () for outlier in result]) < 0.03
    assert max(outlier.contradiction for outlier in result) < 0.02


def test_the_rate_hardly_matters():
    for seed in range(10):
        at_500 = simulated_ecg(seed=seed, rate=500)
        at_100 = resample(at_500, 500, 100)
        assert score_signal(at_100).score == pytest.approx(score_signal(at_500, 500).score, rel=0.15)


TIME = np.arange(10 * RATE) / RATE
RNG = np.random.default_rng(0)
OTHERS = {
    "white noise": RNG.normal(0, 0.2, (12, TIME.size)),
    "drifting noise": RNG.normal(0, 0.02, (12, TIME.size)).cumsum(axis=1),
    "sine": 0.3 * np.sin(2 * np.pi * (1.3 * TIME + RNG.uniform(size=(12, 1)))),
    "steps": 0.3 * np.sign(np.sin(2 * np.pi * (1.3 * TIME + RNG.uniform(size=(12, 1))))),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_signals_do_not_run_like_an_ecg(name):
    signal = OTHERS[name].copy()
    signal[:6] = limb_leads(*signal[:2])
    result = score_signal(signal)
    assert result.spectrum > 1
    assert any("does not look like an ECG (outlier score" in reason for reason in result.reasons)


def test_wrong_units_are_named():
    signal = simulated_ecg()
    signal /= score_signal(signal).size
    usual = score_signal(signal)
    for factor in (20, 0.1):
        result = score_signal(signal * factor)
        assert result.size == pytest.approx(factor * usual.size, rel=1e-3)
        assert "times as large as usual in an ECG: the unit may be wrong" in result.reasons[0]
        assert (result.leads, result.spectrum) == pytest.approx((usual.leads, usual.spectrum), rel=1e-2)


@pytest.mark.parametrize("signal", [np.zeros((12, 1000)), np.full((12, 1000), 0.7), np.full((12, 1000), 1e-4)])
def test_without_signal_the_score_is_infinite(signal):
    result = score_signal(signal)
    assert result.score == np.inf
    assert result.reasons == ("none of the leads I, II, V1, V2, V3, V4, V5, V6 holds a signal",)


def test_copies_of_one_lead_do_not_go_together():
    signal = simulated_ecg()
    one = signal[10]
    result = score_signal(np.stack([*limb_leads(one, one), *[one] * 6]))
    assert result.leads > 1
    assert any("do not relate to each other" in sentence for sentence in result.reasons + result.doubts)


def test_exchanged_limb_leads_contradict_each_other():
    signal = simulated_ecg()
    exchanged = score_signal(signal[[0, 2, 1, *range(3, 12)]])
    assert exchanged.reasons[-1].startswith("the limb leads contradict each other")
    # None of them is there to contradict, or all were derived
    assert score_signal(signal[[0, 2, 1, *range(3, 12)]], derived=LEADS[2:6]).contradiction == 0
    assert score_signal(signal[[0, 2, 1, *range(3, 12)]], off=("II",)).contradiction == 0


@given(st.integers(0, 10**6), st.sets(st.sampled_from(LEADS), max_size=11))
def test_leads_off_flat_or_absent_are_the_same(seed, off):
    signal = simulated_ecg(seed=seed)
    flat = signal.copy()
    flat[[LEADS.index(lead) for lead in off]] = 0
    there = [lead for lead in LEADS if lead not in off]
    absent = score(split(signal[[LEADS.index(lead) for lead in there]], RATE), there)
    assert asdict(score_signal(flat)) == pytest.approx(asdict(absent))
    named = score_signal(signal, off=tuple(off))
    assert (named.leads, named.size, named.contradiction) == (absent.leads, absent.size, absent.contradiction)
    if set(there) & set(INDEPENDENT):
        assert absent.leads <= score_signal(signal).leads * 1.001
    else:
        assert absent.score == np.inf


def test_the_distance_leaves_out_what_is_not_known():
    scale = np.array([[1.0, 0, 0], [2, 1, 1], [4, 1, 1]])
    scatter = np.diag([1.0, 4, 1])
    assert outlier.distance(np.array([-5.0, 8, np.nan]), scale, scatter) == pytest.approx(5)  # 3 and 8 / 2 spreads
    assert outlier.distance(np.array([9.0, np.nan, np.nan]), scale, scatter) == pytest.approx(2)


def test_the_parameters_are_small_and_whole():
    assert outlier.PARAMETERS.stat().st_size < 20_000
    with np.load(outlier.PARAMETERS) as stored:
        for aspect in outlier.FITTED:
            scatter = stored[f"{aspect}_scatter"]
            assert np.linalg.eigvalsh(scatter).min() > 0
            assert stored[f"{aspect}_scale"].shape == (3, len(scatter))
            assert stored[f"{aspect}_scale"][1:].min() > 0


@pytest.mark.parametrize(
    "file",
    [
        "dicom/waveform_ecg.dcm",
        "scp-ecg/ecgtoolkit.scp",
        "hl7-aecg/fda-subject1.xml",
        "ge-muse/braveheart1.xml",
        "ge-muse/cvrg-250hz.xml",
        "philips-sierra/sierra-1.03.xml",
        "philips-sierra/sierra-1.04.01.xml",
    ],
)
def test_recorders_files_are_ecgs(file: str, test_data: Path):
    recording = einthoven.read(test_data / "formats" / file)
    bands = split(recording.signal, recording.rate)
    assert score(bands, recording.leads, derived=recording.derived_leads).reasons == ()


def test_a_simulator_with_one_wave_in_all_leads_is_found(test_data: Path):
    recording = einthoven.read(test_data / "formats/scp-ecg/welch-allyn-600hz.scp")
    result = score(split(recording.signal, recording.rate), recording.leads, derived=recording.derived_leads)
    assert result.leads > 1 > result.spectrum


def test_ptbxl(test_data: Path):
    from einthoven.datasets.dataset import Dataset

    dataset = Dataset.open(test_data / "ptbxl")
    rows = dataset.rows((9,))[::4]
    signals = [dataset.signals[row] / np.float32(1000) for row in rows]
    rng = np.random.default_rng(0)
    assert np.mean([score_signal(signal).reasons != () for signal in signals]) < 0.02
    shuffled = [score_signal(signal[rng.permutation(12)]).reasons != () for signal in signals]
    assert np.mean(shuffled) > 0.98
    chest = [score_signal(signal[[*range(6), *6 + rng.permutation(6)]]) for signal in signals]
    assert np.mean([result.reasons != () for result in chest]) > 0.5
    assert np.mean([result.reasons + result.doubts != () for result in chest]) > 0.8
