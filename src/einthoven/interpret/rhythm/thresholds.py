"""The scores from which the rhythm outputs of low support count (`thresholds.json`, made by benchmarks/fit/rhythm.py)."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PARAMETERS = Path(__file__).parent / "thresholds.json"
"""By label, the score from which it is named."""


@cache
def thresholds() -> Mapping[str, float]:
    """Read the thresholds.

    Returns
    -------
    Mapping of str to float
        By label: AFLT, SVTAC, PSVT, 2AVB, 3AVB.
    """
    values: dict[str, float] = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    return values
