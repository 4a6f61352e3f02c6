"""What a file holds, judged by its name and its first bytes: what Einthoven wrote, and what no output may replace.

Reading a file decides what it is; this only has to be quick, and to err on the side of keeping a file.
"""

import os
import re
from pathlib import Path

MANUFACTURER = "The Einthoven developers"
"""Of the DICOM reports that Einthoven writes."""
TABLE_START = "source,error,format,"
"""The first columns of every CSV file of interpretations."""
CHECKPOINT_START = "einthoven-part "
"""The first bytes of OUT.part."""

_HEAD = 1 << 16
_TAIL = 1 << 16  # of Parquet, whose column names stand at the end
_RECORDERS = (".hea", ".dat", ".mat", ".xyz", ".scp", ".edf", ".bdf", ".mwf", ".mfer", ".mfr", ".ecg", ".ish")
_RECORDER_STARTS = (b"0       ", b"\xffBIOSEMI", b"ISHNE1.0", b"@ MFR", b"\x93NUMPY")
_WAVEFORM = b"1.2.840.10008.5.1.4.1.1.9."  # what the classes of DICOM waveforms begin with
_LEADS = {"i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"}
_CELLS = re.compile(r"[,;|\t ]+")
_UNIT = re.compile(r"[\[(/_ ].{0,12}$")
_OWN_JSON = re.compile(rb'\s*+\[?\s*+\{\s*+"(?:schema_version|recording|resourceType)"')
_OWN_TEXT = re.compile(rb"\(SHA-256 [0-9a-f]{12}\)\. Research software")
"""What stands below an interpretation as text."""
_NUMBER = re.compile(r"[-+]?[\d.]{1,30}(?:e[-+]?\d{1,3})?", re.IGNORECASE)


def is_recording(path: Path) -> bool:
    """Whether `path` is a file that looks like a recording, or like a DICOM file that Einthoven did not write.

    Raises OSError where it cannot be read.
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
        or bool(re.search(rb'"signal"\s{0,9}:\s{0,9}\[', head))
        or _is_table(head)
    )


def is_own_output(path: Path) -> bool:
    """Whether Einthoven wrote `path`: interpretations in any format, a DICOM report, or OUT.part.

    False where it cannot be read, which reading it will say.
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
    if head.startswith((TABLE_START.encode(), CHECKPOINT_START.encode())) or _OWN_JSON.match(head):
        return True
    return b"\0" not in head and bool(_OWN_TEXT.search(head))


def _read_tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read()


def _is_dicom(head: bytes) -> bool:
    """Also a file without preamble."""
    return head[128:132] == b"DICM" or (head[:2] in (b"\x02\0", b"\x08\0") and head[4:6] in (b"UL", b"CS", b"UI"))


def _is_xml(head: bytes) -> bool:
    start = head[:1000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith(b"<") and b"<svg" not in start and b"<html" not in start


def _is_table(head: bytes) -> bool:
    """Whether a text has a line that names leads, or a lead above numbers, or begins with numbers only."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1", "ignore")
    lines = [_CELLS.split(line.strip()[:4000]) for line in text.splitlines()[:60] if line.strip()]
    names = [[_UNIT.sub("", cell.strip("'\"").lower()) in _LEADS for cell in cells] for cells in lines]
    numbers = [all(map(_NUMBER.fullmatch, cells)) and len(cells) > 1 for cells in lines]
    return (
        any(sum(leads) > 1 and 2 * sum(leads) >= len(leads) for leads in names)
        or any(any(leads) and then for leads, then in zip(names, numbers[1:], strict=False))
        or (bool(numbers) and all(numbers[:2]))
    )
