"""The binary formats MFER (ISO 22077) and ISHNE. Neither has been tested on a real recording."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
from ecgdatakit.models import Lead
from ecgdatakit.parsing.parsers.ishne_holter import ISHNEHolterParser
from ecgdatakit.parsing.parsers.mfer import MFERParser, _iter_tlv

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import device_in_free_text
from einthoven.readers.ecgdatakit_adapter import parse, to_tracing
from einthoven.readers.tracing import MISSING, Tracing
from einthoven.recording import RecordingWarning

_ISHNE_DATE = 138
"""Byte of day, month and year of the recording."""
MAX_CHANNELS = 64
MAX_DEFINITIONS = 50_000
MAX_LEVELS = 10
"""Nested sets of definitions; ecgdatakit copies each."""
MAX_BLOCKS = 20_000
"""Channels times frames; each takes about 1,000 bytes of memory, and more is allowed for each BYTES_PER_BLOCK."""
BYTES_PER_BLOCK = 128
# The warnings of the library have no category. Their text decides which of them are refusals.
_TRUNCATED = ("shorter than the frame", "no waveform data", "odd number of data bytes", "incomplete final frame")
_JOINED = ("without a gap",)


def is_ishne(data: bytes) -> bool:
    """Return whether a file begins like an ISHNE Holter file.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True if it is to be read as such.
    """
    return data.startswith(b"ISHNE1.0")


def is_mfer(data: bytes) -> bool:
    """Return whether a file begins like MFER.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for MFER's preamble or a chain of its definitions.
    """
    return bool(data) and MFERParser.can_parse(Path(), data[:4096])


def read_ishne(data: bytes) -> Tracing:
    """Read the content of an ISHNE file, regardless of the number of samples that its header declares.

    Recorders write the header first, with a nominal number, and may be stopped earlier.

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
        If the file is damaged or not plausible as an ECG.
    """
    record, warnings = parse(ISHNEHolterParser, data)
    warnings = [warning for warning in warnings if not any(words in warning.text for words in _TRUNCATED)]
    declared, n_samples = record.raw_metadata["ecg_size"], record.raw_metadata["samples_per_lead"]
    if n_samples < declared != n_samples * len(record.leads):
        text = (
            f"The header declares {declared:,} samples per lead, but the file holds {n_samples:,}; it may be cut short."
        )
        warnings.append(RecordingWarning("samples-missing", text))
    tracing = to_tracing("ISHNE", record, warnings)
    tracing.acquisition.device = device_in_free_text(tracing.acquisition.device)
    day = struct.unpack_from("<3h", data, _ISHNE_DATE)
    if tracing.acquisition.time is None and min(day) > 0:  # -9 means unknown
        tracing.acquisition.time = "/".join(map(str, day))
    return tracing


def read_mfer(data: bytes) -> Tracing:
    """Read the first rhythm of an MFER file; dominant beats are left out.

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
    record, warnings = parse(_BoundedMFERParser, data)
    _refuse_if_truncated(warnings)
    for lead in record.leads:
        lead.offset = _signed_offset(lead)
    rates = record.raw_metadata.get("sampling_rates", [])
    named = dict(zip([lead.label for lead in record.leads], rates, strict=True))
    bits = record.recording.acquisition.signal.data_encoding
    return to_tracing("MFER", record, warnings, named, MISSING if bits == "int16" else None)


def _signed_offset(lead: Lead) -> float:
    """Return the offset that is added to a lead's scaled samples: MFER's, with the sign that leaves less of a constant.

    Unsigned samples around 32768 state this middle as their offset. ecgdatakit adds it, as other writers mean it. No
    constant belongs to an ECG, so that the smaller one is right.
    """
    if not lead.offset or not len(lead.samples):
        return lead.offset
    middle = float(np.nanmedian(lead.samples)) * lead.resolution
    return min((lead.offset, -lead.offset), key=lambda offset: abs(middle + offset))


def _refuse_if_truncated(warnings: list[RecordingWarning]) -> None:
    """Turn ecgdatakit's warnings of a truncated or wrongly joined tracing into refusals."""
    for _, text in warnings:
        if any(words in text for words in _TRUNCATED):
            raise RecordingError(f"is cut short: {text}")
        if any(words in text for words in _JOINED):
            raise RecordingError(f"has gaps that are not supported: {text}")


class _BoundedMFERParser(MFERParser):
    """ecgdatakit's parser, with limits on the sizes that a small file can declare to fill the memory."""

    _levels = _definitions = _blocks = _size = 0

    @staticmethod
    def _typed_value(defn: tuple[bytes, bool], dtype: np.dtype[Any]) -> float | None:
        """Return an offset or a null value, which some writers store in other widths than the samples."""
        raw, big = defn
        if dtype.kind in "iu" and len(raw) in (1, 2, 4, 8):
            return float(int.from_bytes(raw, "big" if big else "little", signed=dtype.kind == "i"))
        return MFERParser._typed_value(defn, dtype)

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
