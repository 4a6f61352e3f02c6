"""The multiplex groups of a DICOM file: which of them form one rhythm, and the leads that they hold."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from einthoven.arrays import BoolArray
from einthoven.errors import RecordingError
from einthoven.readers.lead_names import (
    count_standard_leads,
    is_chest,
    known_lead,
    millivolts,
    numbered_lead,
    standard_lead,
)
from einthoven.readers.redact import HIDDEN
from einthoven.readers.tracing import MULTIPLEXED, Channel, check_count, rhythms_left_out
from einthoven.recording import LEADS, MIN_SECONDS, RecordingWarning

_SAMPLES = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "i2", (16, "US"): "u2", (32, "SL"): "i4", (32, "UL"): "u4"}
_SIGNED = {8: "SB", 16: "SS", 32: "SL"}
_SAME_TIME_S = 0.02
"""Difference in s between the durations and starts of groups that were recorded at the same time."""
_SAME_START_S = 1.0
"""Difference in s between the durations of groups that state the same start; what all have in common is read."""
_MEANINGS = ("SB", "UB", "MB", "AB", "SS", "US", "SL", "UL", "SV", "UV")
_CODE = re.compile(r"(?:2:|5\.6\.3-9-|MDC:|SCPECG:)0*+(\d{1,9})", re.ASCII)
_CHEST_CODE = re.compile(r"(?i)(?:[a-z_ ]*[_ ])?V\d{1,3}R?")  # MDC_ECG_LEAD_V3R


class Group:
    """One multiplex group: channels of one rate, sampled together.

    Parameters
    ----------
    item
        An item of the waveform sequence.
    dataset
        The file.

    Raises
    ------
    RecordingError
        If the item contradicts itself, or declares too many samples.
    """

    def __init__(self, item: Dataset, dataset: Dataset) -> None:
        self.item, self.dataset = item, dataset
        self.count, self.samples = (
            int(item.get("NumberOfWaveformChannels") or 0),
            int(item.get("NumberOfWaveformSamples") or 0),
        )
        self.rate = float(item.get("SamplingFrequency") or 0)
        offset = item.get("MultiplexGroupTimeOffset")
        self.offset = None if offset in (None, "") else float(offset)
        self.definitions = list(item.get("ChannelDefinitionSequence") or [])
        self.names = [_name(definition) for definition in self.definitions]
        if self.rate <= 0 or self.count <= 0 or self.samples <= 0 or len(self.definitions) != self.count:
            raise RecordingError(
                f"declares {self.count} channels, {len(self.definitions)} described, of {self.samples} samples at "
                f"{self.rate:g} Hz; this is contradictory."
            )
        check_count(self.count * self.samples)

    @property
    def seconds(self) -> float:
        """Duration in s."""
        return self.samples / self.rate

    @property
    def standard(self) -> int:
        """Number of standard leads."""
        return count_standard_leads(self.names)

    def channels(self) -> list[Channel]:
        """Return the channels with their samples.

        Returns
        -------
        list of Channel
            Channels in the order of the file.

        Raises
        ------
        RecordingError
            If the samples are cut short, or coded in an unknown way.
        """
        codes = self._codes()
        missing = self._missing(codes.dtype)
        channels = []
        for name, definition, stored in zip(self.names, self.definitions, codes.T, strict=True):
            column, absent = _significant(stored, int(definition.get("WaveformBitsStored") or 0), missing)
            sensitivity = definition.get("ChannelSensitivity")
            scale = float(sensitivity or 0) * float(definition.get("ChannelSensitivityCorrectionFactor") or 1)
            unit = _unit(definition) if scale else ""
            delay = float(definition.get("ChannelOffset") or 0) + float(definition.get("ChannelTimeSkew") or 0)  # s
            start = round(delay * self.rate) if abs(delay) > MULTIPLEXED else 0
            physical = column * np.float64(scale)
            physical += float(definition.get("ChannelBaseline") or 0)
            if absent is not None:
                physical[absent] = np.nan
            channels.append(Channel(name, physical, self.rate, unit, start))
        return channels

    def _codes(self) -> NDArray[Any]:
        """Return the samples (samples, channels) as stored."""
        bits = int(self.item.get("WaveformBitsAllocated") or 0)
        meaning = str(self.item.get("WaveformSampleInterpretation") or _SIGNED.get(bits, ""))
        if (bits, meaning) not in _SAMPLES:
            known = meaning if meaning in _MEANINGS else HIDDEN
            raise RecordingError(f"stores samples as {bits} bit {known}; 8, 16 or 32 bit linear ones are expected.")
        order = ">" if self.dataset.original_encoding[1] is False else "<"
        kind = np.dtype(order + _SAMPLES[bits, meaning])
        data = self.item.get("WaveformData") or b""
        expected = self.count * self.samples * kind.itemsize
        if not isinstance(data, bytes) or not expected <= len(data) <= expected + 1:
            raise RecordingError(f"is damaged: its waveform has {len(data)} bytes, and {expected} are expected.")
        return np.frombuffer(data, kind, self.count * self.samples).reshape(self.samples, self.count)

    def _missing(self, kind: np.dtype[Any]) -> Any:
        """Return the value of missing samples: the padding value, or the lowest one, as recorders write it."""
        padding = self.item.get("WaveformPaddingValue")
        if isinstance(padding, bytes) and len(padding) >= kind.itemsize:
            return np.frombuffer(padding, kind, 1)[0]
        if isinstance(padding, int):
            return padding
        return np.iinfo(kind).min if kind.kind == "i" and kind.itemsize > 1 else None


def _significant(codes: NDArray[Any], bits: int, missing: Any) -> tuple[NDArray[Any], BoolArray | None]:
    """Return samples by their significant bits alone (PS3.3, C.10.9.1.4.7), and which are missing.

    Writers do not all extend the sign beyond these bits. Some store larger values than they declare: of both readings,
    the one that jumps less is taken. `missing` is the value for no sample, if there is one.
    """
    absent = None if missing is None else codes == missing
    unused = 8 * codes.itemsize - bits
    if not 0 < unused < 8 * codes.itemsize:
        return codes, absent
    kind = codes.dtype.newbyteorder("=")
    values = np.left_shift(codes.astype(kind), unused) >> unused
    known = slice(None) if absent is None else ~absent
    if _variation(codes[known]) < _variation(values[known]):
        return codes, absent
    if absent is not None and -(2 ** (bits - 1)) <= int(missing) < 2**bits:  # with or without its sign extended
        absent |= values == (np.left_shift(kind.type(missing), unused) >> unused)
    return values, absent


def _variation(values: NDArray[Any]) -> float:
    return float(np.abs(np.diff(values.astype(np.float64))).sum())


def select_rhythm(items: list[Dataset], dataset: Dataset) -> tuple[list[Group], list[RecordingWarning]]:
    """Return the groups that form one rhythm, and warnings.

    Parameters
    ----------
    items
        Items of the waveform sequence.
    dataset
        The file.

    Returns
    -------
    groups : list of Group
        Readable groups: the most standard leads recorded at the same time, and the longest of these.
    warnings : list of RecordingWarning
        Assumptions that were made, and the number of rhythms that are left out.

    Raises
    ------
    RecordingError
        If no group can be read, or the leads were recorded one group after another.
    """
    groups = list[Group]()
    first_error: RecordingError | None = None
    for item in items:
        try:
            groups.append(Group(item, dataset))
        except RecordingError as error:
            first_error = first_error or error  # a file can hold thousands of such items
    if first_error and not groups:
        raise first_error
    unreadable = len(items) - len(groups)
    groups = [group for group in groups if group.seconds >= MIN_SECONDS] or groups
    rivals = [_without_repeats(same) for same in _by_time(groups)]
    best = max(rivals, key=lambda same: (sum(group.standard for group in same), same[0].seconds))
    warnings: list[RecordingWarning] = []
    if len(best) > 1 and all(group.offset is None for group in best):
        whole = sum(group.seconds for group in best)  # the duration of a rhythm strip below them
        if any(abs(group.seconds - whole) < 0.1 * whole for group in groups):
            raise RecordingError("holds its leads one group after another; simultaneous leads are expected.")
        text = "The groups do not state when they began; they are taken to be simultaneous."
        warnings.append(RecordingWarning("assumed-simultaneous", text))
    left_out = [group for group in groups if not any(group is other for other in best)]
    return best, warnings + _lost_leads(best, left_out) + rhythms_left_out(len(left_out) + unreadable)


def _by_time(groups: list[Group]) -> list[list[Group]]:
    """Return the groups in lists of those recorded at the same time, regardless of their rates."""
    lists: list[list[Group]] = []
    for group in groups:
        for same in lists:
            shift = abs((group.offset or 0.0) - (same[0].offset or 0.0)) / 1000  # ms
            is_stated = group.offset is not None and same[0].offset is not None
            longest = _SAME_START_S if is_stated and shift <= _SAME_TIME_S else _SAME_TIME_S
            if shift + abs(group.seconds - same[0].seconds) <= longest:
                same.append(group)
                break
        else:
            lists.append([group])
    return lists


def _lost_leads(best: list[Group], others: list[Group]) -> list[RecordingWarning]:
    """Return the warning that leads of another time are lost."""
    known = {lead[0] for group in best for name in group.names if (lead := standard_lead(name))}
    lost = {lead[0] for group in others for name in group.names if (lead := standard_lead(name))} - known
    names = ", ".join(name for name in LEADS if name in lost)
    text = f"{names}: recorded at another time, or for another duration, than the other leads, and left out."
    return [RecordingWarning("leads-unequal", text)] if lost else []


def _without_repeats(groups: list[Group]) -> list[Group]:
    """Return those of groups recorded at the same time that add leads."""
    selected: list[Group] = []
    known: set[str] = set()
    for group in sorted(groups, key=lambda group: -group.standard):
        leads = {lead[0] for name in group.names if (lead := known_lead(name))}
        if not selected or leads - known:
            selected.append(group)
            known |= leads
    return selected


def _name(definition: Dataset) -> str:
    """Return the lead's name: by its code if that is known, else by its meaning, else by the label."""
    source = next(iter(definition.get("ChannelSourceSequence") or []), Dataset())
    code, scheme = str(source.get("CodeValue") or ""), str(source.get("CodingSchemeDesignator") or "")
    number = _CODE.fullmatch(f"{scheme}:{code}" if code.isdigit() else code)
    known = numbered_lead(int(number[1])) if number else None
    words = [
        re.split(r"[,(]", str(word or ""), maxsplit=1)[0]
        for word in (source.get("CodeMeaning"), definition.get("ChannelLabel"))
    ]
    coded = code if known_lead(code) or _CHEST_CODE.fullmatch(code) else ""
    named = next((word for word in words if known_lead(word) or is_chest(word)), "")
    return known or coded or named or words[0] or words[1]


def _unit(definition: Dataset) -> str:
    code = next(iter(definition.get("ChannelSensitivityUnitsSequence") or []), Dataset())
    words = [str(code.get(key) or "") for key in ("CodeValue", "CodeMeaning")]
    return next(filter(millivolts, words), words[0] or words[1])
