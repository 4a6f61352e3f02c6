"""Recordings of AliveCor KardiaMobile as the Kardia API returns them: one limb lead, or six.

Fields: https://developers.kardia.com. Written here because ecgdatakit would parse the JSON a second time.
"""

from typing import Any

import numpy as np

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition, device_name, parse_iso_time
from einthoven.readers.tracing import Channel, Tracing, check_count
from einthoven.readers.xml_waveforms import positive_number

_LEADS = {"leadI": "I", "leadII": "II", "leadIII": "III", "AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}


def is_kardia(facts: dict[str, Any]) -> bool:
    """Return whether a JSON object is a Kardia recording.

    Parameters
    ----------
    facts
        The object.

    Returns
    -------
    bool
        True for one, six and twelve leads.
    """
    data = facts.get("data")
    return "recordedAt" in facts and ("data12L" in facts or (isinstance(data, dict) and "raw" in data))


def read_kardia(facts: dict[str, Any]) -> Tracing:
    """Read the unfiltered leads of a Kardia recording.

    Parameters
    ----------
    facts
        The JSON object.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the rate or the leads are missing or damaged.
    """
    if "data12L" in facts:
        raise RecordingError("is a Kardia 12L recording, which states no amplitude scale; export it as another format.")
    block = facts["data"]["raw"]
    samples = block.get("samples") if isinstance(block, dict) else None
    rate = positive_number(str(block.get("frequency", ""))) if isinstance(block, dict) else 0.0
    if not rate or not isinstance(samples, dict):
        raise RecordingError("is a Kardia recording without a sampling rate or without samples; get it again.")
    resolution = positive_number(str(block.get("amplitudeResolution", "")))  # nV
    rows = {lead: samples[key] for key, lead in _LEADS.items() if key in samples}
    check_count(sum(len(row) for row in rows.values() if isinstance(row, list)))
    channels = []
    for lead, row in rows.items():
        if not (isinstance(row, list) and set(map(type, row)) <= {int, float}):
            raise RecordingError(f"is a Kardia recording whose lead {lead} is not a list of numbers; get it again.")
        try:
            values = np.array(row, np.float64) * resolution
        except OverflowError as error:
            raise RecordingError(f"is a Kardia recording with numbers in {lead} that are too large.") from error
        channels.append(Channel(lead, values, rate, "nV" if resolution else ""))
    device = facts.get("deviceInfo")
    model = str(device.get("hardwareType", "")) if isinstance(device, dict) else ""
    acquisition = Acquisition(parse_iso_time(facts.get("recordedAt")), device_name("AliveCor", model))
    return Tracing("Kardia JSON", channels, acquisition=acquisition)
