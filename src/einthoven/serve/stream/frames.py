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
from einthoven.serve.stream.handshake import StreamConfig, StreamError

Samples = Float32Array
"""(samples, channels) in the monitor's units; NaN where nothing was recorded."""
Raw = NDArray[np.int16 | np.float32]
"""The same, or int16 with NO_SAMPLE where nothing was recorded, which takes half the memory."""
NO_SAMPLE = -32768
END = {"end": True}
"""The text message by which a monitor ends its stream."""
MAX_JSON = 64 * 1024
"""Characters of a JSON frame: more would hold up other streams while it is read."""
_HEAD = 4  # bytes


def encode(sequence: int, samples: Samples) -> bytes:
    """A binary frame of float32."""
    return (sequence % 2**32).to_bytes(_HEAD, "little") + np.ascontiguousarray(samples, "<f4").tobytes()


def decode(message: str | bytes, config: StreamConfig) -> tuple[int, Raw] | None:
    """Sequence number and samples of a frame; None for the message that ends the stream.

    Raises StreamError where it is not what the first message announced.
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
        raise StreamError('A binary frame came, though "dtype" is "json".')
    size = (2 if config.dtype == "int16" else 4) * len(config.channels)
    if len(message) < _HEAD or (len(message) - _HEAD) % size:
        raise StreamError(
            f"A frame of {len(message)} bytes came; it must be 4 for the sequence number and {size} for each sample "
            f"of {len(config.channels)} leads in {config.dtype}."
        )
    sequence = int.from_bytes(message[:_HEAD], "little")
    values = np.frombuffer(message, "<i2" if config.dtype == "int16" else "<f4", offset=_HEAD)
    return sequence, values.reshape(-1, len(config.channels))


def floats(samples: Raw) -> Samples:
    """Raw samples as float32, a copy."""
    found = samples.astype(np.float32)
    if samples.dtype == np.int16:
        found[samples == NO_SAMPLE] = np.nan
    return found


def _object(message: str) -> dict[str, Any]:
    if len(message) > MAX_JSON:
        raise StreamError(f"A text message may have {MAX_JSON // 1024} KiB; send shorter frames, or binary ones.")
    try:
        fields = orjson.loads(message)  # ten times as fast as json, which would hold up all other streams
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise StreamError('A text message must be a JSON object: {"sequence": n, "samples": [[...], ...]}.')
    return fields


def _json(fields: dict[str, Any], config: StreamConfig) -> tuple[int, Samples]:
    sequence = fields.get("sequence")
    if config.dtype != "json":
        raise StreamError(f'A JSON frame came, though "dtype" is "{config.dtype}".')
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 <= sequence < 2**32:
        raise StreamError('"sequence" must be a whole number from 0 to 4294967295.')
    rows, channels = fields.get("samples"), len(config.channels)
    if not isinstance(rows, list) or not all(_is_sample(row, channels) for row in rows):
        raise StreamError(f'"samples" must be a list of samples, each a list of {channels} numbers.')
    with np.errstate(over="ignore"):
        return sequence, np.array(rows, np.float64).reshape(-1, channels).astype(np.float32)


def _is_sample(row: Any, channels: int) -> bool:
    """Whether a row holds a number or null for each channel; NumPy would also take text and booleans."""
    return isinstance(row, list) and len(row) == channels and {int, float, NoneType}.issuperset(map(type, row))
