"""Recordings of the Kardia API: six limb leads, in steps of nanovolts."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
KEYS = ("leadI", "leadII", "leadIII", "AVR", "AVL", "AVF")


def kardia(ecg: Signal, count: int = 6, **block: Any) -> dict[str, Any]:
    samples = {key: (2 * ecg[:, k]).tolist() for k, key in enumerate(KEYS[:count])}
    raw = {"frequency": 500, "amplitudeResolution": 500, "numLeads": count, "samples": samples, **block}
    device = {"hardwareType": "KardiaMobile 6L", "serialNumber": "4711"}
    return {"recordedAt": "2025-11-28T10:42:07Z", "deviceInfo": device, "data": {"raw": raw}}


@pytest.mark.parametrize("count", [1, 6])
def test_the_limb_leads_are_read(count: int, ecg: Signal) -> None:
    recording = einthoven.read(json.dumps(kardia(ecg, count)).encode())
    np.testing.assert_allclose(recording.signal, ecg[:, :count].T / 1000, atol=1e-5)
    assert (recording.format, recording.rate, recording.leads) == ("Kardia JSON", 500, LEADS[:count])
    assert (recording.recorded_at, recording.device) == (
        datetime(2025, 11, 28, 10, 42, 7, tzinfo=UTC),
        "AliveCor KardiaMobile 6L",
    )


def test_what_has_no_scale_rate_or_numbers_is_refused(ecg: Signal) -> None:
    for facts, reason in [
        (kardia(ecg, amplitudeResolution=None), "scale"),
        (kardia(ecg, frequency=0), "without a sampling rate"),
        (kardia(ecg, samples={"leadI": ["x"] * 5000}), "lead I is not a list of numbers"),
        (kardia(ecg, samples={"leadI": [10**400] * 5000}), "too large"),
        ({**kardia(ecg), "data12L": {}}, "Kardia 12L"),
        ({**kardia(ecg), "data": {"raw": []}}, "without a sampling rate"),
    ]:
        with pytest.raises(RecordingError, match=reason):
            einthoven.read(json.dumps(facts).encode())
