"""Alerts about critical values and the confirmed rhythm: raised and cleared with hysteresis, never by one answer alone.

Answers come once a second about overlapping windows of 10 s, so a pause of 3 s is in several of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

RAISE_S = 2.0
"""A critical value that every answer of this time has raises an alert."""
CLEAR_S = 10.0
"""An alert ends when no answer of this time has the value: all of its windows are past it."""
RHYTHM_S = 10.0
"""A rhythm that every answer of this time has is confirmed."""


class Seen(NamedTuple):
    """A critical value of an answer."""

    code: str
    name: str
    reason: str


@dataclass
class _Track:
    """Times at which a critical value was seen."""

    value: Seen
    first_s: float
    last_s: float
    since_s: float | None = None


class CriticalAlerts:
    """The active alerts about critical values."""

    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}

    def update(self, time_s: float, values: Sequence[Seen] | None) -> None:
        """Take in an answer.

        Parameters
        ----------
        time_s
            End of the window in s from the stream's start; it never falls.
        values
            Critical values of the answer; None if the window gave no answer, which neither raises nor clears an alert.
        """
        if values is None:
            self._tracks = {code: track for code, track in self._tracks.items() if track.since_s is not None}
            for track in self._tracks.values():
                track.last_s = time_s
            return
        for value in values:
            track = self._tracks.setdefault(value.code, _Track(value, time_s, time_s))
            track.value, track.last_s = value, time_s
            if track.since_s is None and time_s > track.first_s and time_s - track.first_s >= RAISE_S:
                track.since_s = track.first_s
        present = {value.code for value in values}
        self._tracks = {code: track for code, track in self._tracks.items() if code in present or _lasts(track, time_s)}

    def to_list(self) -> list[dict[str, Any]]:
        """Return the active alerts for JSON.

        Returns
        -------
        list of dict
            The oldest first.
        """
        active = [(t.since_s, t.value) for t in self._tracks.values() if t.since_s is not None]
        return [{**value._asdict(), "since_s": round(since, 2)} for since, value in sorted(active)]


def _lasts(track: _Track, time_s: float) -> bool:
    """Whether a value that this answer does not have is kept: its alert was raised, and the time is not over."""
    return track.since_s is not None and time_s - track.last_s < CLEAR_S


class RhythmTrend:
    """The rhythm that has been the same for a while, and the one before it."""

    def __init__(self) -> None:
        self._candidate: tuple[str, str] | None = None
        self._candidate_s = 0.0
        self._confirmed: tuple[str, str, float] | None = None
        self._previous: str | None = None

    def update(self, time_s: float, rhythm: tuple[str, str] | None) -> None:
        """Take in an answer.

        Parameters
        ----------
        time_s
            End of the window in s from the stream's start; it never falls.
        rhythm
            Code and name; None if the window gave no answer.
        """
        if rhythm != self._candidate:
            self._candidate, self._candidate_s = rhythm, time_s
        if rhythm is None or time_s - self._candidate_s < RHYTHM_S:
            return
        if self._confirmed is None or self._confirmed[0] != rhythm[0]:
            self._previous = self._confirmed and self._confirmed[1]
            self._confirmed = (*rhythm, self._candidate_s)

    def to_dict(self) -> dict[str, Any] | None:
        """Return the confirmed rhythm for JSON.

        Returns
        -------
        dict or None
            Confirmed rhythm with the name of the rhythm before it; None before one is confirmed.
        """
        if self._confirmed is None:
            return None
        code, name, since_s = self._confirmed
        return {"code": code, "name": name, "since_s": round(since_s, 2), "previous": self._previous}
