"""The multiplex groups of a DICOM file: which of them are one rhythm, and the leads that they hold."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from einthoven.errors import RecordingError
from einthoven.readers.lead_names import count_standard_leads, is_chest, millivolts, numbered_lead, standard_lead
from einthoven.readers.redact import HIDDEN
from einthoven.readers.tracing import MULTIPLEXED, Channel, check_count, rhythms_left_out
from einthoven.recording import MIN_SECONDS, RecordingWarning

_SAMPLES = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "i2", (16, "US"): "u2", (32, "SL"): "i4", (32, "UL"): "u4"}
_SIGNED = {8: "SB", 16: "SS", 32: "SL"}
_MEANINGS = ("SB", "UB", "MB", "AB", "SS", "US", "SL", "UL", "SV", "UV")
_CODE = re.compile(r"(?:2:|5\.6\.3-9-|MDC:|SCPECG:)0*+(\d{1,9})", re.ASCII)
_CHEST_CODE = re.compile(r"(?i)(?:[a-z_ ]*[_ ])?V\d{1,3}R?")  # MDC_ECG_LEAD_V3R


class Group:
    """One multiplex group: channels of one rate, sampled together."""

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
        """How long it lasts."""
        return self.samples / self.rate

    @property
    def standard(self) -> int:
        """How many standard leads it holds."""
        return count_standard_leads(self.names)

    def channels(self) -> list[Channel]:
        """Its channels with their samples. Raises RecordingError where these are cut short or coded in another way."""
        codes = self._codes()
        missing = self._missing(codes.dtype)
        channels = []
        for name, definition, column in zip(self.names, self.definitions, codes.T, strict=True):
            sensitivity = definition.get("ChannelSensitivity")
            scale = float(sensitivity or 0) * float(definition.get("ChannelSensitivityCorrectionFactor") or 1)
            unit = _unit(definition) if scale else ""
            late = float(definition.get("ChannelOffset") or 0) + float(definition.get("ChannelTimeSkew") or 0)  # s
            start = round(late * self.rate) if abs(late) > MULTIPLEXED else 0
            physical = column * np.float64(scale)
            physical += float(definition.get("ChannelBaseline") or 0)
            if missing is not None:
                physical[column == missing] = np.nan
            channels.append(Channel(name, physical, self.rate, unit, start))
        return channels

    def _codes(self) -> NDArray[Any]:
        """(samples, channels) as stored."""
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
            raise RecordingError(f"is damaged: {len(data)} bytes of waveform came where {expected} are expected.")
        return np.frombuffer(data, kind, self.count * self.samples).reshape(self.samples, self.count)

    def _missing(self, kind: np.dtype[Any]) -> Any:
        """The value that stands for no sample: the padding value, else the lowest one, which recorders write so."""
        padding = self.item.get("WaveformPaddingValue")
        if isinstance(padding, bytes) and len(padding) >= kind.itemsize:
            return np.frombuffer(padding, kind, 1)[0]
        if isinstance(padding, int):
            return padding
        return np.iinfo(kind).min if kind.kind == "i" and kind.itemsize > 1 else None


def select_rhythm(items: list[Dataset], dataset: Dataset) -> tuple[list[Group], list[RecordingWarning]]:
    """The groups among `items` that are one rhythm, and what to warn of.

    Of those that can be read, the most standard leads recorded at the same time, the longest of these. Raises
    RecordingError where none can be read, or the leads were recorded one group after another.
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
    together: dict[tuple[float, int, float], list[Group]] = {}
    for group in groups:
        together.setdefault((group.rate, group.samples, group.offset or 0.0), []).append(group)
    rivals = [_without_repeats(same) for same in together.values()]
    chosen = max(rivals, key=lambda same: (sum(group.standard for group in same), same[0].seconds))
    warnings: list[RecordingWarning] = []
    if len(chosen) > 1 and all(group.offset is None for group in chosen):
        whole = sum(group.seconds for group in chosen)  # as long as a rhythm strip below them
        if any(abs(group.seconds - whole) < 0.1 * whole for group in groups):
            raise RecordingError("holds its leads one group after another; simultaneous leads are expected.")
        text = "The groups do not say when they began; they are taken to be simultaneous."
        warnings.append(RecordingWarning("assumed-simultaneous", text))
    return chosen, warnings + rhythms_left_out(len(groups) - len(chosen) + unreadable)


def _without_repeats(groups: list[Group]) -> list[Group]:
    """Of groups of the same time those that bring new leads."""
    kept: list[Group] = []
    known: set[str] = set()
    for group in sorted(groups, key=lambda group: -group.standard):
        leads = {lead[0] for name in group.names if (lead := standard_lead(name))}
        if not kept or leads - known:
            kept.append(group)
            known |= leads
    return kept


def _name(definition: Dataset) -> str:
    """The lead's name: by code where it is a known one, else by what a person reads, the label last."""
    source = next(iter(definition.get("ChannelSourceSequence") or []), Dataset())
    code, scheme = str(source.get("CodeValue") or ""), str(source.get("CodingSchemeDesignator") or "")
    number = _CODE.fullmatch(f"{scheme}:{code}" if code.isdigit() else code)
    known = numbered_lead(int(number[1])) if number else None
    words = [
        re.split(r"[,(]", str(word or ""), maxsplit=1)[0]
        for word in (source.get("CodeMeaning"), definition.get("ChannelLabel"))
    ]
    coded = code if standard_lead(code) or _CHEST_CODE.fullmatch(code) else ""
    named = next((word for word in words if standard_lead(word) or is_chest(word)), "")
    return known or coded or named or words[0] or words[1]


def _unit(definition: Dataset) -> str:
    code = next(iter(definition.get("ChannelSensitivityUnitsSequence") or []), Dataset())
    words = [str(code.get(key) or "") for key in ("CodeValue", "CodeMeaning")]
    return next(filter(millivolts, words), words[0] or words[1])
