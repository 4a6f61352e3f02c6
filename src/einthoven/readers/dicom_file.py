"""The elements of a DICOM file that are needed, by pydicom, within limits of memory.

pydicom takes up to 200 bytes of memory for each byte of a sequence, and inflates a deflated file whatever its size.
"""

import zlib
from collections.abc import Sequence
from io import BytesIO

import pydicom
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import _read_file_meta_info, read_dataset, read_preamble, read_sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian

from einthoven.errors import RecordingError
from einthoven.readers.sources import MAX_BYTES
from einthoven.readers.tracing import max_values

SMALL = 300 << 10
"""Bytes of a file that takes at most 66 MB of memory, whatever it consists of; its elements are not counted."""
MAX_READS = 100_000
"""Reads that pydicom may do in any file: an ECG takes about 2,000. Each costs up to 500 bytes of memory."""
BYTES_PER_READ = 32
"""Bytes of a file for which one more read is allowed."""
MAX_TEXT = 1024
"""Longest text in bytes."""
MAX_NUMBER = 64
"""Longest number in bytes; pydicom makes an object of 250 bytes of every second byte of a list of numbers."""
_NUMBERS = {
    tag_for_keyword(keyword)
    for keyword in (
        *("NumberOfWaveformChannels", "NumberOfWaveformSamples", "SamplingFrequency", "MultiplexGroupTimeOffset"),
        *("WaveformBitsAllocated", "ChannelSensitivity", "ChannelSensitivityCorrectionFactor", "ChannelBaseline"),
        *("ChannelOffset", "ChannelTimeSkew", "WaveformPaddingValue"),
    )
}
_SEQUENCES = {
    tag_for_keyword(keyword): keyword
    for keyword in (
        *("WaveformSequence", "ChannelDefinitionSequence"),
        *("ChannelSourceSequence", "ChannelSensitivityUnitsSequence"),
    )
}
_WAVEFORM = tag_for_keyword("WaveformData")


def _file(data: bytes, left: list[int]) -> BytesIO:
    """`data` as a file; one whose reads are counted if the whole file is not small."""
    return _CountedFile(data, left) if left else BytesIO(data)


class _CountedFile(BytesIO):
    """A file, or a part of one, of which `left` reads may be done; those of all parts of a file together."""

    def __init__(self, data: bytes, left: list[int]) -> None:
        super().__init__(data)
        self._left = left

    def read(self, size: int | None = -1, /) -> bytes:
        self._left[0] -= 1
        if self._left[0] < 0:
            raise RecordingError("is DICOM of too many elements; no ECG has that many.")
        return super().read(size)


def read_elements(data: bytes, keywords: Sequence[str]) -> Dataset:
    """Read a DICOM file, deflated or not.

    Parameters
    ----------
    data
        The file, with or without preamble and meta information.
    keywords
        The elements of its top level to read, as pydicom calls them.

    Returns
    -------
    These elements, and in the sequences of a waveform whatever stands there. Elements are missing whose values are
    longer than any that the standard allows.

    Raises
    ------
    RecordingError
        If the file is deflated and grows too large, or consists of too many elements.
    """
    left: list[int] = []
    tags = [tag for keyword in keywords if (tag := tag_for_keyword(keyword)) is not None]
    try:
        content = _inflated(data)
        if len(content or data) > SMALL:
            left.append(MAX_READS + len(data) // BYTES_PER_READ)
        if content is None:
            dataset: Dataset = pydicom.dcmread(_file(data, left), force=True, specific_tags=tags)
        else:
            dataset = read_dataset(_file(content, left), False, True, specific_tags=tags)
        if left:
            _open(dataset, left)
    except OSError as error:  # pydicom turns every error at the beginning of an item into this one
        if left and left[0] < 0:
            raise RecordingError("is DICOM of too many elements; no ECG has that many.") from error
        raise
    return dataset


def _inflated(data: bytes) -> bytes | None:
    """The elements after the meta information of a deflated file; None for other files."""
    if DeflatedExplicitVRLittleEndian.encode() not in data:
        return None
    file = BytesIO(data)
    read_preamble(file, force=True)
    if _read_file_meta_info(file).get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return None
    most = min(MAX_BYTES, 2 * max_values(len(data)))  # of 16 bits
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflate.decompress(file.read(), most)
    except zlib.error as error:
        raise RecordingError(f"is damaged: {error}.") from error
    if not inflate.eof:
        raise RecordingError(f"is cut short, or grows beyond {most / 2**20:.0f} MiB when it is decompressed.")
    return content


def _open(dataset: Dataset, left: list[int]) -> None:
    """Read the sequences that a waveform consists of, which pydicom leaves as bytes; drop values of too many bytes."""
    for raw in list(dataset.elements()):
        if raw.tag in _SEQUENCES:
            if isinstance(raw, RawDataElement):
                value = raw.value or b""
                encoding = dataset.original_character_set
                items = read_sequence(
                    _file(value, left), raw.is_implicit_VR, raw.is_little_endian, len(value), encoding
                )
                dataset[raw.tag] = DataElement(raw.tag, "SQ", items)
            for item in dataset[raw.tag].value:
                _open(item, left)
        elif isinstance(raw, RawDataElement) and len(raw.value or b"") > _longest(raw.tag):
            del dataset[raw.tag]


def _longest(tag: int) -> int:
    return MAX_BYTES if tag == _WAVEFORM else MAX_NUMBER if tag in _NUMBERS else MAX_TEXT
