"""Bimodal compression of SCP-ECG: outside protected zones around the QRS complexes, the rhythm has fewer samples.

Section 6 states the interval of the reduced samples, section 5 that of the protected ones, and section 4 the zones
(EN 1064, sections 5.7 to 5.9). The record is rewritten in full, so that it is read as any other.
"""

import struct
from collections.abc import Mapping

import numpy as np
from ecgdatakit.models import Lead
from ecgdatakit.parsing.parsers.scp_ecg import SCPECGParser

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse

MAX_FACTOR = 8
"""Samples of full rate that one reduced sample may represent; the standard's is four."""
_HEADER, _INTERVAL, _BIMODAL = 16, 2, 5  # bytes of a section's header; places in sections 5 and 6
_PROTOCOL, _VERSION_3 = 9, 30  # the place in a section's header; from this version on, the flag means nothing
_LARGEST = 32767  # samples of a lead whose size in bytes fits its field
_SUBTRACTION = 1  # a flag of section 3

Zone = tuple[int, int, int]
"""First sample and end of a stretch, from 0, and how many of its samples are stored as one."""


def is_reduced(sections: Mapping[int, bytes]) -> bool:
    """Return whether a record has reduced samples.

    Parameters
    ----------
    sections
        The sections of the record, with their headers.

    Returns
    -------
    bool
        False also if the flag is set, but the intervals are the same.
    """
    rhythm, beat = (sections.get(number, b"") for number in (6, 5))
    if len(rhythm) < _HEADER + 6 or len(beat) < _HEADER + 6 or rhythm[_PROTOCOL] >= _VERSION_3:
        return False
    rhythm, beat = rhythm[_HEADER:], beat[_HEADER:]
    return bool(rhythm[_BIMODAL]) and rhythm[_INTERVAL : _INTERVAL + 2] != beat[_INTERVAL : _INTERVAL + 2]


def expand(sections: Mapping[int, bytes], coded: bool) -> bytes:
    """Return the record with all samples at the full rate.

    Parameters
    ----------
    sections
        The sections of the record, with their headers.
    coded
        Whether section 2 applies.

    Returns
    -------
    bytes
        A record without codes and checksums.

    Raises
    ------
    RecordingError
        If the record does not determine which samples are reduced.
    """
    bodies = {number: bytearray(section[_HEADER:]) for number, section in sections.items()}
    if not coded:
        bodies.pop(2, None)
    (reduced,), (full,) = (struct.unpack_from("<H", bodies[number], _INTERVAL) for number in (6, 5))
    ranges = [struct.unpack_from("<II", bodies[3], 2 + 9 * index) for index in range(bodies[3][0])]
    factor, rest = divmod(reduced, max(full, 1))
    n_samples = ranges[0][1] - ranges[0][0] + 1 if ranges else 0
    if rest or not 1 < factor <= MAX_FACTOR or len(set(ranges)) != 1 or not 0 < n_samples <= _LARGEST:
        raise RecordingError("has bimodal compression with intervals or leads that do not fit; export it again.")
    stretches = _stretches(_zones(bodies.get(4, bytearray()), ranges[0][0], n_samples), n_samples, factor)
    positions = np.concatenate([_positions(stretch) for stretch in stretches])
    stored = {number: bytearray(body) for number, body in bodies.items() if number in (2, 3, 4, 5, 6)}
    stored[3][1] &= ~_SUBTRACTION
    stored[6][_BIMODAL] = 0
    for index in range(len(ranges)):
        struct.pack_into("<II", stored[3], 2 + 9 * index, 1, len(positions))
    record, _ = parse(SCPECGParser, _record(stored))
    bodies.pop(2, None)
    times = np.arange(n_samples)
    rhythm = [np.interp(times, positions, lead.samples) for lead in record.leads]
    bodies[5] = _plain(bodies[5], full, [lead.samples for lead in _beats(record.median_beats)])
    bodies[6] = _plain(bodies[6], full, rhythm)
    return _record({number: bodies[number] for number in (1, 3, 4, 5, 6) if number in bodies})


def _beats(leads: list[Lead] | None) -> list[Lead]:
    if not leads:
        raise RecordingError("has bimodal compression without a reference beat; export it again.")
    return leads


def _zones(body: bytearray, first: int, n_samples: int) -> list[tuple[int, int]]:
    """Return first sample and end of each protected zone, from 0."""
    (count,) = struct.unpack_from("<H", body, 4) if len(body) >= 6 else (0,)
    start = 6 + 14 * count
    if not count or start + 8 * count > len(body):
        raise RecordingError("has bimodal compression without protected zones; export it again.")
    pairs = (struct.unpack_from("<II", body, start + 8 * index) for index in range(count))
    zones = sorted((max(a - first, 0), min(b - first + 1, n_samples)) for a, b in pairs)
    return [(a, b) for a, b in zones if b > a]


def _stretches(zones: list[tuple[int, int]], n_samples: int, factor: int) -> list[Zone]:
    """Return protected and reduced stretches in turn; whole groups of samples are reduced, except at the end."""
    stretches, place = list[Zone](), 0
    for start, end in zones:
        if start < place or (start - place) % factor:
            raise RecordingError(
                f"has bimodal compression whose zones overlap, or whose gaps are not a multiple of {factor} samples; "
                "how these are stored is not known."
            )
        stretches += [(place, start, factor), (start, end, 1)]
        place = end
    stretches.append((place, place + (n_samples - place) // factor * factor, factor))
    return [stretch for stretch in stretches if stretch[1] > stretch[0]]


def _positions(stretch: Zone) -> Float64Array:
    """Return the times in samples that the stored samples of a stretch represent: the middle of each group."""
    start, end, size = stretch
    return np.arange(start, end, size, dtype=np.float64) + (size - 1) / 2


def _plain(body: bytearray, interval: int, leads: list[Float64Array]) -> bytearray:
    """Return section 5 or 6 with samples that are not coded, in the same amplitude scale."""
    samples = [np.clip(np.rint(lead), -32768, 32767).astype("<i2").tobytes() for lead in leads]
    sizes = struct.pack(f"<{len(samples)}H", *map(len, samples))
    return bytearray(bytes(body[:2]) + struct.pack("<HBB", interval, 0, 0) + sizes + b"".join(samples))


def _record(bodies: Mapping[int, bytearray]) -> bytes:
    """Return a record of sections, without checksums."""
    place = 6 + _HEADER + 10 * (len(bodies) + 1)
    pointers, content = struct.pack("<HII", 0, place - 6, 7), b""
    for number, body in bodies.items():
        section = struct.pack("<HHIBB6x", 0, number, _HEADER + len(body), 13, 13) + bytes(body)
        pointers += struct.pack("<HII", number, len(section), place + len(content) + 1)
        content += section
    head = struct.pack("<HHIBB6x", 0, 0, _HEADER + len(pointers), 13, 13)
    return struct.pack("<HI", 0, place + len(content)) + head + pointers + content
