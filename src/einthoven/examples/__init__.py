"""Simulated example recordings, which come with the package: `einthoven.examples.recording("inferior-infarct")`.

Each is a WFDB record of 12 leads at 500 Hz. No patient's ECG is among them: `einthoven.simulate.samples` drew them, and
a test compares the files with it. Each recording carries the warning `simulated`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    from einthoven.recording import Recording


class Example(NamedTuple):
    """Title and description of an example."""

    title: str
    description: str


EXAMPLES: Mapping[str, Example] = {
    "normal": Example("Normal", "Sinus rhythm at 72 bpm"),
    "inferior-infarct": Example("Inferior infarct", "Q waves and ischemia in II, III and aVF"),
    "anterior-infarct": Example("Anterior infarct", "R waves lost in V1 to V4"),
    "left-bundle-branch-block": Example("Left bundle branch block", "Wide, notched QRS; no Q waves in I and V6"),
    "right-bundle-branch-block": Example("Right bundle branch block", "Wide QRS, R' in V1"),
    "atrial-fibrillation": Example("Atrial fibrillation", "Irregular, without P waves"),
    "extra-beats": Example("Premature ventricular complexes", "Early and wide, with a pause after each"),
    "minute": Example("A minute, leads off for a while", "Inferior infarct; V1 to V6 off at 30 s"),
    "leads-off": Example("Electrodes off", "Too little left to interpret"),
}
"""All examples by name."""


def names() -> tuple[str, ...]:
    """Return the names of the examples.

    Returns
    -------
    tuple of str
        Names such as "normal" and "inferior-infarct".
    """
    return tuple(EXAMPLES)


def path(name: str) -> Path:
    """Return the file of an example.

    Parameters
    ----------
    name
        Name of the example: one of `names()`.

    Returns
    -------
    Path
        The header of a WFDB record; its signal file has the suffix .dat.

    Raises
    ------
    EinthovenError
        If there is no example of that name.
    """
    if name not in EXAMPLES:
        raise EinthovenError(f"There is no example {name[:50]!r}. Choose one of {', '.join(EXAMPLES)}.")
    return Path(__file__).with_name(f"{name}.hea")


def recording(name: str) -> "Recording":
    """Read an example.

    Parameters
    ----------
    name
        Name of the example: one of `names()`.

    Returns
    -------
    Recording
        Recording of ten seconds, or as many as its title states. It has the warning `simulated`.

    Raises
    ------
    EinthovenError
        If there is no example of that name.
    """
    from einthoven.readers import read  # here, so that the command line knows the names without numpy

    return replace(read(path(name)), source=f"einthoven.examples: {name} (simulated)")
