"""Noise as in an ambulance: at the electrodes, in a share of the records, of stated strength."""

import pytest
import torch

from einthoven.simulate.tracing import leads_from_electrodes
from einthoven.train.ambulance_noise import ambulance_noise, lead_matrix

RATE, SAMPLES, RECORDS = 100, 1000, 600


@pytest.fixture(scope="module")
def noise() -> torch.Tensor:
    """What is added to silence in each of many records."""
    torch.manual_seed(3)
    return ambulance_noise(torch.zeros(RECORDS, 12, SAMPLES), RATE, 1.0)


def test_only_a_share_of_the_records_changes() -> None:
    torch.manual_seed(2)
    records = torch.randn(RECORDS, 12, SAMPLES)
    changed = (ambulance_noise(records, RATE, 0.25) != records).any(-1).any(-1)
    assert 0.15 < changed.float().mean() < 0.3, "a quarter, without those that nothing happens to"
    assert torch.equal(ambulance_noise(records, RATE, 0.0), records)


def test_leads_agree_with_one_another_unless_they_are_off(noise: torch.Tensor) -> None:
    whole = noise[(noise.abs().amax(-1) > 0).all(1)]
    assert len(whole) > RECORDS / 3
    i, ii, iii, avr, avl, avf = whole[:, :6].unbind(1)
    for left, right in ((iii, ii - i), (avr, -(i + ii) / 2), (avl, i - ii / 2), (avf, ii - i / 2)):
        torch.testing.assert_close(left, right, atol=1e-5, rtol=0)


def test_leads_are_those_of_the_simulation() -> None:
    electrodes = torch.randn(9, 5, dtype=torch.float64)
    leads = lead_matrix().double() @ electrodes
    expected = torch.from_numpy(leads_from_electrodes(electrodes.numpy()))
    torch.testing.assert_close(leads[[0, 1, *range(6, 12)]], expected)


def test_noise_is_as_strong_as_in_ambulances(noise: torch.Tensor) -> None:
    rms = noise.std(-1).amax(1)
    assert 0.05 < rms.median() < 0.4
    assert rms.max() < 3
    assert noise.isfinite().all()


def test_monitor_filters_and_gains_change_the_ecg() -> None:
    torch.manual_seed(4)
    time = torch.arange(SAMPLES) / RATE
    records = torch.sin(2 * torch.pi * 30 * time).expand(RECORDS, 12, SAMPLES)
    spectrum = torch.fft.rfft(ambulance_noise(records, RATE, 1.0))[:, :, 300].abs() / (SAMPLES / 2)
    level = spectrum.median(-1).values  # about 1 if nothing filters 30 Hz, .2 behind a low-pass of 20 Hz
    assert 0.08 < (level < 0.4).float().mean() < 0.3
    assert (level > 1.3).float().mean() > 0.02
