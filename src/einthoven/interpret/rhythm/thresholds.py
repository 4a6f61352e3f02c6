"""Score thresholds of rhythm outputs of low support: thresholds.json, made by benchmarks/fit/rhythm.py."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PARAMETERS = Path(__file__).parent / "thresholds.json"
"""File with the thresholds by label."""


@cache
def thresholds() -> Mapping[str, float]:
    """Read the thresholds.

    Returns
    -------
    Mapping of str to float
        Thresholds by label; a label without a threshold is never named by its score.
    """
    values: dict[str, float] = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    return values
