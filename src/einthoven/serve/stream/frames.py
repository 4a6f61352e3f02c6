"""Frames of samples, binary or JSON.

A binary frame is the sequence number of its first sample, little-endian uint32, then the samples, little-endian and
sample-major: [sample][channel]. A JSON frame is {"sequence": n, "samples": [[a value for each channel], ...]}.
"""

from types import NoneType
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from einthoven.arrays import Float32Array
from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.handshake import StreamConfig

Samples = Float32Array
"""Samples of shape (samples, channels) in the monitor's units; NaN for missing samples."""
Raw = NDArray[np.int16 | np.float32]
"""The same as `Samples`, or int16 with NO_SAMPLE for samples that were not recorded, which takes half the memory."""
NO_SAMPLE = -32768
END = {"end": True}
"""The text message by which a monitor ends its stream."""
MAX_JSON = 64 * 1024
"""Characters of a JSON frame: a longer one would delay other streams while it is read."""
_SEQUENCE_BYTES = 4


def encode(sequence: int, samples: Samples) -> bytes:
    """Return a binary frame of float32.

    Parameters
    ----------
    sequence
        Sequence number of the first sample.
    samples
        Samples of shape (samples, channels) in the monitor's units.

    Returns
    -------
    bytes
        The frame.
    """
    return (sequence % 2**32).to_bytes(_SEQUENCE_BYTES, "little") + np.ascontiguousarray(samples, "<f4").tobytes()


def decode(message: str | bytes, config: StreamConfig) -> tuple[int, Raw] | None:
    """Read a frame.

    Parameters
    ----------
    message
        Bytes, or JSON.
    config
        Stream configuration declared by the monitor.

    Returns
    -------
    tuple[int, Raw] | None
        Sequence number, and samples of shape (samples, channels); None for the message that ends the stream.

    Raises
    ------
    StreamError
        If the frame is not as declared.
    """
    if isinstance(message, bytes):
        frame = _binary(message, config)
    else:
        fields = _object(message)
        if fields == END:
            return None
        frame = _json(fields, config)
    if not 0 < len(frame[1]) <= config.samples:
        raise StreamError(f"A frame must hold 1 to {config.samples} samples of each lead (10 s), not {len(frame[1])}.")
    return frame


def _binary(message: bytes, config: StreamConfig) -> tuple[int, Raw]:
    if config.dtype == "json":
        raise StreamError('The frame is binary, but "dtype" is "json".')
    size = (2 if config.dtype == "int16" else 4) * len(config.channels)
    if len(message) < _SEQUENCE_BYTES or (len(message) - _SEQUENCE_BYTES) % size:
        raise StreamError(
            f"The frame has {len(message)} bytes. It must have 4 for the sequence number and {size} for each sample "
            f"of {len(config.channels)} leads in {config.dtype}."
        )
    sequence = int.from_bytes(message[:_SEQUENCE_BYTES], "little")
    values = np.frombuffer(message, "<i2" if config.dtype == "int16" else "<f4", offset=_SEQUENCE_BYTES)
    return sequence, values.reshape(-1, len(config.channels))


def floats(samples: Raw) -> Samples:
    """Return a copy of raw samples as float32.

    Parameters
    ----------
    samples
        Samples of shape (samples, channels).

    Returns
    -------
    Samples
        Samples in the same shape.
    """
    copy = samples.astype(np.float32)
    if samples.dtype == np.int16:
        copy[samples == NO_SAMPLE] = np.nan
    return copy


def _object(message: str) -> dict[str, Any]:
    if len(message) > MAX_JSON:
        raise StreamError(f"A text message may have {MAX_JSON // 1024} KiB. Send shorter frames, or binary ones.")
    try:
        fields = orjson.loads(message)  # ten times as fast as json, which would delay all other streams
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise StreamError('A text message must be a JSON object: {"sequence": n, "samples": [[...], ...]}.')
    return fields


def _json(fields: dict[str, Any], config: StreamConfig) -> tuple[int, Samples]:
    sequence = fields.get("sequence")
    if config.dtype != "json":
        raise StreamError(f'The frame is JSON, but "dtype" is "{config.dtype}".')
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 <= sequence < 2**32:
        raise StreamError('"sequence" must be a whole number from 0 to 4294967295.')
    rows, channels = fields.get("samples"), len(config.channels)
    if not isinstance(rows, list) or not all(_is_sample(row, channels) for row in rows):
        raise StreamError(f'"samples" must be a list of samples, each a list of {channels} numbers.')
    with np.errstate(over="ignore"):
        return sequence, np.array(rows, np.float64).reshape(-1, channels).astype(np.float32)


def _is_sample(row: Any, channels: int) -> bool:
    """Return whether a row has a number or null for each channel; NumPy would also take text and booleans."""
    return isinstance(row, list) and len(row) == channels and {int, float, NoneType}.issuperset(map(type, row))
