"""SCP-ECG (EN 1064, ISO 11073-91064)."""

import binascii
import struct

from ecgdatakit.parsing.parsers.scp_ecg import SCPECGParser

from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse, to_tracing
from einthoven.readers.tracing import Tracing, check_size
from einthoven.recording import RecordingWarning

MAX_LEADS = 32
MAX_CODED_BYTES = 2 << 20
"""Bytes of coded leads; decoding takes about a second for each MiB."""
MAX_BEATS_BYTES = 64 << 10
"""Bytes of the section that lists the beats, enough for 2,900."""
_AGE, _AGE_UNITS = 4, "?YMWDH"
_TRACING_SECTIONS = {2, 3, 4, 5, 6}


def is_scp(data: bytes) -> bool:
    """Return whether a file begins like SCP-ECG.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for a record whose first section is section 0, at byte 7.
    """
    if len(data) < 32:
        return False
    (section, length), (first, offset) = struct.unpack_from("<HI", data, 8), struct.unpack_from("<H4xI", data, 22)
    return bool(section == 0 and length >= 26 and (length - 16) % 10 == 0 and first == 0 and offset == 7)


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
        sections = _sections(data)
        warnings = _check(sections)
    except struct.error as error:
        raise RecordingError("is cut short: a section ends before its content.") from error
    flags, bimodal = sections.get(3, bytes(18))[17:18], sections.get(6, bytes(22))[21:22]
    beats = {4, 5} if any(bimodal) or any(flag & 1 for flag in flags) else set()
    needed = {1, 2, 3, 6, 12} | beats
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


def _with_only(needed: set[int], data: bytes) -> bytes:
    """Return the record without pointers to other sections: a damaged measurement is no reason to refuse it."""
    out = bytearray(data)
    for offset in range(22, 6 + min(struct.unpack_from("<I", data, 10)[0], len(data) - 6) - 9, 10):
        if struct.unpack_from("<H", data, offset)[0] not in needed:
            out[offset + 2 : offset + 10] = bytes(8)
    return bytes(out)


def _sections(data: bytes) -> dict[int, bytes]:
    """Return the standard's sections, each with its header of 16 bytes."""
    sections = {}
    for offset in range(22, 6 + min(struct.unpack_from("<I", data, 10)[0], len(data) - 6) - 9, 10):
        section, length, index = struct.unpack_from("<HII", data, offset)
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
