"""What the network is fed with."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from cheap_features import mean_and_rate
from hypothesis import given
from hypothesis import strategies as st

from einthoven.datasets.dataset import Dataset
from einthoven.networks import RecordFeatures, network_class
from einthoven.signal.resampling import window_starts
from einthoven.train.batches import Inputs, epoch_steps, moments

CPU = torch.device("cpu")


@given(records=st.integers(1, 300), size=st.integers(1, 64), seed=st.integers(0, 5), epoch=st.integers(0, 5))
def test_an_epoch_shows_every_record_at_most_once(records: int, size: int, seed: int, epoch: int) -> None:
    rows = np.arange(1000, 1000 + records)
    steps = list(epoch_steps(rows, size, 50, seed, epoch))
    shown = np.concatenate([batch for batch, _ in steps])
    assert len(set(shown.tolist())) == len(shown)
    assert set(shown.tolist()) <= set(rows.tolist())
    assert len(shown) > records - min(size, records)
    assert len({len(batch) for batch, _ in steps}) == 1
    assert all(((starts >= 0) & (starts <= 50)).all() for _, starts in steps)


def test_epochs_differ_and_repeat() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return [int(k) for batch, _ in epoch_steps(np.arange(64), 8, 10, seed, epoch) for k in batch]

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


@given(samples=st.integers(1, 2000), length=st.integers(1, 2000), stride=st.integers(1, 500), edge=st.integers(0, 1000))
def test_windows_cover_the_signal_but_its_edges(samples: int, length: int, stride: int, edge: int) -> None:
    if length > samples:
        with pytest.raises(ValueError, match="do not fit"):
            window_starts(samples, length, stride, edge)
        return
    starts = window_starts(samples, length, stride, edge)
    left_out = starts[0], samples - length - starts[-1]
    assert left_out == (edge, edge) or (max(left_out) < edge and len(starts) <= 2)
    assert 0 <= left_out[0] <= left_out[1] <= left_out[0] + 1
    assert all(0 < b - a <= stride for a, b in pairwise(starts))


def test_a_batch_is_the_records_in_millivolts(simulated: Path) -> None:
    dataset = Dataset.open(simulated)
    inputs = Inputs.from_dataset(dataset, "smigiel-conv")
    rows, starts = np.array([5, 3, 190]), np.array([0, 750, 10])
    (signal,) = inputs.batch(rows, starts, 250, CPU)
    assert signal.shape == (3, 12, 250)
    for k, (row, start) in enumerate(zip(rows, starts, strict=True)):
        expected = dataset.signals[row, :, start : start + 250] / 1000
        np.testing.assert_allclose(signal[k].numpy(), expected, atol=1e-6)


def test_features_are_those_of_the_record_and_computed_once(
    simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = RecordFeatures("cheap", 13, mean_and_rate)
    monkeypatch.setattr(network_class("smigiel-entropy"), "record_features", spec)
    whole = Dataset.open(simulated)
    dataset = replace(whole, signals=whole.signals[75:78], cache=tmp_path)
    np.save(tmp_path / "signals.npy", dataset.signals)
    monkeypatch.setattr("einthoven.train.batches._CHUNK", 2)  # so that there are two
    inputs = Inputs.from_dataset(dataset, "smigiel-entropy")
    assert inputs.record_features is not None
    expected = np.stack([mean_and_rate(signal / np.float32(1000), 100) for signal in dataset.signals])
    np.testing.assert_allclose(inputs.record_features, expected, rtol=1e-5)
    monkeypatch.setattr("einthoven.train.batches._all_features", None)
    _, record_features = Inputs.from_dataset(dataset, "smigiel-entropy").batch(np.array([2]), np.array([0]), 1000, CPU)
    np.testing.assert_allclose(record_features[0].numpy(), expected[2], rtol=1e-5)


def test_mean_and_standard_deviation(simulated: Path) -> None:
    dataset = Dataset.open(simulated)
    rows = dataset.rows((1, 2, 3))
    values = dataset.signals[rows] / 1000
    assert moments(Inputs.from_dataset(dataset, "original-cnn"), rows) == pytest.approx(
        (values.mean(), values.std()), rel=1e-4
    )
