"""Early R waves and S waves are measured under a raised ST segment, which may be higher than R."""

import numpy as np
import pytest

from einthoven.arrays import Float32Array
from einthoven.signal.measurements.waves import _qrs

MS = np.arange(0, 122, 2.0)


def wave(center_ms: float, width_ms: float, mv: float) -> Float32Array:
    return (mv * np.exp(-0.5 * ((MS - center_ms) / width_ms) ** 2)).astype(np.float32)


def raised(st_mv: float) -> Float32Array:
    return (st_mv * np.clip((MS - 75) / 40, 0, 1)).astype(np.float32)


@pytest.mark.parametrize("st_mv", [0.0, 0.05, 0.15, 0.4])
def test_rs(st_mv: float) -> None:
    rs = _qrs((wave(20, 6, 0.1) + wave(50, 9, -1.0) + raised(st_mv))[None])
    assert rs["q_mv"][0] == 0
    assert rs["r_mv"][0] == pytest.approx(0.1, abs=0.02)
    assert rs["s_mv"][0] == pytest.approx(-1.0, abs=0.02)


@pytest.mark.parametrize("st_mv", [0.0, 0.05, 0.15, 0.4])
def test_qs(st_mv: float) -> None:
    qs = _qrs((wave(45, 12, -1.5) + raised(st_mv))[None])
    assert qs["q_mv"][0] == pytest.approx(-1.5, abs=0.02)
    assert qs["r_mv"][0] == qs["s_mv"][0] == 0


def test_a_rise_after_a_small_q_may_hide_r() -> None:
    assert np.isnan(_qrs((wave(20, 7, -0.2) + raised(0.5))[None])["r_mv"][0])
