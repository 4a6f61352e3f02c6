"""SCP-ECG as some recorders write it: bytes or samples counted from 0, and a code table that codes nothing."""

import struct
from itertools import product

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError

Signal = NDArray[np.int16]
UNCODED = struct.pack("<HHBBBhI", 1, 1, 16, 16, 1, 0, 0)
"""A section 2 of one table with one code of 16 bits."""


def bodies(record: bytes) -> dict[int, bytes]:
    pointers = struct.iter_unpack("<HII", record[32 : 6 + int.from_bytes(record[10:14], "little")])
    return {number: record[place + 15 : place - 1 + length] for number, length, place in pointers}


def bytes_from_0(record: bytes, first: int) -> bytes:
    out = bytearray(record)
    struct.pack_into("<I", out, 28, first)
    for place in range(32, 6 + int.from_bytes(record[10:14], "little"), 10):
        (index,) = struct.unpack_from("<I", out, place + 6)
        struct.pack_into("<I", out, place + 6, index - 1)
    return bytes(out)


def samples_from_0(record: bytes) -> bytes:
    sections = bodies(record)
    leads = bytearray(sections[3])
    for place in range(2, len(leads) - 8, 9):
        first, last = struct.unpack_from("<II", leads, place)
        struct.pack_into("<II", leads, place, first - 1, last - 1)
    return writers.scp_record(sections | {3: bytes(leads)})


@pytest.mark.parametrize(
    ("first", "samples", "coded", "beat"), product((None, 0, 6), (0, 1), (False, True), (False, True))
)
def test_every_mixture_is_read(first: int | None, samples: int, coded: bool, beat: bool, ecg: Signal) -> None:
    record = writers.scp(ecg, 500, beat=ecg[1000:1300] if beat else None, at=2001)
    if coded:
        record = writers.scp_record(dict(sorted({**bodies(record), 2: UNCODED}.items())))
    if not samples:
        record = samples_from_0(record)
    if first is not None:
        record = bytes_from_0(record, first)
    recording = einthoven.read(record)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert recording.warnings == ()


def test_a_record_that_is_cut_short_is_refused(ecg: Signal) -> None:
    record = bytes_from_0(writers.scp(ecg, 500), 0)
    for size in (60, 400, len(record) - 5000):
        with pytest.raises(RecordingError):
            einthoven.read(record[:size])
