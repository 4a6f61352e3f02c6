"""SCP-ECG (EN 1064, ISO 11073-91064)."""

import binascii
import struct
from collections.abc import Iterator

from ecgdatakit.parsing.parsers.scp_ecg import SCPECGParser

from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse, to_tracing
from einthoven.readers.scp_bimodal import expand, is_reduced
from einthoven.readers.tracing import Tracing, check_size
from einthoven.recording import RecordingWarning

MAX_LEADS = 32
MAX_CODED_BYTES = 2 << 20
"""Bytes of coded leads; decoding takes about a second for each MiB."""
MAX_BEATS_BYTES = 64 << 10
"""Bytes of the section that lists the beats, enough for 2,900."""
_AGE, _AGE_UNITS = 4, "?YMWDH"
_TRACING_SECTIONS = {2, 3, 4, 5, 6}
_STARTS = (7, 6, 0)
"""Values of the pointer to section 0: 7 by the standard, or 6 or 0 if bytes are counted from 0."""


def is_scp(data: bytes) -> bool:
    """Return whether a file begins like SCP-ECG.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for a record whose first section is section 0, at byte 7. Some recorders count from 0.
    """
    if len(data) < 32:
        return False
    (section, length), (first, offset) = struct.unpack_from("<HI", data, 8), struct.unpack_from("<H4xI", data, 22)
    return bool(section == 0 and length >= 26 and (length - 16) % 10 == 0 and first == 0 and offset in _STARTS)


def read_scp(data: bytes) -> Tracing:
    """Read the rhythm of section 6, with the reference beat added back if it was subtracted.

    `ecgdatakit_adapter.to_tracing` applies the amplitude scale of the section.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file is damaged, cut short or not plausible as an ECG.
    """
    try:
        data = _count_bytes_from_1(data)
        sections = _sections(data)
        warnings = _check(sections)
        plain = _is_plain(sections)
        data = _count_samples_from_1(data, sections)
        if is_reduced(sections):
            data = expand(_sections(data), coded=not plain)
            sections = _sections(data)
    except (struct.error, IndexError, KeyError) as error:
        raise RecordingError("is cut short: a section ends before its content.") from error
    flags, bimodal = sections.get(3, bytes(18))[17:18], sections.get(6, bytes(22))[21:22]
    beats = {4, 5} if any(bimodal) or any(flag & 1 for flag in flags) else set()
    needed = ({1, 2, 3, 6, 12} | beats) - ({2} if plain else set())
    try:
        record, parser_warnings = parse(SCPECGParser, _with_only(needed, data))
    except RecordingError as error:
        try:
            record, parser_warnings = parse(SCPECGParser, _with_only(needed - {1}, data))
        except RecordingError:
            raise error from None
        sections.pop(1, None)  # the pointer may be damaged too
        text = "The patient data in the file are damaged, and left out."
        warnings.append(RecordingWarning("patient-damaged", text))
    warnings += [warning for warning in parser_warnings if warning.code != "wrong-checksum"]  # checked above
    interval = record.raw_metadata["rhythm_sample_interval_us"]
    rate = round(1e6 / interval)
    exact = rate if abs(1e6 / rate - interval) <= 0.5 else 1e6 / interval  # 600 Hz is written as 1667 us
    record.raw_metadata.setdefault("age", _age(sections.get(1, b"")))
    return to_tracing("SCP-ECG", record, warnings, {lead.label: exact for lead in record.leads})


def _age(section: bytes) -> dict[str, str] | None:
    """Return the age in section 1 with the first letter of its unit; ecgdatakit drops ages below a year."""
    offset = 16
    while offset + 3 <= len(section):
        tag, length = struct.unpack_from("<BH", section, offset)
        value = section[offset + 3 : offset + 3 + length]
        if tag == _AGE and len(value) == 3 and value[2] < len(_AGE_UNITS):
            return {"value": str(int.from_bytes(value[:2], "little")), "units": _AGE_UNITS[value[2]]}
        offset += 3 + length
    return None


def _pointers(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield place, section, length and index of each pointer in section 0."""
    for offset in range(22, 6 + min(struct.unpack_from("<I", data, 10)[0], len(data) - 6) - 9, 10):
        yield offset, *struct.unpack_from("<HII", data, offset)


def _count_bytes_from_1(data: bytes) -> bytes:
    """Return the record with the standard's pointers; some recorders count bytes from 0."""
    if struct.unpack_from("<I", data, 28)[0] == _STARTS[0]:
        return data
    out = bytearray(data)
    for place, section, length, index in _pointers(data):
        if section and length and data[index + 2 : index + 4] == section.to_bytes(2, "little"):
            struct.pack_into("<I", out, place + 6, index + 1)
    struct.pack_into("<I", out, 28, _STARTS[0])
    return bytes(out)


def _is_plain(sections: dict[int, bytes]) -> bool:
    """Return whether a table of one code of 16 bits represents samples that are not coded."""
    table, rhythm, leads = (sections.get(number, b"")[16:] for number in (2, 6, 3))
    if table[:4] != b"\1\0\1\0" or not leads or max(table[4:6]) != 16:
        return False
    sizes = struct.unpack_from(f"<{leads[0]}H", rhythm, 6)
    counts = [last - first + 1 for first, last, _ in struct.iter_unpack("<IIB", leads[2 : 2 + 9 * leads[0]])]
    return all(size <= 2 * count and not size % 2 for size, count in zip(sizes, counts, strict=True))


def _count_samples_from_1(data: bytes, sections: dict[int, bytes]) -> bytes:
    """Return the record with leads that begin at sample 1; some recorders count from 0."""
    leads = sections.get(3, b"")[16:]
    starts = [first for first, _, _ in struct.iter_unpack("<IIB", leads[2 : 2 + 9 * leads[0]])] if leads else []
    if not starts or min(starts):
        return data
    out = bytearray(data)
    place = next(index for _, section, _, index in _pointers(data) if section == 3) - 1 + 18
    for offset in range(place, place + 9 * len(starts), 9):
        first, last = struct.unpack_from("<II", out, offset)
        struct.pack_into("<II", out, offset, first + 1, last + 1)
    return bytes(out)


def _with_only(needed: set[int], data: bytes) -> bytes:
    """Return the record without pointers to other sections: a damaged measurement is not a reason to refuse it."""
    out = bytearray(data)
    for place, section, _, _ in _pointers(data):
        if section not in needed:
            out[place + 2 : place + 10] = bytes(8)
    return bytes(out)


def _sections(data: bytes) -> dict[int, bytes]:
    """Return the standard's sections, each with its header of 16 bytes."""
    sections = {}
    for _, section, length, index in _pointers(data):
        if 0 < section < 12 and length and index:
            own = int.from_bytes(data[index + 3 : index + 7], "little")  # as in the section's own header
            sections[section] = data[index - 1 : index - 1 + max(16, min(length, own))]
    return sections


def _check(sections: dict[int, bytes]) -> list[RecordingWarning]:
    """Refuse what would need much time or memory to decode, or is damaged in the tracing; return warnings."""
    if 3 in sections and 6 in sections:
        leads, room = (sections[3][16] if len(sections[3]) > 16 else 0), 8 * len(sections[6])
        coded = len(sections[6]) + len(sections.get(5, b""))
        if leads > MAX_LEADS or coded > MAX_CODED_BYTES or len(sections.get(4, b"")) > MAX_BEATS_BYTES:
            raise RecordingError(f"declares {leads} leads in {len(sections[6])} bytes; no SCP-ECG is that large.")
        samples = 0
        for offset in range(18, 18 + 9 * leads, 9):
            first, last = struct.unpack_from("<II", sections[3], offset)
            if last - first >= room:
                raise RecordingError(f"declares samples {first} to {last} in a section of {room // 8} bytes.")
            samples += max(last - first + 1, 0)
        check_size(samples, coded)
    sums = {
        number: binascii.crc_hqx(body[2:], 0xFFFF) == struct.unpack_from("<H", body)[0]
        for number, body in sections.items()
    }
    wrong = sorted(number for number, right in sums.items() if not right)
    if len(wrong) < len(sums) and _TRACING_SECTIONS & set(wrong):
        raise RecordingError(f"is damaged: the checksum of section {wrong[0]} is wrong; get it again.")
    if not wrong:
        return []
    return [RecordingWarning("wrong-checksum", f"Checksums are wrong in sections {', '.join(map(str, wrong))}.")]
