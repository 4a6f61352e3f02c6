import json
from typing import Any

import numpy as np
import pytest
import writers

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS


def made(ecg: writers.Signal, /, **changes: Any) -> bytes:
    facts = {"rate_hz": 500, "leads": list(LEADS), "unit": "uV", "signal": ecg.T.tolist()}
    return json.dumps({name: value for name, value in {**facts, **changes}.items() if value is not None}).encode()


def test_it_comes_back(ecg: writers.Signal) -> None:
    for data in (made(ecg), b"\xef\xbb\xbf \n" + made(ecg, simulated=True)):
        recording = einthoven.read(data)
        assert (recording.format, recording.rate, recording.leads) == ("JSON", 500, LEADS)
        np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-6)


def test_null_is_no_sample(ecg: writers.Signal) -> None:
    rows = ecg.T.tolist()
    rows[0][100:200] = [None] * 100
    recording = einthoven.read(made(ecg, signal=rows))
    assert ("signal-gap", "There is no signal in I from 0.20 to 0.40 s; it is 0 mV there.") in recording.warnings


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rate_hz": None}, "without a proper rate_hz"),
        ({"rate_hz": "500"}, "without a proper rate_hz"),
        ({"rate_hz": True, "unit": 3}, "without a proper rate_hz, unit"),
        ({"rate_hz": float("nan")}, "sampling rate"),
        ({"leads": ["I"]}, "1 leads but a signal of 12"),
        ({"leads": [1] * 12}, "one list each"),
        ({"signal": [[0, 1]] * 11 + [[0]]}, "different numbers of samples"),
        ({"signal": [["a"]] * 12}, "signal of lead number 1 is not a list of numbers"),
        ({"signal": [[[0]]] * 12}, "not a list of numbers"),
        ({"signal": ["12"] * 12}, "not a list of numbers"),
        ({"signal": [{}] * 12}, "not a list of numbers"),
        ({"signal": [[10**400]] * 12}, "not a list of numbers"),
        ({"unit": "pounds"}, "unit '\\(not shown\\)'"),
    ],
)
def test_what_does_not_fit_is_refused(ecg: writers.Signal, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(made(ecg, **changes))


@pytest.mark.parametrize("data", [b'{"rate_hz": 500', b"{" * 100_000, b'{"a":' * 50_000, b"{}", b'{"leads": []}'])
def test_damaged(data: bytes) -> None:
    with pytest.raises(RecordingError, match="JSON"):
        einthoven.read(data)


def test_options_are_refused(ecg: writers.Signal) -> None:
    with pytest.raises(RecordingError, match="states its rate itself"):
        einthoven.read(made(ecg), rate=500)
