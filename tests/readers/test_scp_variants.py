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


def bimodal(signal: Signal, beat: Signal, at: int, factor: int, zones: list[tuple[int, int]], coded: bool) -> bytes:
    """Samples outside the zones (first and last sample, from 1) are means of `factor`; `beat` is subtracted at `at`."""
    plain = bodies(writers.scp(signal, 500, beat=beat, at=at))
    sections_4, rest = plain[4], signal.astype(float)
    rest[at - 1 : at - 1 + len(beat)] -= beat
    rows = []
    for values in rest.T:
        row, place = [], 0
        for start, end in [*zones, (len(values) + 1, 0)]:
            gap = values[place : start - 1]
            row += gap[: len(gap) // factor * factor].reshape(-1, factor).mean(1).round().tolist()
            row += values[start - 1 : end].tolist()
            place = end
        rows.append(np.array(row).astype("<i2").tobytes())
    section_4 = sections_4[:4] + struct.pack("<H", len(zones))
    section_4 += b"".join(struct.pack("<HIII", k, at, at, at + len(beat) - 1) for k in range(len(zones)))
    section_4 += b"".join(struct.pack("<II", *zone) for zone in zones)
    sizes = struct.pack("<12H", *map(len, rows))
    section_6 = struct.pack("<HHBB", 1000, 2000 * factor, 0, 1) + sizes + b"".join(rows)
    code = {2: UNCODED} if coded else {}
    return writers.scp_record(dict(sorted({**plain, **code, 4: section_4, 6: section_6}.items())))


@pytest.mark.parametrize(("factor", "coded"), [(2, False), (4, False), (4, True)])
def test_bimodal_compression_is_undone(factor: int, coded: bool, ecg: Signal) -> None:
    zones = [(401, 800), (1201, 1500), (2401, 3000)]
    recording = einthoven.read(bimodal(ecg, ecg[2500:2800], 2501, factor, zones, coded))
    assert (recording.rate, recording.signal.shape) == (500, (12, 5000))
    for start, end in zones:
        np.testing.assert_allclose(recording.signal[:, start - 1 : end], ecg[start - 1 : end].T / 1000, atol=1e-5)
    smooth = np.linspace(0, 300, 5000)[:, None] * np.arange(-6, 6) / 6
    slow = smooth.round().astype(np.int16)
    recording = einthoven.read(bimodal(slow, slow[2500:2800], 2501, factor, zones, coded))
    np.testing.assert_allclose(recording.signal[:, factor:-factor], slow[factor:-factor].T / 1000, atol=0.0026)


@pytest.mark.parametrize(
    ("zones", "factor", "reason"),
    [
        ([(402, 800)], 4, "not a multiple of 4 samples"),
        ([(401, 800), (701, 900)], 4, "overlap"),
        ([(401, 800)], 9, "intervals or leads that do not fit"),
    ],
)
def test_bimodal_compression_that_leaves_its_zones_open_is_refused(
    zones: list[tuple[int, int]], factor: int, reason: str, ecg: Signal
) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(bimodal(ecg, ecg[2500:2800], 2501, factor, zones, False))
