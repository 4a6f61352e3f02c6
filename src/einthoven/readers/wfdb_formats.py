"""WFDB's storage formats: the numbers behind the bytes of a signal file.

Format: https://physionet.org/physiotools/wag/signal-5.htm. Each format is decoded here, not by ecgdatakit, which
needs up to 30 bytes of memory for each byte of a file.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import Int16Array
from einthoven.errors import RecordingError
from einthoven.readers.wfdb_flac import FLAC_BITS

INVALID = {16: -(2**15), 61: -(2**15), 160: -(2**15), 24: -(2**23), 32: -(2**31), 80: -128, 212: -2048}
INVALID |= {310: -512, 311: -512, 508: -128, 516: -(2**15), 524: -(2**23)}
"""The number that each format stores for a missing sample."""
GROUPS = {8: (1, 1), 80: (1, 1), 16: (1, 2), 61: (1, 2), 160: (1, 2), 24: (1, 3), 32: (1, 4)}
GROUPS |= {212: (2, 3), 310: (3, 4), 311: (3, 4)}
"""Number of samples that are stored together, and of their bytes, by format."""
PARTIAL = {(212, 2): 1, (310, 2): 1, (310, 3): 1, (311, 2): 1, (311, 3): 2}
"""Number of samples in a last group that is cut, by format and its bytes, as the reference library reads it."""


def check_format(format: int) -> None:
    """Refuse a storage format that is not read.

    Parameters
    ----------
    format
        Number of the storage format.

    Raises
    ------
    RecordingError
        If it is neither in GROUPS nor FLAC.
    """
    if format not in GROUPS and format not in FLAC_BITS:
        raise RecordingError(f"is refused: Unknown WFDB storage format {format}.")


def decode(data: bytes, format: int, count: int, offset: int) -> NDArray[Any]:
    """Decode samples as the format stores them.

    Parameters
    ----------
    data
        Content of the signal file, long enough.
    format
        Number of the storage format.
    count
        Number of samples.
    offset
        Bytes before the first sample.

    Returns
    -------
    NDArray
        Samples of shape (count,), int8 to int32; format 8 gives differences.
    """
    match format:
        case 8:
            return np.frombuffer(data, np.int8, count, offset)
        case 80:
            return (np.frombuffer(data, np.uint8, count, offset) ^ 0x80).view(np.int8)
        case 16:
            return np.frombuffer(data, "<i2", count, offset)
        case 61:
            return np.frombuffer(data, ">i2", count, offset)
        case 160:
            return (np.frombuffer(data, "<u2", count, offset) ^ 0x8000).view("<i2")
        case 32:
            return np.frombuffer(data, "<i4", count, offset)
        case 24:
            wide = np.zeros((count, 4), np.uint8)  # in the upper three bytes, whose sign is the word's
            wide[:, 1:] = np.frombuffer(data, np.uint8, 3 * count, offset).reshape(-1, 3)
            return wide.view("<i4")[:, 0] >> 8
    samples_per_group, size = GROUPS[format]
    groups = -(-count // samples_per_group)
    stored = data[offset : offset + size * groups].ljust(size * groups, b"\0")  # the last group may be cut
    unpack = {212: _two_of_12_bits, 310: _three_of_10_bits, 311: _three_of_10_bits_in_a_row}[format]
    return unpack(stored)[:count]


def _two_of_12_bits(stored: bytes) -> Int16Array:
    """Unpack three bytes: the first sample in a byte and the lower half of the next, the second in the rest."""
    groups = np.frombuffer(stored, np.uint8).reshape(-1, 3)
    out = np.empty((len(groups), 2), np.int16)
    middle = groups[:, 1].astype(np.int16)
    out[:, 0] = (middle << 12) | (groups[:, 0].astype(np.int16) << 4)
    out[:, 1] = ((middle & 0xF0) << 8) | (groups[:, 2].astype(np.int16) << 4)
    return (out >> 4).ravel()


def _three_of_10_bits(stored: bytes) -> Int16Array:
    """Unpack two words: bits 1 to 10 of each, and the third sample in the upper five bits of both."""
    words = np.frombuffer(stored, "<u2").reshape(-1, 2)
    out = np.empty((len(words), 3), np.int16)
    out[:, :2] = (words << 5) & 0xFFC0
    out[:, 2] = ((words[:, 0] & 0xF800) >> 5) | (words[:, 1] & 0xF800)
    return (out >> 6).ravel()


def _three_of_10_bits_in_a_row(stored: bytes) -> Int16Array:
    """Unpack the lower thirty bits of a double word."""
    words = np.frombuffer(stored, "<u4")
    out = np.empty((len(words), 3), np.int16)
    for place in range(3):
        out[:, place] = (words >> 10 * place << 6) & 0xFFC0
    return (out >> 6).ravel()
