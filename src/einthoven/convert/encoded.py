"""Encoded recordings, and the facts that each format can hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from einthoven.recording import Recording

Fact = Literal[
    "name",
    "patient ID",
    "birth date",
    "age",
    "sex",
    "pacemaker",
    "time of the recording",
    "time zone",
    "recorder",
    "filters",
    "pacing spikes",
    "supplemental leads",
    "which leads were derived",
    "which parts were not recorded",
    "that it is simulated",
    "sampling rate",
    "names of the leads",
]
"""Something that a recording states besides the samples of its standard leads, as a person calls it."""


def _stated_facts(recording: Recording) -> list[Fact]:
    """Return the facts that a recording states, in the order of `Fact`."""
    patient, warnings = recording.patient, {code for code, _ in recording.warnings}
    stated: dict[Fact, bool] = {
        "name": bool(patient.name),
        "patient ID": bool(patient.id),
        "birth date": patient.birth_date is not None,
        "age": patient.age is not None,
        "sex": patient.sex is not None,
        "pacemaker": patient.pacemaker is not None,
        "time of the recording": recording.recorded_at is not None,
        "time zone": recording.recorded_at is not None and recording.recorded_at.tzinfo is not None,
        "recorder": recording.device is not None,
        "filters": recording.filters is not None,
        "pacing spikes": bool(recording.pacing_spikes_s),
        "supplemental leads": bool(recording.supplemental),
        "which leads were derived": bool(recording.derived_leads),
        "which parts were not recorded": "signal-gap" in warnings,
        "that it is simulated": "simulated" in warnings,
        "sampling rate": True,
        "names of the leads": True,
    }
    return [fact for fact, is_stated in stated.items() if is_stated]


@dataclass(frozen=True)
class Encoded:
    """The files of one recording."""

    files: Mapping[str, bytes]
    """Content by name; the file that a reader opens comes last."""
    lost: tuple[str, ...] = ()
    """Facts of this recording that do not fit, in addition to `Format.lost`."""


@dataclass(frozen=True)
class Format:
    """A format that recordings are written in."""

    label: str
    """Name of the format for people."""
    suffix: str
    """Suffix of the file that a reader opens."""
    encode: Callable[[Recording, str], Encoded]
    """Function that takes the recording, and the name of the file without suffix."""
    keeps: frozenset[Fact]
    """Facts that a file of this format can state, unless `encode` returns them as lost."""

    def lost(self, recording: Recording) -> list[Fact]:
        """Return the facts of a recording that this format cannot hold.

        Parameters
        ----------
        recording
            The recording.

        Returns
        -------
        list of str
            Facts in the order of `Fact`. A time that is lost includes its zone.
        """
        lost = [fact for fact in _stated_facts(recording) if fact not in self.keeps]
        return [fact for fact in lost if fact != "time zone" or "time of the recording" not in lost]
