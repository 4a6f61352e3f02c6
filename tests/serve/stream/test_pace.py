"""How fast samples arrive, by a clock that the test sets."""

import pytest

from einthoven.serve.stream.pace import Pace


def warnings(rate: float, declared: float = 500.0, speed: float = 1.0, seconds: int = 100) -> list[str]:
    pace = Pace(declared, speed)
    pace.begin(1000.0, 0)
    sentences = [pace.drift(1000.0 + tenth / 10, round(tenth / 10 * rate)) for tenth in range(10 * seconds)]
    return [sentence for sentence in sentences if sentence]


@pytest.mark.parametrize("rate", [500.0, 495.0, 505.0])
def test_a_right_rate_has_no_warning(rate: float) -> None:
    assert not warnings(rate)


@pytest.mark.parametrize("rate", [250.0, 480.0, 512.0, 1000.0])
def test_a_wrong_rate_has_a_warning_after_a_minute(rate: float) -> None:
    assert not warnings(rate, seconds=60)
    assert f"{rate:.4g} Hz, not at the declared 500" in warnings(rate)[0]


def test_a_replay_may_be_faster() -> None:
    assert not warnings(5000.0, speed=10)
    assert warnings(5000.0)


def test_a_burst_after_a_break_is_not_drift() -> None:
    pace = Pace(500.0)
    pace.begin(0.0, 0)
    for second in range(1, 200):
        late = 40 <= second < 70  # nothing arrives for half a minute, then all of it at once
        assert pace.drift(second, 500 * (40 if late else second)) is None


def test_ahead_of_time() -> None:
    pace = Pace(500.0, 2.0)
    pace.begin(10.0, 1000)
    assert pace.ahead_s(11.0, 1000 + 500 * 5) == pytest.approx(3)
