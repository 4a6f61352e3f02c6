"""One PTB-XL record: a WFDB header and a 16-bit signal file, in the one dialect that PTB-XL uses.

A general WFDB library takes minutes to read 21,799 records. PTB-XL's headers are all alike, so this module accepts
exactly that (format 16, twelve leads in order, 1 uV per unit) and names what differs. Format: https://physionet.org/physiotools/wag/header-5.htm
"""

import re
from pathlib import Path

import numpy as np

from einthoven.arrays import Int16Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.recording import LEADS

RATES = (100, 500)
"""The sampling rates in Hz that PTB-XL is published at."""
SECONDS = 10
"""Length of every record in s."""
UNITS_PER_MV = 1000
"""Gain of every record: one unit of the signal file is 1 uV."""
STORED_LEADS = tuple(lead.upper() for lead in LEADS)
"""The lead names as PTB-XL writes them (AVR, AVL, AVF)."""

_SIGNAL_LINE = re.compile(r"(\S+) 16 1000(?:\.0)?(?:\(0\))?/mV 16 0 (-?\d+) (-?\d+) 0 (\S+)")


class DamagedRecordError(EinthovenError):
    """A record whose header or signal file is missing, cut short or contradictory."""


def read_record(stem: Path, rate: int) -> Int16Array:
    """Read a record and check it against its header.

    Parameters
    ----------
    stem
        Path of the record without .hea and .dat.
    rate
        Sampling rate in Hz.

    Returns
    -------
    Int16Array
        Signal of shape (samples, 12) in uV.

    Raises
    ------
    DamagedRecordError
        If one of the two files is missing or unreadable, the header is not PTB-XL's, or the samples contradict its
        length or checksums.
    """
    header, data = stem.with_suffix(".hea"), stem.with_suffix(".dat")
    checksums = _parse_header(_read(header), header, rate)
    raw = _read(data)
    expected = SECONDS * rate * len(LEADS) * 2
    if len(raw) != expected:
        raise DamagedRecordError(f"has {len(raw)} bytes instead of {expected}; download it again.", data)
    signal = np.frombuffer(raw, "<i2").reshape(-1, len(LEADS))
    wrong = np.flatnonzero((signal.sum(0, dtype=np.int64) - checksums) & 0xFFFF)
    if wrong.size:
        leads = ", ".join(LEADS[k] for k in wrong)
        raise DamagedRecordError(f"checksum differs from the header's in lead {leads}; download it again.", data)
    return signal


def write_record(stem: Path, signal: Int16Array, rate: int) -> None:
    """Write a record as PTB-XL publishes it: .hea and .dat.

    Parameters
    ----------
    stem
        Path of the record without ending.
    signal
        Signal of shape (samples, 12) in uV.
    rate
        Sampling rate in Hz.
    """
    lines = [f"{stem.name} {len(LEADS)} {rate} {len(signal)}"]
    for lead, values in zip(STORED_LEADS, signal.T, strict=True):
        checksum = int(values.sum(dtype=np.int64)) & 0xFFFF
        lines.append(f"{stem.name}.dat 16 1000.0(0)/mV 16 0 {values[0]} {checksum} 0 {lead}")
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".dat").write_bytes(signal.astype("<i2").tobytes())
    stem.with_suffix(".hea").write_text("\n".join(lines) + "\n", newline="\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DamagedRecordError("missing; download it again.", path) from None
    except OSError as error:
        explained = explain(error, path)
        raise DamagedRecordError(explained.reason, explained.source) from error


def _parse_header(raw: bytes, path: Path, rate: int) -> Int64Array:
    """Return the checksum of each lead, from a header that is exactly as PTB-XL's headers are."""
    lines = raw.decode("ascii", "replace").splitlines()
    name = path.stem
    first = f"{name} {len(LEADS)} {rate} {SECONDS * rate}"
    if not lines or lines[0] != first:
        line = repr(lines[0][:60]) if lines else "an empty file"
        raise DamagedRecordError(f"damaged header: the first line is {line}, not {first!r}; download it again.", path)
    signals = [_SIGNAL_LINE.fullmatch(line) for line in lines[1:]]
    if [match and match.group(1, 4) for match in signals] != [(f"{name}.dat", lead) for lead in STORED_LEADS]:
        raise DamagedRecordError(
            "damaged header: it lacks one line for each of the twelve leads at 1000 units/mV; download it again.",
            path,
        )
    return np.array([int(match[3]) for match in signals if match])
