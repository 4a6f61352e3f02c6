"""The binary formats MFER (ISO 22077) and ISHNE. Neither was tried on a real recording."""

from pathlib import Path

from ecgdatakit.parsing.parsers.ishne_holter import ISHNEHolterParser
from ecgdatakit.parsing.parsers.mfer import MFERParser, _iter_tlv

from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse, tracing
from einthoven.readers.tracing import Tracing
from einthoven.recording import RecordingWarning

MAX_CHANNELS = 64
MAX_DEFINITIONS = 50_000
MAX_LEVELS = 10
"""Sets of definitions inside one another; ecgdatakit copies each."""
MAX_BLOCKS = 20_000
"""Channels times frames; each takes about 1,000 bytes of memory, and more is allowed for each BYTES_PER_BLOCK."""
BYTES_PER_BLOCK = 128
# The library gives its warnings no category, so that its words decide which of them are refusals.
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
    record, said = parse(_BoundedMFERParser, data)
    _refuse(said)
    rates = record.raw_metadata.get("sampling_rates", [])
    return tracing("MFER", record, said, dict(zip([lead.label for lead in record.leads], rates, strict=True)))


def _refuse(said: list[RecordingWarning]) -> None:
    """Turn those of ecgdatakit's warnings into refusals that mean a truncated or wrongly joined tracing."""
    for _, text in said:
        if any(words in text for words in _TRUNCATED):
            raise RecordingError(f"is cut short: {text}")
        if any(words in text for words in _JOINED):
            raise RecordingError(f"has gaps that are not supported: {text}")


class _BoundedMFERParser(MFERParser):
    """ecgdatakit's parser, which refuses what a small file could declare to fill the memory."""

    _levels = _definitions = _blocks = _size = 0

    def _walk(self, data: bytes, pos: int, end: int, channel: int | None) -> None:
        self._levels, self._size = self._levels + 1, max(self._size, end - pos)
        for _ in _iter_tlv(data, pos, end):
            self._definitions += 1
            if self._definitions > MAX_DEFINITIONS or self._levels > MAX_LEVELS:
                raise RecordingError(
                    f"has more than {MAX_DEFINITIONS:,} definitions, or {MAX_LEVELS} levels; no MFER ECG has those."
                )
        super()._walk(data, pos, end, channel)
        self._levels -= 1

    def _add_frame(self, wav: bytes) -> None:
        channels = self._state.channels
        if channels > MAX_CHANNELS:
            raise RecordingError(f"declares {channels} channels; at most {MAX_CHANNELS} are expected.")
        self._blocks += channels
        if self._blocks > MAX_BLOCKS + self._size // BYTES_PER_BLOCK:
            raise RecordingError(f"has {self._blocks:,} frames of channels; no MFER ECG of its size has that many.")
        if sum(self._state.effective(channel).get("blk", 1) for channel in range(channels)) > len(wav):
            raise RecordingError("is cut short: its waveform is shorter than one block of its channels.")
        super()._add_frame(wav)
