"""When the alert is raised and cleared."""

from hypothesis import given
from hypothesis import strategies as st

from einthoven.model.bundle import Bundle
from einthoven.serve.stream.alert import Alert, AlertThresholds

THRESHOLDS = AlertThresholds(raise_threshold=0.8, clear_threshold=0.5)
HIGH, BETWEEN, LOW = 0.8, 0.6, 0.4


def played(windows: list[float | None], needed: int = 3) -> list[bool]:
    alert = Alert(THRESHOLDS, needed)
    active = []
    for k, probability in enumerate(windows):
        alert.update(10.0 * (k + 1), probability)
        active.append(alert.active)
    return active


def test_three_windows_in_a_row_raise_and_clear_the_alert() -> None:
    assert played([HIGH, HIGH, BETWEEN, HIGH, HIGH, HIGH]) == [False] * 5 + [True]
    assert played([HIGH] * 3 + [LOW, LOW, BETWEEN, LOW, LOW, LOW]) == [False] * 2 + [True] * 6 + [False]


def test_unreadable_windows_neither_raise_nor_clear() -> None:
    assert not any(played([HIGH, HIGH, None, HIGH, HIGH]))
    assert played([HIGH] * 3 + [LOW, LOW, None, None, None, LOW, LOW])[-1]


@given(st.lists(st.sampled_from([HIGH, BETWEEN, LOW, None]), max_size=40), st.integers(1, 5))
def test_by_definition(windows: list[float | None], needed: int) -> None:
    """Compare with the rule, evaluated again for every window."""
    expected = False
    for k, active in enumerate(played(windows, needed)):
        last = windows[max(0, k + 1 - needed) : k + 1]
        if len(last) == needed and not expected and all(p is not None and p >= 0.8 for p in last):
            expected = True
        elif len(last) == needed and expected and all(p is not None and p < 0.5 for p in last):
            expected = False
        assert active == expected


@given(st.lists(st.floats(0.1, 4.0), max_size=100))
def test_windows_do_not_overlap(steps: list[float]) -> None:
    alert, time, counted = Alert(THRESHOLDS, 3), 0.0, 0
    last = 0.0
    for step in steps:
        time += step
        if time >= last + 10:
            counted, last = counted + 1, time
        alert.update(time, HIGH)
        assert alert.to_dict()["windows"] == min(counted, 3)
        assert alert.active == (counted >= 3)


def test_time_of_the_alert() -> None:
    alert = Alert(THRESHOLDS)
    for k in range(1, 6):
        alert.update(10.37 * k, HIGH)
    assert alert.to_dict() == {"active": True, "since_s": 31.11, "windows": 3, "of": 3}


def test_thresholds_of_the_shipped_bundles_are_stricter_than_rule_in() -> None:
    for name in ("default", "edge"):
        thresholds = AlertThresholds.from_card(Bundle.load(name).card)
        assert thresholds
        assert 0.5 < thresholds.clear_threshold < thresholds.raise_threshold < 1
