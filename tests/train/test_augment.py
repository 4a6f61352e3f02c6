"""Augmentation changes what recorders change, and keeps the heart."""

import numpy as np
import pytest
import torch

from einthoven.train.augment import augment, mixup, pad_edges

RATE, SAMPLES = 100, 1000


@pytest.fixture
def records() -> torch.Tensor:
    """Tracings that are zero but for one sharp complex a second, other in each lead."""
    signal = torch.zeros(400, 12, SAMPLES)
    signal[:, :, 50::100] = torch.linspace(0.3, 1.5, 12)[None, :, None]
    signal[:, :, 51::100] = -0.4
    return signal


@pytest.fixture
def changed(records: torch.Tensor) -> torch.Tensor:
    torch.manual_seed(1)
    return augment(records, RATE)


def test_same_shape_and_finite(records, changed):
    assert changed.shape == records.shape
    assert changed.dtype == records.dtype
    assert changed.isfinite().all()


def test_the_same_seed_changes_alike(records, changed):
    torch.manual_seed(1)
    assert torch.equal(augment(records, RATE), changed)


def test_every_record_changes_in_its_own_way(records, changed):
    assert not torch.isclose(changed, records, atol=1e-3).all(-1).all(-1).any()
    assert len(np.unique(changed[:, 0, 50].numpy())) > 390


def test_complexes_stay_where_they_are(records, changed):
    on = changed.abs().amax(-1) > 0
    places = changed[:, :, 25:125].abs().argmax(-1)[on]
    assert (places - 25).float().abs().le(2).float().mean() > 0.95


def test_leads_go_off_as_often_as_stated(changed):
    off = changed.abs().amax(-1) == 0
    count = off.sum(1)
    assert 0.10 < (count > 0).float().mean() < 0.30
    assert (count < 12).all()
    assert off[:, 6:].all(1).float().mean() < 0.12


def test_gain_stays_near_one(records, changed):
    on = changed.abs().amax(-1) > 0
    ratio = (changed[:, :, 50::100].median(-1).values / records[:, :, 50])[on]
    assert 0.9 < ratio.median() < 1.1
    assert ratio.quantile(0.01) > 0.25  # low-pass filters lower so sharp a peak
    assert ratio.quantile(0.99) < 2


def test_mixup_mixes_signal_and_truth_by_the_same_share():
    torch.manual_seed(0)
    truth = torch.eye(8)
    signal = truth[:, None, :].repeat(1, 12, 1)  # the tracing says the label
    x, y = mixup(signal, truth, 0.3)
    assert torch.allclose(x[:, 0], y)
    assert torch.allclose(y.sum(1), torch.ones(8))
    assert (y.diagonal() >= 0.5).all(), "a record stays the larger part of its own mixture"
    assert ((y > 0) & (y < 1)).any()


def test_half_of_the_windows_have_a_padded_edge():
    torch.manual_seed(1)
    windows = torch.randn(2000, 12, 250)
    out = pad_edges(windows, RATE)
    same = (out == windows).all(1)  # (batch, samples)
    changed = ~same.all(1)
    assert 0.45 < changed.float().mean() < 0.55
    assert same[:, 15:-15].all()
    for window in out[changed]:
        tail, head = torch.diff(window[:, -3:]).abs().max(), torch.diff(window[:, :3]).abs().max()
        assert min(tail, head) == 0 < max(tail, head)
