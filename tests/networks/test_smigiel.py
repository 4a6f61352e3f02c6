"""What is particular to the networks of Śmigiel et al."""

import antropy
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from einthoven.networks.smigiel_entropy import approximate_and_sample_entropy, entropies
from einthoven.networks.smigiel_sinc import SincConv


@given(st.integers(0, 2**32 - 1), st.integers(50, 400), st.floats(0, 3))
def test_approximate_and_sample_entropy_are_those_of_antropy(seed: int, samples: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    values = np.sin(np.arange(samples) / 5) + noise * rng.standard_normal(samples)
    approximate, sample = approximate_and_sample_entropy(values)
    # Single precision here may put a pair on the other side of the tolerance, which moves the logarithm a little.
    assert approximate == pytest.approx(antropy.app_entropy(values), abs=0.01)
    theirs = antropy.sample_entropy(values)
    assert sample == pytest.approx(theirs, rel=0.02, abs=0.02) or not np.isfinite(theirs)


def test_entropies_are_finite_and_flat_leads_have_none() -> None:
    signal = np.random.default_rng(0).standard_normal((12, 1000)).astype(np.float32)
    signal[3] = 0.5
    values = entropies(signal, 100).reshape(12, 9)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert (values[3] == 0).all()
    assert (values[0] > 0).all()


def test_noise_is_more_irregular_than_a_sine() -> None:
    time = np.arange(1000) / 100
    both = np.stack([np.sin(2 * np.pi * time), np.random.default_rng(0).standard_normal(1000)]).astype(np.float32)
    sine, noise = entropies(both, 100).reshape(2, 9)
    for k in (4, 5, 6, 7, 8):  # approximate, sample, permutation, spectral, SVD
        assert noise[k] > sine[k]


def test_sinc_filters_pass_their_band_and_stop_the_rest() -> None:
    layer = SincConv(filters=4, kernel_size=101)
    response = torch.fft.rfft(layer.kernels()[:, 0], 1000).abs().detach()  # bins of 0.001 cycles per sample
    low = (layer.NARROWEST + layer.low.abs()).detach()
    high = (low + layer.NARROWEST + layer.width.abs()).clamp(max=0.5).detach()
    for k in range(4):
        middle = int(1000 * (low[k] + high[k]) / 2)
        assert response[k, middle] == pytest.approx(1, abs=0.05)
        outside = [f for f in range(501) if not low[k] - 0.03 < f / 1000 < high[k] + 0.03]
        assert response[k, outside].max() < 0.05


def test_sinc_filters_treat_every_lead_alike() -> None:
    layer = SincConv(filters=3, kernel_size=51)
    lead = torch.randn(1, 1, 300)
    out = layer(lead.expand(2, 12, 300)).reshape(2, 12, 3, 150)
    torch.testing.assert_close(out[0, 0], out[1, 11])
