"""Read the needed elements of a DICOM file by pydicom, within limits of memory.

pydicom needs up to 200 bytes of memory for each byte of a sequence, and inflates a deflated file of any size.
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
"""Bytes of a file that needs at most 66 MB of memory with any content; its elements are not counted."""
MAX_READS = 100_000
"""Reads that pydicom may do in any file; an ECG needs about 2,000. Each needs up to 500 bytes of memory."""
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
        *("WaveformBitsAllocated", "WaveformBitsStored", "ChannelSensitivity", "ChannelBaseline"),
        "ChannelSensitivityCorrectionFactor",
        *("ChannelOffset", "ChannelTimeSkew", "WaveformPaddingValue"),
        *("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency"),
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


def _file(data: bytes, reads_left: list[int]) -> BytesIO:
    """Return `data` as a file; reads are counted unless the whole file is small."""
    return _CountedFile(data, reads_left) if reads_left else BytesIO(data)


class _CountedFile(BytesIO):
    """A file, or a part of one, that allows a number of reads; all parts of a file share it."""

    def __init__(self, data: bytes, reads_left: list[int]) -> None:
        super().__init__(data)
        self._reads_left = reads_left

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads_left[0] -= 1
        if self._reads_left[0] < 0:
            raise RecordingError("is DICOM of too many elements; no ECG has that many.")
        return super().read(size)


def read_elements(data: bytes, keywords: Sequence[str]) -> Dataset:
    """Read a DICOM file, deflated or not.

    Parameters
    ----------
    data
        The file, with or without preamble and meta information.
    keywords
        Elements of the top level to read, by pydicom's names.

    Returns
    -------
    Dataset
        These elements, and everything in the sequences of a waveform. Elements whose values are longer than the
        standard allows are missing.

    Raises
    ------
    RecordingError
        If the file is deflated and grows too large, or consists of too many elements.
    """
    reads_left: list[int] = []
    tags = [tag for keyword in keywords if (tag := tag_for_keyword(keyword)) is not None]
    try:
        content = _inflate(data)
        if len(content or data) > SMALL:
            reads_left.append(MAX_READS + len(data) // BYTES_PER_READ)
        if content is None:
            dataset: Dataset = pydicom.dcmread(_file(data, reads_left), force=True, specific_tags=tags)
        else:
            dataset = read_dataset(_file(content, reads_left), False, True, specific_tags=tags)
        if reads_left:
            _read_sequences(dataset, reads_left)
    except OSError as error:  # pydicom turns every error at the beginning of an item into this one
        if reads_left and reads_left[0] < 0:
            raise RecordingError("is DICOM of too many elements; no ECG has that many.") from error
        raise
    return dataset


def _inflate(data: bytes) -> bytes | None:
    """Return the elements after the meta information of a deflated file; None for other files."""
    if DeflatedExplicitVRLittleEndian.encode() not in data:
        return None
    file = BytesIO(data)
    read_preamble(file, force=True)
    if _read_file_meta_info(file).get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return None
    max_bytes = min(MAX_BYTES, 2 * max_values(len(data)))  # of 16 bits
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflate.decompress(file.read(), max_bytes)
    except zlib.error as error:
        raise RecordingError(f"is damaged: {error}.") from error
    if not inflate.eof:
        raise RecordingError(f"is cut short, or grows beyond {max_bytes / 2**20:.0f} MiB when it is decompressed.")
    return content


def _read_sequences(dataset: Dataset, reads_left: list[int]) -> None:
    """Read the sequences of a waveform, which pydicom leaves as bytes; drop values that are too long."""
    for raw in list(dataset.elements()):
        if raw.tag in _SEQUENCES:
            if isinstance(raw, RawDataElement):
                value = raw.value or b""
                encoding = dataset.original_character_set
                items = read_sequence(
                    _file(value, reads_left), raw.is_implicit_VR, raw.is_little_endian, len(value), encoding
                )
                dataset[raw.tag] = DataElement(raw.tag, "SQ", items)
            for item in dataset[raw.tag].value:
                _read_sequences(item, reads_left)
        elif isinstance(raw, RawDataElement) and len(raw.value or b"") > _longest(raw.tag):
            del dataset[raw.tag]


def _longest(tag: int) -> int:
    return MAX_BYTES if tag == _WAVEFORM else MAX_NUMBER if tag in _NUMBERS else MAX_TEXT
