"""MATLAB files of levels 4 and 5 with one ECG: a matrix of leads, alone or in a structure, or a vector per lead."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError
from einthoven.readers.lead_names import known_lead, millivolts
from einthoven.readers.matlab_file import Value, read_variables
from einthoven.readers.tables import Options, read_table
from einthoven.readers.tracing import MAX_AGE, Tracing, check_size
from einthoven.recording import LEADS, Patient

VALUES_PER_BYTE = 8.0
"""Values that each byte of a compressed file may represent."""
_SIGNALS = frozenset(("val", "data", "signal", "signals", "ecg", "sig", "p_signal", "tracing", "tracings"))
_RATES = frozenset(
    ("fs", "freq", "sf", "srate", "rate", "samplingrate", "samplerate", "samplingfrequency", "frequency")
)
_UNITS = frozenset(("unit", "units"))
_LEADS = frozenset(("leads", "leadnames", "lead", "labels", "channels", "channelnames", "signame", "signames"))
_SEXES: dict[str, Literal["female", "male"]] = {"f": "female", "female": "female", "m": "male", "male": "male"}
_Leaf = tuple[str, Value]


def read_matlab(data: bytes, options: Options) -> Tracing:
    """Read the leads of a MATLAB file; twelve leads without names are taken to be in standard order.

    Parameters
    ----------
    data
        Content of the file.
    options
        Sampling rate, unit, leads and scale stated by the caller.

    Returns
    -------
    Tracing
        A channel for each lead.

    Raises
    ------
    RecordingError
        If the file is damaged, holds several recordings or none, or lacks rate or unit.
    """
    leaves = [(_plain(name), value) for name, value in _leaves(read_variables(data))]
    rate, unit = _rate(leaves), _unit(leaves)
    if rate and options.rate and options.rate != rate:
        raise RecordingError(f"states {rate:g} Hz but rate={options.rate:g} was given.")
    options = replace(options, rate=options.rate or rate)
    vectors = _vectors(leaves)
    names = list(options.leads or _names(leaves) or LEADS)
    matrix = None if len(vectors) > 1 else _signal(leaves, len(names))
    if matrix is None:
        names, signal = list(vectors), list(vectors.values())
        options = replace(options, leads=None)
    else:
        signal = list(matrix if matrix.shape[0] == len(names) else matrix.T)
    if len({len(row) for row in signal}) != 1:
        raise RecordingError("holds leads of different lengths; save leads of one length.")
    check_size(sum(map(len, signal)), len(data), VALUES_PER_BYTE)
    header = [f"{name} ({unit})" if unit else name for name in names]
    tracing = read_table("MATLAB", header, len(header), lambda rows: [signal[k].astype(float) for k in rows], options)
    tracing.patient = _patient(leaves)
    return tracing


def _leaves(values: dict[str, Value]) -> Iterator[_Leaf]:
    """Yield name and value of all that is not a structure."""
    for name, value in values.items():
        if isinstance(value, list) and sum(isinstance(item, dict) for item in value) > 1:
            raise RecordingError(f"holds {len(value)} structures; save one recording for each file.")
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict | np.ndarray):
            yield from _leaves({name: value[0]})
        elif isinstance(value, list) and _are_leads(value):
            yield name, np.stack([np.ravel(item) for item in value])
        elif isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield name, value


def _are_leads(cells: list[Any]) -> bool:
    """Return whether a cell array holds a vector of one length per lead."""
    sizes = {item.size for item in cells if isinstance(item, np.ndarray) and max(item.shape) == item.size > 1}
    return len(sizes) == 1 and all(isinstance(item, np.ndarray) and item.size in sizes for item in cells)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _vectors(leaves: list[_Leaf]) -> dict[str, NDArray[Any]]:
    """Return the vectors that are called by the name of a lead."""
    named = [(name, value) for name, value in leaves if known_lead(name) and isinstance(value, np.ndarray)]
    return {name: value.ravel() for name, value in named if value.ndim == 2 and min(value.shape) == 1 < value.size}


def _signal(leaves: list[_Leaf], n_leads: int) -> NDArray[Any]:
    """Return the one matrix with a row or a column for each lead."""
    matrices = []
    for name, value in leaves:
        if isinstance(value, np.ndarray):
            shape = tuple(size for size in value.shape if size != 1) if value.ndim > 2 else value.shape
            if len(shape) == 2 and n_leads in shape and max(shape) > n_leads:
                matrices.append((name, value.reshape(shape)))
    if len(matrices) > 1:
        matrices = [(name, value) for name, value in matrices if name in _SIGNALS] or matrices
    if not matrices:
        raise RecordingError(
            f"is a MATLAB file without an array ({n_leads}, samples) or (samples, {n_leads}); "
            "name its leads (leads=...) if they are not the twelve standard ones."
        )
    if len(matrices) > 1:
        raise RecordingError(f"is a MATLAB file with {len(matrices)} arrays of {n_leads} leads; save only one of them.")
    return matrices[0][1]


def _scalar(leaves: list[_Leaf], names: frozenset[str]) -> float | None:
    """Return the one number that is called by any of `names`."""
    numbers = {
        float(value.flat[0])
        for name, value in leaves
        if name in names and isinstance(value, np.ndarray) and value.size == 1
    }
    return numbers.pop() if len(numbers) == 1 else None


def _rate(leaves: list[_Leaf]) -> float | None:
    rate = _scalar(leaves, _RATES)
    return rate if rate and 0 < rate < np.inf else None


def _unit(leaves: list[_Leaf]) -> str:
    """Return the one unit of the file; "" if there is none, or it is not a voltage."""
    texts = {text.strip() for text in _texts(leaves, _UNITS)}
    unit = texts.pop() if len(texts) == 1 else ""
    return unit if millivolts(unit) is not None else ""


def _names(leaves: list[_Leaf]) -> list[str]:
    """Return the names of the leads; empty if the file has none that are known."""
    names = [text.strip() for text in _texts(leaves, _LEADS)]
    return names if len(names) > 1 and any(map(known_lead, names)) else []


def _texts(leaves: list[_Leaf], names: frozenset[str]) -> list[str]:
    texts: list[str] = []
    for name, value in leaves:
        if name in names:
            texts += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
    return texts


def _patient(leaves: list[_Leaf]) -> Patient:
    age = _scalar(leaves, frozenset(("age",)))
    sex = next(iter(_texts(leaves, frozenset(("sex", "gender")))), "").strip().lower()
    return Patient(age if age is not None and 0 <= age < MAX_AGE else None, _SEXES.get(sex))
