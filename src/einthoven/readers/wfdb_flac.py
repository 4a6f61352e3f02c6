"""WFDB's FLAC formats 508, 516 and 524, decoded by libsndfile; they need the extra `flac`.

Formats: https://wfdb.io/spec/signal-files.html#fmt508 and RFC 9639.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError, missing_extra

FLAC_BITS = {508: 8, 516: 16, 524: 24}
"""Largest number of bits of a sample by format."""
FLAC_VALUES_PER_BYTE = 64.0
"""Values that each byte of a FLAC file may represent; leads that are off most of the time compress to 20 to 40."""
_STREAM_INFO = 42  # bytes: the signature, the head of the first block and the block
_CHUNK = 1 << 20  # samples of all channels; libsndfile fails at blocks of 2 ** 24


@dataclass(frozen=True)
class FlacStream:
    """Stream information from the header of a FLAC file."""

    channels: int
    bits: int
    """Bits of one sample."""
    samples: int
    """Samples of each channel; 0 if unknown, which libsndfile does not read."""
    md5: bytes
    """MD5 checksum of the decoded samples; zeros if unknown."""


def flac_stream(data: bytes, file: str) -> FlacStream:
    """Read the header of a FLAC file, before anything is decoded.

    Parameters
    ----------
    data
        Content of the file.
    file
        Name of the file, for error messages.

    Returns
    -------
    FlacStream
        Channels, bits and length.

    Raises
    ------
    RecordingError
        If the file is not FLAC.
    """
    if not data.startswith(b"fLaC") or len(data) < _STREAM_INFO or data[4] & 0x7F:
        raise RecordingError(f"its file {file} is not FLAC, as its header declares; get it again.")
    packed = int.from_bytes(data[18:26], "big")  # rate (20 bits), channels (3), bits (5), samples (36)
    return FlacStream((packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1, data[26:42])


def decode_flac(data: bytes, stream: FlacStream, offset: int, count: int, file: str) -> NDArray[Any]:
    """Decode samples of a FLAC file.

    Parameters
    ----------
    data
        Content of the file.
    stream
        Stream information from the header of the file.
    offset
        Samples of each channel before the first.
    count
        Samples of each channel.
    file
        Name of the file, for errors.

    Returns
    -------
    NDArray
        Samples of shape (count, channels), int16 or int32.

    Raises
    ------
    RecordingError
        If the stream is damaged or cut short, or soundfile is missing.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: its libsndfile is missing
        raise RecordingError(f"is stored as FLAC; reading it needs {missing_extra('soundfile', 'flac')}") from error
    wide = stream.bits > 16
    out = np.empty((count, stream.channels), np.int32 if wide else np.int16)
    rows = _CHUNK // stream.channels
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as sound:
            if offset:
                sound.seek(offset)
            for start in range(0, count, rows):
                part = out[start : start + rows]
                if len(sound.read(out=part)) < len(part):
                    raise RecordingError(f"its file {file} is cut short or damaged; get it again.")
    except (soundfile.SoundFileError, ValueError) as error:
        raise RecordingError(f"its file {file} is damaged FLAC; get it again.") from error
    if unused := 8 * out.itemsize - stream.bits:  # libsndfile fills the upper bits
        out >>= unused
    return out


def check_md5(samples: NDArray[Any], stream: FlacStream, file: str) -> None:
    """Refuse samples that are not those that were encoded, for headers without checksums.

    Parameters
    ----------
    samples
        All samples of the file, shape (samples, channels).
    stream
        Stream information from the header of the file.
    file
        Name of the file, for error messages.

    Raises
    ------
    RecordingError
        If the MD5 that the file states is another one.
    """
    size = -(-stream.bits // 8)  # FLAC takes the MD5 of interleaved little-endian integers of whole bytes
    packed = samples.astype(f"<i{samples.itemsize}", copy=False).view(np.uint8)
    if size < samples.itemsize:
        packed = np.ascontiguousarray(packed.reshape(-1, samples.itemsize)[:, :size])
    if any(stream.md5) and hashlib.md5(packed.data, usedforsecurity=False).digest() != stream.md5:
        raise RecordingError(f"its file {file} is damaged: the MD5 of its samples is wrong; get it again.")
