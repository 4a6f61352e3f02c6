"""The quality gate finds what is wrong with disturbed signals, and nothing in clean ones."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.recording import LEADS
from einthoven.signal.quality import Quality, assess, overall_quality
from einthoven.signal.quality.gate import LOST_LIMIT, PROBLEM_TEXTS
from einthoven.signal.resampling import resample
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

RATE = 500
TIME = np.arange(10 * RATE) / RATE


def clean(kind: str = "NORM", seed: int = 0, rate: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(np.full(len(ELECTRODES), 0.01), np.full(len(ELECTRODES), 0.004))
    (units,) = tracing(case.heart, case.rhythm, noise, [rate], rng)
    return np.ascontiguousarray(units.T / np.float32(1000))


def problems(quality: Quality, lead: str) -> tuple[str, ...]:
    return next(assessed.problems for assessed in quality.leads if assessed.lead == lead)


@settings(max_examples=40)
@given(st.sampled_from(["NORM", "MI", "STTC", "CD", "HYP"]), st.integers(0, 10**6), st.sampled_from([100, 250, 500]))
def test_clean_simulated_tracings_are_acceptable(kind, seed, rate):
    quality = assess(clean(kind, seed, rate), rate, LEADS)
    assert quality.acceptable
    assert quality.reasons == ()


def test_little_is_found_in_clean_simulated_tracings():
    """A chest lead may be small, a heart may pause, its axis may point to the right."""
    qualities = [
        assess(clean(kind, seed, 100), 100, LEADS) for kind in ("NORM", "MI", "STTC", "CD") for seed in range(50)
    ]
    assert np.mean([lead.problems != () for quality in qualities for lead in quality.leads]) < 0.01


def test_nothing_is_found_in_a_clean_tracing():
    quality = assess(clean(), RATE, LEADS)
    assert quality.problems == ()
    assert [lead.lead for lead in quality.leads] == list(LEADS)
    assert all(lead.lost_share == 0 for lead in quality.leads)


PUT_IN = {
    "off": lambda v: 0 * v,
    "flat": lambda v: np.where((TIME > 3) & (TIME < 6), 0, v),
    "saturated": lambda v: np.where((TIME > 4) & (TIME < 4.5), 5, v),
    "noise": lambda v: v + np.random.default_rng(0).normal(0, 0.15, v.shape),
    "wander": lambda v: v + np.sin(2 * np.pi * 0.2 * TIME),
    "steps": lambda v: v + 3 * (TIME > 5),
}


@pytest.mark.parametrize("row", [6, 7, 10])
@pytest.mark.parametrize("problem", PUT_IN)
def test_what_is_put_in_is_found_in_that_lead_alone(problem, row):
    signal = clean()
    signal[row] = PUT_IN[problem](signal[row])
    quality = assess(signal, RATE, LEADS)
    assert problem in problems(quality, LEADS[row])
    assert all(lead.problems == () for lead in quality.leads if lead.lead != LEADS[row])
    assert quality.acceptable  # one bad lead of twelve


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_is_found(mains):
    signal = clean()
    signal[6:] += np.float32(0.15) * np.sin(2 * np.pi * mains * TIME, dtype=np.float32)
    quality = assess(signal, RATE, LEADS)
    assert quality.problems == ("V1, V2, V3, V4, V5 and V6 are disturbed by mains hum",)
    assert quality.acceptable


@given(st.sets(st.sampled_from(LEADS[6:]), min_size=2), st.sampled_from([0, 1.5]))
@settings(max_examples=20)
def test_two_chest_leads_off_are_too_many(off, level):
    signal = clean()
    for lead in off:
        signal[LEADS.index(lead)] = level
    quality = assess(signal, RATE, LEADS)
    names = [lead for lead in LEADS if lead in off]
    assert not quality.acceptable
    assert quality.reasons == (f"{', '.join(names[:-1])} and {names[-1]} are off",)


def test_a_lead_that_has_hum_and_no_heart_is_off():
    signal = clean()
    signal[7] = 0.02 * np.sin(2 * np.pi * 50 * TIME)
    assert "off" in problems(assess(signal, RATE, LEADS), "V2")


def test_a_limb_lead_across_the_axis_is_not_off():
    signal = clean()
    rng = np.random.default_rng(0)
    signal[2] = 0.02 * rng.normal(size=signal.shape[1])  # III is small, I and II are not
    assert problems(assess(signal, RATE, LEADS), "III") == ()


def test_large_beats_are_not_leaps():
    large = clean() * np.float32(5)
    assert np.ptp(large, axis=1).max() > 8
    assert assess(large, RATE, LEADS).acceptable


@given(st.floats(100, 2000), st.floats(2.5, 15), st.integers(1, 12))
@settings(max_examples=30)
def test_any_noise_can_be_assessed_and_the_answer_is_the_same_each_time(rate, seconds, leads):
    signal = np.random.default_rng(leads).normal(size=(leads, int(np.ceil(seconds * rate)))).astype(np.float32)
    quality = assess(signal, rate, LEADS[:leads])
    assert quality == assess(signal.copy(), rate, LEADS[:leads])
    assert all(0 <= lead.lost_share <= 1 and set(lead.problems) <= set(PROBLEM_TEXTS) for lead in quality.leads)
    lost = np.mean([lead.lost_share for lead in quality.leads])
    assert quality.acceptable == (quality.has_beats and lost <= LOST_LIMIT)
    assert bool(quality.reasons) != quality.acceptable


@given(st.floats(-300, 300))
@settings(max_examples=20)
def test_an_electrode_s_offset_changes_nothing(offset):
    signal = clean()
    moved = signal + np.float32(offset)
    assert assess(moved, RATE, LEADS).acceptable
    assert assess(moved, RATE, LEADS).problems == ()


@pytest.mark.parametrize("problem", [p for p in PUT_IN if p != "saturated"])
def test_at_100_hz_the_same_is_found(problem):
    signal = clean()
    signal[7] = PUT_IN[problem](signal[7])
    assert problem in problems(assess(resample(signal, RATE, 100), 100, LEADS), "V2")


@pytest.mark.parametrize("level", [0, -3, 80])
@pytest.mark.parametrize("rate", [100, 500])
@pytest.mark.parametrize("leads", [LEADS, LEADS[:2]])
def test_nothing_at_all_is_refused(level, rate, leads):
    quality = assess(np.full((len(leads), 10 * rate), level, np.float32), rate, leads)
    assert not quality.acceptable
    assert quality.reasons == ("all leads are off", "no heartbeats stand out")
    assert quality.problems == quality.reasons


@pytest.mark.parametrize("recorded", [LEADS[:1], LEADS[1:2], LEADS[:2], LEADS[:6], LEADS[6:]])
def test_leads_that_stand_there_as_zeros_are_off_and_the_others_are_not(recorded):
    missing = [lead for lead in LEADS if lead not in recorded]
    signal = clean()
    signal[[LEADS.index(lead) for lead in missing]] = 0
    quality = assess(signal, RATE, LEADS)
    assert not quality.acceptable
    assert quality.reasons == (f"{', '.join(missing[:-1])} and {missing[-1]} are off",)
    assert all(problems(quality, lead) == () for lead in recorded)
    alone = assess(signal[[LEADS.index(lead) for lead in recorded]], RATE, recorded)
    assert alone.acceptable
    assert alone.problems == ()


@pytest.mark.parametrize("rate", [100, 500, 1000])
def test_two_and_a_half_seconds_are_enough(rate):
    signal = clean(rate=rate)[:, : int(2.5 * rate)]
    assert assess(signal, rate, LEADS).problems == ()
    signal[7] = 0
    quality = assess(signal, rate, LEADS)
    assert quality.acceptable
    assert quality.problems == ("V2 is off",)


def test_a_short_flat_tail_does_no_harm_and_a_long_one_is_said_or_refused():
    signal = clean()
    signal[:, int(9.5 * RATE) :] = 0
    assert assess(signal, RATE, LEADS).problems == ()
    signal[:, 9 * RATE :] = 0
    quality = assess(signal, RATE, LEADS)
    assert quality.acceptable
    assert quality.problems == ("all leads are flat at times",)
    signal[:, 7 * RATE :] = 0
    quality = assess(signal, RATE, LEADS)
    assert not quality.acceptable
    assert quality.reasons == ("all leads are flat at times",)


@pytest.mark.parametrize("leads", [LEADS, LEADS[1:2], LEADS[6:]])
def test_noise_without_a_heart_is_refused_even_if_all_leads_agree(leads):
    noise = np.random.default_rng(0).normal(0, 0.2, (1, 10 * RATE)).astype(np.float32)
    quality = assess(np.repeat(noise, len(leads), axis=0), RATE, leads)
    assert not quality.acceptable
    who = "all leads are" if len(leads) > 1 else f"{leads[0]} is"
    assert quality.reasons == (f"{who} noisy", "no heartbeats stand out")


def test_fibrillating_ventricles_are_not_called_off():
    angle = 2 * np.pi * 5 * TIME + np.cumsum(np.random.default_rng(0).normal(0, 0.05, len(TIME)))
    signal = np.stack([0.5 * np.sin(angle + lead) for lead in range(12)]).astype(np.float32)
    quality = assess(signal, RATE, LEADS)
    assert not quality.acceptable
    assert quality.reasons == ("no heartbeats stand out",)


def test_reasons_do_not_name_what_refuses_nothing():
    signal = clean() + np.sin(2 * np.pi * 0.2 * TIME, dtype=np.float32)
    signal[6:8, 3 * RATE : 6 * RATE] = 0
    signal[8] = 0
    quality = assess(signal, RATE, LEADS)
    assert quality.reasons == ("V3 is off", "V1 and V2 are flat at times")
    assert "I, II, III, aVR, aVL, aVF, V1, V2, V4, V5 and V6 are wandering" in quality.problems


def test_a_recording_of_parts_is_fit_where_one_is_and_says_why_it_is_not():
    off = {}
    for first in (6, 8, 10):
        signal = clean()
        signal[first : first + 2] = 0
        off[first] = assess(signal, RATE, LEADS)
    fit = assess(clean(), RATE, LEADS)
    assert overall_quality([off[6], fit, fit]).problems == ()
    assert overall_quality([off[6], fit]).acceptable
    assert overall_quality([off[6], fit]).problems == ("V1 and V2 are off",)
    nothing = overall_quality(list(off.values()))
    assert not nothing.acceptable
    assert nothing.reasons == ("V1, V2, V3, V4, V5 and V6 are off",)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(value):
    signal = clean()
    signal[3, 100] = value
    with pytest.raises(ValueError, match="NaN or infinite"):
        assess(signal, RATE, LEADS)


@pytest.mark.parametrize("shape", [(12,), (11, 1000), (0, 1000)])
def test_names_that_do_not_fit_are_refused(shape):
    leads = () if shape[0] == 0 else LEADS
    with pytest.raises(ValueError, match="leads, samples"):
        assess(np.zeros(shape, np.float32), 100, leads)


def test_challenge_2011(test_data: Path):
    """The figures that stand in docs/explanation/quality.md for the rule as shipped."""
    soundfile = pytest.importorskip("soundfile")
    folder = test_data / "quality"
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    signals = soundfile.read(str(folder / "signals.flac"), dtype="int16")[0].reshape(-1, 12, 5000)
    with (folder / "labels.csv").open() as file:
        unacceptable = np.array([row["quality"] == "unacceptable" for row in csv.DictReader(file)])
    refused = np.array([not assess(s * np.float32(0.005), RATE, LEADS).acceptable for s in signals])
    assert (refused == unacceptable).sum() == 226
    assert refused[unacceptable].sum() == 41
    assert refused[~unacceptable].sum() == 1
