"""DICOM waveforms: 12-lead ECG, general ECG and ambulatory ECG (PS3.3 A.34, C.10.9), by pydicom.

ecgdatakit reads them too, but spends half of its time on annotations that are not needed here, and takes the first
rhythm group where a file may spread its leads over several.
"""

import re
import struct
import zlib
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from einthoven.errors import RecordingError
from einthoven.readers.names import is_chest, millivolts, numbered_lead, standard_count, standard_lead
from einthoven.readers.quiet import caught_warnings
from einthoven.readers.shape import SECONDS
from einthoven.readers.sources import MAX_BYTES
from einthoven.readers.tracing import MAX_VALUES, MULTIPLEXED, Channel, Tracing
from einthoven.recording import Patient

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_SAMPLES = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "i2", (16, "US"): "u2", (32, "SL"): "i4", (32, "UL"): "u4"}
_SIGNED = {8: "SB", 16: "SS", 32: "SL"}
_MEDIAN = re.compile(r"median|representative|average|template|mean beat", re.IGNORECASE)
_CODE = re.compile(r"(?:2:|5\.6\.3-9-|MDC:|SCPECG:)0*(\d+)")
_CHEST_CODE = re.compile(r"(?i)(?:[a-z_ ]*[_ ])?V\d+R?")  # MDC_ECG_LEAD_V3R
_AGE = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


def is_dicom(data: bytes) -> bool:
    """Whether `data` is a DICOM file, also one without preamble."""
    if data[128:132] == b"DICM":
        return True
    explicit = data[4:6] in (b"UL", b"CS", b"UI", b"DA")
    implicit = data[:2] == b"\x08\0" and data[3:4] == b"\0" and data[5:8] == b"\0\0\0" and len(data) >= 256
    return (explicit and data[:2] in (b"\x02\0", b"\x08\0", b"\0\x08")) or implicit


def read_dicom(data: bytes) -> Tracing:
    """The rhythm of the file: of groups recorded at the same time all leads, never the median beat."""
    _check_deflated(data)
    try:
        with caught_warnings():  # of values that break the standard
            return _read(pydicom.dcmread(BytesIO(data), force=True))
    except RecordingError:
        raise
    except Exception as error:  # pydicom decodes late, and raises whatever a damaged element makes it stumble over
        raise RecordingError(f"is damaged: {type(error).__name__}: {error}.") from error


def _read(dataset: Dataset) -> Tracing:
    items = list(dataset.get("WaveformSequence") or [])
    if not items:
        raise RecordingError(f"is a DICOM {_kind(dataset)} without waveforms; an ECG waveform is expected.")
    rhythm = [item for item in items if not _MEDIAN.search(str(item.get("MultiplexGroupLabel") or ""))]
    if not rhythm:
        raise RecordingError("holds only median beats; the rhythm is expected.")
    chosen, warnings = _choose([_Group(item, dataset) for item in rhythm])
    return Tracing("DICOM", [channel for group in chosen for channel in group.channels()], _patient(dataset), warnings)


class _Group:
    """One multiplex group: channels of one rate, sampled together."""

    def __init__(self, item: Dataset, dataset: Dataset) -> None:
        self.item, self.dataset = item, dataset
        self.count, self.samples = (
            int(item.get("NumberOfWaveformChannels") or 0),
            int(item.get("NumberOfWaveformSamples") or 0),
        )
        self.rate = float(item.get("SamplingFrequency") or 0)
        self.offset = float(item.get("MultiplexGroupTimeOffset") or 0)
        self.definitions = list(item.get("ChannelDefinitionSequence") or [])
        self.names = [_name(definition) for definition in self.definitions]
        if self.rate <= 0 or self.count <= 0 or self.samples <= 0 or len(self.definitions) != self.count:
            raise RecordingError(
                f"declares {self.count} channels, {len(self.definitions)} described, of {self.samples} samples at "
                f"{self.rate:g} Hz; this is contradictory."
            )
        if self.count * self.samples > MAX_VALUES:
            raise RecordingError(f"has more than {MAX_VALUES:,} values; cut the recording into parts.")

    @property
    def seconds(self) -> float:
        return self.samples / self.rate

    @property
    def standard(self) -> int:
        return standard_count(self.names)

    def channels(self) -> list[Channel]:
        codes = self._codes()
        values = codes.astype(np.float64)
        if (missing := self._missing(codes.dtype)) is not None:
            values[codes == missing] = np.nan
        channels = []
        for name, definition, column in zip(self.names, self.definitions, values.T, strict=True):
            sensitivity = definition.get("ChannelSensitivity")
            scale = float(sensitivity or 0) * float(definition.get("ChannelSensitivityCorrectionFactor") or 1)
            unit = _unit(definition) if scale else ""
            late = float(definition.get("ChannelOffset") or 0) + float(definition.get("ChannelTimeSkew") or 0)  # s
            start = round(late * self.rate) if abs(late) > MULTIPLEXED else 0
            physical = column * scale + float(definition.get("ChannelBaseline") or 0)
            channels.append(Channel(name, physical, self.rate, unit, start))
        return channels

    def _codes(self) -> NDArray[Any]:
        """(samples, channels) as stored."""
        bits = int(self.item.get("WaveformBitsAllocated") or 0)
        meaning = str(self.item.get("WaveformSampleInterpretation") or _SIGNED.get(bits, ""))
        if (bits, meaning) not in _SAMPLES:
            raise RecordingError(f"stores samples as {bits} bit {meaning!r}; 8, 16 or 32 bit linear ones are expected.")
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


def _choose(rhythm: list[_Group]) -> tuple[list[_Group], list[str]]:
    """The groups that are one rhythm: the most standard leads recorded at the same time, the longest of these."""
    rhythm = [group for group in rhythm if group.seconds >= SECONDS] or rhythm
    together: dict[tuple[float, int, float], list[_Group]] = {}
    for group in rhythm:
        together.setdefault((group.rate, group.samples, group.offset), []).append(group)
    rivals = [_without_repeats(same) for same in together.values()]
    chosen = max(rivals, key=lambda same: (sum(group.standard for group in same), same[0].seconds))
    left = len(rhythm) - len(chosen)
    return chosen, [f"{left} more rhythm groups of the file are left out."] if left else []


def _without_repeats(groups: list[_Group]) -> list[_Group]:
    """Of groups of the same time those that bring new leads."""
    kept: list[_Group] = []
    for group in sorted(groups, key=lambda group: -group.standard):
        if not kept or not {name for other in kept for name in other.names} & set(group.names):
            kept.append(group)
    return kept


def _name(definition: Dataset) -> str:
    """The lead's name: by code where it is a known one, else by what a person reads, the label last."""
    source = next(iter(definition.get("ChannelSourceSequence") or []), Dataset())
    code, scheme = str(source.get("CodeValue") or ""), str(source.get("CodingSchemeDesignator") or "")
    number = _CODE.fullmatch(f"{scheme}:{code}" if code.isdigit() else code)
    known = numbered_lead(int(number[1])) if number else None
    words = [
        re.split(r"[,(]", str(word or ""))[0] for word in (source.get("CodeMeaning"), definition.get("ChannelLabel"))
    ]
    coded = code if standard_lead(code) or _CHEST_CODE.fullmatch(code) else ""
    named = next((word for word in words if standard_lead(word) or is_chest(word)), "")
    return known or coded or named or words[0] or words[1]


def _unit(definition: Dataset) -> str:
    code = next(iter(definition.get("ChannelSensitivityUnitsSequence") or []), Dataset())
    words = [str(code.get(key) or "") for key in ("CodeValue", "CodeMeaning")]
    return next(filter(millivolts, words), words[0] or words[1])


def _check_deflated(data: bytes) -> None:
    """Refuse a deflated file that grows beyond what is read; pydicom would inflate it whole."""
    if data[128:132] != b"DICM" or _DEFLATED not in data[:1024] or data[132:140] != b"\x02\0\0\0UL\x04\0":
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflate.decompress(data[144 + struct.unpack_from("<I", data, 140)[0] :], MAX_BYTES)
    except zlib.error as error:
        raise RecordingError(f"is damaged: {error}.") from error
    if not inflate.eof:
        raise RecordingError(f"is cut short, or grows beyond {MAX_BYTES >> 20} MiB when it is decompressed.")


def _kind(dataset: Dataset) -> str:
    name = getattr(dataset.get("SOPClassUID"), "name", "")
    return str(name) if name else "file"


def _patient(dataset: Dataset) -> Patient:
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    born = _day(dataset.get("PatientBirthDate"))
    age = re.fullmatch(r"(\d{3})([DWMY])", str(dataset.get("PatientAge") or ""))
    years = int(age[1]) * _AGE[age[2]] if age else None
    when = next(
        (
            day
            for key in ("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "StudyDate")
            if (day := _day(dataset.get(key)))
        ),
        None,
    )
    if years is None and born and when and when >= born:
        years = float(when.year - born.year - ((when.month, when.day) < (born.month, born.day)))
    sex = sexes.get(str(dataset.get("PatientSex") or "").strip().upper())
    name = str(dataset.get("PatientName") or "").replace("^", " ").strip()
    return Patient(
        years if years is None or years < 150 else None, sex, None, str(dataset.get("PatientID") or ""), name, born
    )


def _day(value: object) -> date | None:
    try:
        return datetime.strptime(str(value)[:8], "%Y%m%d").date() if value else None
    except ValueError:
        return None
