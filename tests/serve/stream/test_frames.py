"""Frames as bytes and as JSON."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.frames import decode, encode, floats
from serve.stream.monitors import config

FLOAT, SHORT, TEXT = (config(dtype=dtype) for dtype in ("float32", "int16", "json"))


def test_the_layout_of_a_binary_frame() -> None:
    message = struct.pack("<I", 7) + struct.pack("<24h", *range(12), -32768, *range(1, 12))
    frame = decode(message, SHORT)
    assert frame
    assert frame[0] == 7
    samples = floats(frame[1])
    assert samples[0].tolist() == list(range(12))
    assert np.isnan(samples[1, 0])
    assert samples[1, 1:].tolist() == list(range(1, 12))


def test_what_is_encoded_is_decoded() -> None:
    samples = np.arange(36, dtype=np.float32).reshape(3, 12)
    frame = decode(encode(2**32 + 5, samples), FLOAT)
    assert frame
    assert frame[0] == 5
    assert (frame[1] == samples).all()


def test_json_frames_and_the_end() -> None:
    frame = decode(json.dumps({"sequence": 3, "samples": [[None, *range(11)]]}), TEXT)
    assert frame
    assert np.isnan(frame[1][0, 0])
    assert frame[1][0, 1:].tolist() == list(range(11))
    assert decode('{"end": true}', TEXT) is None
    assert decode('{"end": true}', SHORT) is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "0 bytes"),
        (b"abc", "3 bytes"),
        (b"\0" * 4, "1 to 5000 samples"),
        (b"\0" * 27, "27 bytes. It must have 4 for the sequence number and 24 for each sample"),
        (b"\0" * (4 + 24 * 5001), "not 5001"),
        ('{"sequence": 1, "samples": []}', "The frame is JSON"),
        ("hello", "must be a JSON object"),
    ],
)
def test_wrong_binary_frames(message: bytes | str, words: str) -> None:
    with pytest.raises(StreamError, match=words):
        decode(message, SHORT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\0" * 28, "The frame is binary"),
        ('{"samples": []}', '"sequence" must be'),
        ('{"sequence": -1, "samples": []}', '"sequence" must be'),
        ('{"sequence": 1}', "a list of 12 numbers"),
        ('{"sequence": 1, "samples": [[1, 2]]}', "a list of 12 numbers"),
        ('{"sequence": 1, "samples": [["a"]]}', "a list of 12 numbers"),
        ('{"sequence": 1, "samples": [[1], [2, 3]]}', "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": [["1"] * 12]}), "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": [[True] * 12]}), "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": [[[1]] * 12]}), "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": ["1" * 12]}), "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": [dict.fromkeys("abcdefghijkl")]}), "a list of 12 numbers"),
        (json.dumps({"sequence": 1, "samples": {"0": [1] * 12}}), "a list of 12 numbers"),
        ('{"sequence": 1, "samples": [' + "[1]," * 20_000 + "[1]]}", "64 KiB"),
        ('{"sequence": 1, "samples": ' + "[" * 5000, "must be a JSON object"),
    ],
)
def test_wrong_json_frames(text: bytes | str, words: str) -> None:
    with pytest.raises(StreamError, match=words):
        decode(text, TEXT)


@given(st.binary(max_size=60) | st.text('[]{}0,1:"a', max_size=20))
def test_garbage_is_refused_or_read(message: bytes | str) -> None:
    for kind in (FLOAT, SHORT, TEXT):
        try:
            frame = decode(message, kind)
        except StreamError:
            continue
        assert frame
        assert frame[1].shape[1] == 12
