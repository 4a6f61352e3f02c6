"""The gate of this release, with which bundles are exported, so that a port needs no other knowledge."""

import json
from pathlib import Path
from typing import Any

from einthoven.model.bundle_files import PLACEMENT
from einthoven.model.port.limits import (
    CODES,
    FIBRILLATION,
    FORMAT,
    INFARCT_CODES,
    INFARCTS,
    MI,
    RULE_IN,
    SINUS,
    WITHOUT_DECISION,
    Gate,
    Limits,
)
from einthoven.model.port.port import Port
from einthoven.recording import LEADS, MIN_SECONDS
from einthoven.signal import bands, baseline, outlier, pacing, steep_places
from einthoven.signal.electrodes import network
from einthoven.signal.electrodes.values import PRIOR
from einthoven.signal.segments import SECONDS


def current_port(folder: Path) -> Port:
    """Return the port of this release.

    Parameters
    ----------
    folder
        Folder of the bundle that gets it.

    Returns
    -------
    Port
        Port with the package's limits and its placement network.
    """
    gate = Gate.from_dict(json.loads(json.dumps(gate_facts())))
    return Port(gate, network.MODEL.read_bytes(), folder)


def gate_facts() -> dict[str, Any]:
    """Return all that a port needs besides card.json and the two networks.

    Returns
    -------
    dict
        The content of gate.json; docs/reference/bundles.md describes it.
    """
    return {
        "format": FORMAT,
        "codes": CODES,
        "infarct_codes": INFARCT_CODES,
        "input": {"leads": LEADS, "unit": "mV", "least_hz": bands.RATE, "least_s": MIN_SECONDS, "most_s": SECONDS},
        "limits": vars(Limits()),
        "spikes": pacing.PEAK_PARAMETERS,
        "bands": bands.PARAMETERS,
        "beats": {**steep_places.BEAT_PARAMETERS, "half_samples": bands.RATE // 10, "moves": bands.RATE * 4 // 100},
        "outlier": outlier.parameters_to_dict(),
        "offset": {"keep_below_mv": baseline.KEEP_BELOW_MV, "remove_above_mv": baseline.REMOVE_ABOVE_MV},
        "placement": {
            "file": PLACEMENT,
            "input": network.INPUT,
            "output": network.OUTPUT,
            "leads": network.INDEPENDENT,
            "before_samples": network.BEFORE,
            "after_samples": network.AFTER,
            "exchanges": network.PlacementNetwork.load().exchanges,
            "prior": PRIOR,
        },
        "infarct": {
            "label": MI,
            "rule_in": RULE_IN,
            "labels": INFARCTS,
            "sinus": SINUS,
            "fibrillation": FIBRILLATION,
        },
        "without_decision": WITHOUT_DECISION,
    }
