"""The truth about simulated hearts."""

import pytest

from einthoven.simulate.heart import normal_heart
from simulate.true_intervals import true_intervals


def test_a_healthy_heart_has_normal_intervals():
    pr, qrs, qt = true_intervals(normal_heart())
    assert 120 < pr < 200
    assert 70 < qrs < 110
    assert 350 < qt < 440


def test_qt_follows_the_rate_and_the_others_do_not():
    slow, fast = true_intervals(normal_heart(), 1.0), true_intervals(normal_heart(), 0.64)
    assert (fast.pr, fast.qrs) == (slow.pr, slow.qrs)
    assert fast.qt < slow.qt - 50


def test_no_p_wave_no_pr():
    assert true_intervals({name: w for name, w in normal_heart().items() if name[0] != "P"}).pr is None


def test_a_wider_wave_lasts_longer():
    heart = normal_heart()
    heart["QRS basal"] = heart["QRS basal"].scale(1, 2)
    assert true_intervals(heart).qrs > true_intervals(normal_heart()).qrs + 30


@pytest.mark.parametrize("rr", [0.5, 1.5])
def test_the_t_wave_ends_after_the_qrs_complex(rr):
    _, qrs, qt = true_intervals(normal_heart(), rr)
    assert qt > qrs
