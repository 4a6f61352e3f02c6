"""Draw the recordings of `einthoven.examples`."""

from collections.abc import Mapping
from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.ptbxl.records import SECONDS, write_record
from einthoven.signal import bands
from einthoven.signal.steep_places import find_beats
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

RATE = 500
"""Hz."""
COMMENT = "SIMULATED, not the ECG of a patient. Drawn by einthoven.simulate."
"""Comment in the header of each example; `einthoven.read` makes a warning of it."""
_BEFORE_BEAT = round(0.3 * RATE)  # samples from the pause between beats, where pieces are joined, to the R peak
_WHOLE_S = 7  # of whole beats that 10 s hold at least
_WANDER, _MUSCLE = 0.03, 0.006  # mV, root mean square at each electrode: a quiet patient


class _Recipe(NamedTuple):
    kind: str
    """Kind of the record, as for `draw_case`."""
    seed: int
    seconds: int = 10
    off: tuple[slice, slice] | None = None
    """Rows and columns that are 0 because electrodes are off."""


_RECIPES: Mapping[str, _Recipe] = {
    "normal": _Recipe("NORM", 7),
    "inferior-infarct": _Recipe("MI", 1),
    "anterior-infarct": _Recipe("MI", 46),
    "left-bundle-branch-block": _Recipe("CD", 303),
    "right-bundle-branch-block": _Recipe("CD", 9),
    "atrial-fibrillation": _Recipe("NONE", 36),
    "extra-beats": _Recipe("NONE", 20),
    "minute": _Recipe("MI", 14, 60, (slice(6, 12), slice(31 * RATE, 43 * RATE))),
    "leads-off": _Recipe("NORM", 7, 10, (slice(6, 11), slice(None))),
}


@cache
def sample_signal(name: str) -> Int16Array:
    """Draw the signal of an example.

    Parameters
    ----------
    name
        Name of the example: one of `einthoven.examples.names()`.

    Returns
    -------
    Int16Array
        Signal of shape (12, samples) in uV at RATE; the same each time.
    """
    recipe = _RECIPES[name]
    rng = np.random.default_rng(recipe.seed)
    case = draw_case(recipe.kind, np.random.default_rng(recipe.seed + 1000), rng)
    quiet = np.ones(len(ELECTRODES))
    noise = Noise(_WANDER * quiet, _MUSCLE * quiet)
    signal = tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T
    if recipe.seconds > SECONDS:
        more = (tracing(case.heart, case.rhythm, noise, (RATE,), rng)[0].T for _ in range(recipe.seconds // _WHOLE_S))
        signal = reduce(_join, map(_whole_beats, (signal, *more)))[:, : recipe.seconds * RATE]
    if recipe.off:
        signal[recipe.off] = 0
    return signal


def write_examples(folder: Path) -> None:
    """Write all examples as WFDB records.

    Parameters
    ----------
    folder
        Folder of the examples, whose files are replaced.
    """
    for name in _RECIPES:
        write_record(folder / name, np.ascontiguousarray(sample_signal(name).T), RATE)
        with (folder / f"{name}.hea").open("a", encoding="ascii", newline="\n") as header:
            header.write(f"# {COMMENT}\n")


def _join(one: Int16Array, other: Int16Array) -> Int16Array:
    """Return one signal after the other, on one baseline."""
    return np.concatenate([one, other - other[:, :1] + one[:, -1:]], axis=1)


def _whole_beats(piece: Int16Array) -> Int16Array:
    """Return a piece from before one beat to before another, so that pieces are joined in the pause between beats."""
    beats = find_beats(bands.split((piece / 1000).astype(np.float32), RATE).common_slope) * RATE // bands.RATE
    first, last = beats[[1, -1]] - _BEFORE_BEAT
    return piece[:, first:last]
