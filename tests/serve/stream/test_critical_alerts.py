"""Critical values, the rhythm and the ST trend of a stream: what raises and clears each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.serve.stream.critical_alerts import CLEAR_S, RAISE_S, RHYTHM_S, CriticalAlerts, RhythmTrend, Seen
from einthoven.serve.stream.st_trend import BASELINE_S, SUSTAINED_S, StTrend, changed_leads

PAUSE = Seen("PAUSE", "pause", "Pause of 4.0 s.")
WIDE = Seen("WCT", "wide-complex tachycardia", "160 bpm.")


def played(answers: list[tuple[Seen, ...] | None], interval_s: float = 1.0) -> list[list[str]]:
    alerts, active = CriticalAlerts(), []
    for k, values in enumerate(answers):
        alerts.update(interval_s * (k + 1), values)
        active.append([alert["code"] for alert in alerts.to_list()])
    return active


def test_one_answer_alone_raises_nothing_and_two_seconds_do() -> None:
    assert played([(PAUSE,), (), (PAUSE,), ()]) == [[], [], [], []]
    assert played([(PAUSE,)] * 3) == [[], [], ["PAUSE"]]


def test_an_alert_ends_when_all_windows_are_past_it() -> None:
    active = played([(PAUSE,)] * 3 + [()] * 12)
    assert active[2:12] == [["PAUSE"]] * 10
    assert active[12:] == [[]] * 3


def test_an_unreadable_window_neither_raises_nor_clears() -> None:
    assert played([(WIDE,), None, (WIDE,), None, (WIDE,)])[-1] == []
    assert played([(WIDE,)] * 3 + [None] * 30)[-1] == ["WCT"]


def test_two_alerts_with_their_times() -> None:
    alerts = CriticalAlerts()
    for k in range(1, 8):
        alerts.update(k, (PAUSE,) if k < 4 else (WIDE, PAUSE))
    assert alerts.to_list() == [{**PAUSE._asdict(), "since_s": 1}, {**WIDE._asdict(), "since_s": 4}]


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([0.5, 1.0, 2.0, 10.0, 60.0]))
def test_by_definition(present: list[bool], interval_s: float) -> None:
    """Raised after RAISE_S of answers that all have the value, cleared after CLEAR_S without one."""
    active = played([(PAUSE,) if one else () for one in present], interval_s)
    expected, first, last = False, None, None
    for k, one in enumerate(present):
        time = interval_s * (k + 1)
        if one:
            first, last = (time if first is None else first), time
            expected |= time > first and time - first >= RAISE_S
        elif not expected or (last is not None and time - last >= CLEAR_S):
            expected, first = False, None
        assert bool(active[k]) == expected


def test_a_rhythm_is_confirmed_by_ten_seconds() -> None:
    trend = RhythmTrend()
    for k in range(1, 20):
        trend.update(k, ("SR", "sinus rhythm") if k != 15 else None)
    assert trend.to_dict() == {"code": "SR", "name": "sinus rhythm", "since_s": 1, "previous": None}
    for k in range(20, 30):
        trend.update(k, ("AFIB", "atrial fibrillation"))
    assert trend.to_dict() == {"code": "SR", "name": "sinus rhythm", "since_s": 1, "previous": None}
    trend.update(20 + RHYTHM_S, ("AFIB", "atrial fibrillation"))
    expected = {"code": "AFIB", "name": "atrial fibrillation", "since_s": 20, "previous": "sinus rhythm"}
    assert trend.to_dict() == expected


@pytest.mark.parametrize(
    ("changes", "leads"),
    [
        ({"II": 0.1, "III": 0.12}, []),  # aVF lies between them
        ({"II": 0.1, "aVF": 0.1, "III": 0.12}, ["II", "III", "aVF"]),
        ({"V2": -0.1, "V3": -0.2}, ["V2", "V3"]),
        ({"V2": -0.1, "V3": 0.2}, []),
        ({"V2": 0.3}, []),
        ({"aVR": -0.1, "I": 0.1}, ["I", "-aVR"]),
        ({}, []),
    ],
)
def test_contiguous_changes_in_one_direction(changes: dict[str, float], leads: list[str]) -> None:
    assert changed_leads(changes) == leads


def test_a_sustained_st_elevation_raises_an_alert_and_its_end_clears_it() -> None:
    trend, leads = StTrend(), ("II", "III", "aVF")

    def minutes(start_s: float, seconds: float, st_mv: float) -> list[bool]:
        active = []
        for k in range(round(seconds)):
            trend.update(start_s + k, dict.fromkeys(leads, st_mv))
            active.append(trend.to_dict()["alert"] is not None)
        return active

    assert not any(minutes(1, BASELINE_S + 1, 0.05))
    assert trend.to_dict()["baseline"]
    raised = minutes(100, SUSTAINED_S + 5, 0.17)
    assert not any(raised[: round(SUSTAINED_S)])
    assert all(raised[round(SUSTAINED_S) :])
    alert = trend.to_dict()["alert"]
    assert alert == {"since_s": 100, "leads": ["II", "III", "aVF"]}
    assert trend.to_dict()["leads"]["II"] == {"st_mv": 0.17, "change_mv": 0.12}
    trend.update(170, {})
    assert trend.to_dict()["alert"] == alert
    cleared = minutes(200, SUSTAINED_S + 5, 0.05)
    assert all(cleared[: round(SUSTAINED_S)])
    assert not any(cleared[round(SUSTAINED_S) :])
