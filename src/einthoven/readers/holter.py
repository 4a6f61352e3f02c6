"""The binary formats MFER (ISO 22077) and ISHNE. Neither was tried on a real recording."""

from collections.abc import Iterator
from pathlib import Path

from ecgdatakit.parsing.parsers.ishne_holter import ISHNEHolterParser
from ecgdatakit.parsing.parsers.mfer import MFERParser

from einthoven.errors import RecordingError
from einthoven.readers.kit import parse, tracing
from einthoven.readers.tracing import Tracing

MOST_CHANNELS = 64
MOST_DEFINITIONS = 100_000
_CHN, _ATT, _SET, _END = 0x05, 0x3F, 0x67, 0x80
_TRUNCATED = ("shorter than the frame", "no waveform data", "odd number of data bytes", "incomplete final frame")
_JOINED = ("without a gap",)


def is_ishne(data: bytes) -> bool:
    """Whether `data` begins like an ISHNE Holter file."""
    return data.startswith(b"ISHNE1.0")


def is_mfer(data: bytes) -> bool:
    """Whether `data` begins with MFER's preamble or with a chain of its definitions."""
    return bool(data) and MFERParser.can_parse(Path(), data[:4096])


def read_ishne(data: bytes) -> Tracing:
    """An ISHNE file whose samples are as many as its header says."""
    record, said = parse(ISHNEHolterParser, data)
    _refuse(said)
    declared, came = record.raw_metadata["ecg_size"], record.raw_metadata["samples_per_lead"]
    if came < declared != came * len(record.leads):
        raise RecordingError(f"is cut short: {came} of {declared} samples a lead came; get it again.")
    return tracing("ISHNE", record, said)


def read_mfer(data: bytes) -> Tracing:
    """The first rhythm of an MFER file; dominant beats are left out."""
    for count, (tag, value) in enumerate(_definitions(data, 0, len(data))):
        if count > MOST_DEFINITIONS:
            raise RecordingError(f"has more than {MOST_DEFINITIONS:,} definitions; no MFER ECG has that many.")
        if tag == _CHN and len(value) <= 4:
            channels = min(int.from_bytes(value, "big"), int.from_bytes(value, "little"))
            if channels > MOST_CHANNELS:
                raise RecordingError(f"declares {channels} channels; at most {MOST_CHANNELS} are expected.")
    record, said = parse(MFERParser, data)
    _refuse(said)
    rates = record.raw_metadata.get("sampling_rates", [])
    return tracing("MFER", record, said, dict(zip([lead.label for lead in record.leads], rates, strict=True)))


def _refuse(said: list[str]) -> None:
    """Turn those of ecgdatakit's warnings into refusals that mean a truncated or wrongly joined tracing."""
    for warning in said:
        if any(words in warning for words in _TRUNCATED):
            raise RecordingError(f"is cut short: {warning}")
        if any(words in warning for words in _JOINED):
            raise RecordingError(f"has gaps that are not supported: {warning}")


def _definitions(data: bytes, place: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Tag and first bytes of each definition, also of those inside a set or a channel's attributes."""
    while place + 2 <= end and data[place] != _END:
        tag, place = data[place], place + 1
        if tag == 0:  # padding, or the end of a set of open length
            continue
        if tag == _ATT:  # the channel's number, seven bits a byte
            while place < end and data[place] & 0x80:
                place += 1
            place += 1
        length, place = (data[place] if place < end else 0), place + 1
        if length > 0x80:
            size = length & 0x7F
            length, place = int.from_bytes(data[place : place + size], "big"), place + size
        yield tag, data[place : min(place + length, place + 5)]
        if tag not in (_SET, _ATT):
            place += length
