"""Guess the content of a file from its name and first bytes: a recording, or output of Einthoven.

Only the readers determine the format of a file. This guess has to be quick, and protects a doubtful file from
replacement.
"""

import os
import re
from pathlib import Path

MANUFACTURER = "The Einthoven developers"
"""The manufacturer in the DICOM reports that Einthoven writes."""
TABLE_START = "source,error,format,"
"""The first columns of every CSV file of interpretations."""
CHECKPOINT_START = "einthoven-part "
"""The first bytes of OUT.part."""

_HEAD = 1 << 16
_TAIL = 1 << 16  # of a Parquet file, which ends with the names of its columns
_RECORDERS = (".hea", ".dat", ".mat", ".xyz", ".scp", ".edf", ".bdf", ".mwf", ".mfer", ".mfr", ".ecg", ".ish")
_RECORDER_STARTS = (b"0       ", b"\xffBIOSEMI", b"ISHNE1.0", b"@ MFR", b"\x93NUMPY")
_WAVEFORM = b"1.2.840.10008.5.1.4.1.1.9."  # prefix of the SOP classes of DICOM waveforms
_LEADS = {"i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"}
_CELLS = re.compile(r"[,;|\t ]+")
_UNIT = re.compile(r"[\[(/_ ].{0,12}$")
_OWN_JSON = re.compile(rb'\s*+\[?\s*+\{\s*+"(?:schema_version|recording|resourceType)"')
_FHIR_TRACING = b'"valueSampledData"'
"""Text in a FHIR Observation with the samples of an ECG, which Einthoven's reports do not have."""
_OWN_TEXT = re.compile(rb"\(SHA-256 [0-9a-f]{12}\)\. Research software")
"""The last line of an interpretation as text."""
_NUMBER = re.compile(r"[-+]?[\d.]{1,30}(?:e[-+]?\d{1,3})?", re.IGNORECASE)


def is_recording(path: Path) -> bool:
    """Return whether a file looks like a recording.

    Parameters
    ----------
    path
        A file that need not exist.

    Returns
    -------
    bool
        True also for a DICOM file that Einthoven did not write.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    head = _read_head(path)
    if not head or _is_own(head, path):
        return False
    return (
        path.suffix.lower() in _RECORDERS
        or head.startswith(_RECORDER_STARTS)
        or _is_dicom(head)
        or head.startswith(b"PAR1")
        or head[16:22] == b"SCPECG"
        or _is_xml(head)
        or _FHIR_TRACING in head
        or bool(re.search(rb'"signal"\s{0,9}:\s{0,9}\[', head))
        or _is_table(head)
    )


def is_own_output(path: Path) -> bool:
    """Return whether Einthoven wrote a file.

    Parameters
    ----------
    path
        A file that need not exist.

    Returns
    -------
    bool
        True for interpretations in any format, a DICOM report, and OUT.part. False if the file cannot be read,
        which the reader will report.
    """
    try:
        return _is_own(_read_head(path), path)
    except OSError:
        return False


def _read_head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)


def _is_own(head: bytes, path: Path) -> bool:
    if _is_dicom(head):
        return MANUFACTURER.encode() in head[:4096] and _WAVEFORM not in head[:1024]
    if head.startswith(b"PAR1"):
        return b"model_sha256" in _read_tail(path)
    if head.startswith((TABLE_START.encode(), CHECKPOINT_START.encode())) or (
        _OWN_JSON.match(head) and _FHIR_TRACING not in head
    ):
        return True
    return b"\0" not in head and bool(_OWN_TEXT.search(head))


def _read_tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read()


def _is_dicom(head: bytes) -> bool:
    """Return whether a file is DICOM, with or without preamble."""
    return head[128:132] == b"DICM" or (head[:2] in (b"\x02\0", b"\x08\0") and head[4:6] in (b"UL", b"CS", b"UI"))


def _is_xml(head: bytes) -> bool:
    start = head[:1000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith(b"<") and b"<svg" not in start and b"<html" not in start


def _is_table(head: bytes) -> bool:
    """Return whether a text has a line of lead names, or a lead above numbers, or begins with numbers only."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1", "ignore")
    lines = [_CELLS.split(line.strip()[:4000]) for line in text.splitlines()[:60] if line.strip()]
    names = [[_UNIT.sub("", cell.strip("'\"").lower()) in _LEADS for cell in cells] for cells in lines]
    numbers = [all(map(_NUMBER.fullmatch, cells)) and len(cells) > 1 for cells in lines]
    return (
        any(sum(leads) > 1 and 2 * sum(leads) >= len(leads) for leads in names)
        or any(any(leads) and below for leads, below in zip(names, numbers[1:], strict=False))
        or (bool(numbers) and all(numbers[:2]))
    )
