"""The bands that quality and heart rate look at."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.signal.bands import RATE, split
from einthoven.signal.quality.measures import measure


def sine(frequency: float, rate: float, seconds: float = 10) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate, dtype=np.float32)[None]


@given(st.floats(100, 2000), st.floats(2.5, 30))
def test_bands_are_at_100_hz_whatever_the_rate(rate, seconds):
    samples = int(np.ceil(seconds * rate))
    bands = split(np.ones((3, samples), np.float32), rate)
    assert bands.ecg.shape == bands.wander.shape == bands.high_frequency.shape == (3, round(samples * RATE / rate))
    assert max(np.abs(band).max() for band in (bands.ecg, bands.wander, bands.high_frequency, bands.mains)) < 1e-4


@pytest.mark.parametrize("rate", [100, 128, 250, 257, 500, 1000, 2000])
@pytest.mark.parametrize(("frequency", "band"), [(0.2, "wander"), (5, "ecg"), (12, "ecg"), (30, "high_frequency")])
def test_a_sine_is_in_its_band_at_every_rate(rate, frequency, band):
    bands = split(sine(frequency, rate), rate)
    middle = slice(250, 750)  # whole periods
    assert getattr(bands, band)[0, middle].std() == pytest.approx(np.sqrt(0.5), rel=0.06)
    assert np.abs(bands.ecg[0, middle]).max() < 0.1 or band != "wander"


@pytest.mark.parametrize("mains", [50, 60])
@pytest.mark.parametrize("rate", [250, 500, 1000])
def test_hum_is_the_amplitude_of_the_mains_sine(mains, rate):
    assert split(0.2 * sine(mains, rate), rate).mains[0] == pytest.approx(0.2, rel=0.05)


def test_hum_is_not_seen_at_100_hz():
    assert split(sine(40, 100), 100).mains[0] == 0


def test_an_offset_of_80_mv_does_not_disturb_the_bands():
    wave = sine(5, 500)
    np.testing.assert_allclose(split(wave + 80, 500).ecg, split(wave, 500).ecg, atol=1e-3)


@pytest.mark.parametrize(("samples", "rate"), [(990, 99.0), (249, 100.0), (1249, 500.0)])
def test_too_short_or_too_coarse_a_signal_is_refused(samples, rate):
    with pytest.raises(ValueError, match=f"{samples} samples at {rate} Hz"):
        split(np.zeros((12, samples), np.float32), rate)


@given(st.sampled_from([100, 257, 500]), st.floats(2.5, 12), st.integers(1, 5), st.integers(0, 9))
def test_several_at_once_have_the_bands_and_measures_of_each_alone(rate, seconds, tracings, off):
    noise = np.random.default_rng(off).normal(0, 0.3, (tracings, 12, int(np.ceil(seconds * rate)))).astype(np.float32)
    noise[0, :off] = 0
    bands = split(noise, rate)
    measures = measure(noise, rate, bands)
    for k, signal in enumerate(noise):
        alone = split(signal, rate)
        for one, all_, several in (
            (alone, bands.select(k), bands),
            (measure(signal, rate, alone), measures.select(k), measures),
        ):
            for part in fields(one):
                np.testing.assert_array_equal(getattr(all_, part.name), getattr(one, part.name), part.name)
                assert len(getattr(several, part.name)) == tracings
