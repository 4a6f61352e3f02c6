"""The walls of the heart, and which of them PTB-XL's infarct statements name."""

from collections.abc import Collection, Mapping

WALLS = ("septal", "anterior", "lateral", "inferior", "posterior", "right ventricular")
"""Walls of the heart, in the order of an answer."""
WALLS_OF_STATEMENT: Mapping[str, tuple[str, ...]] = {
    "ASMI": ("septal", "anterior"),
    "AMI": ("anterior",),
    "ALMI": ("anterior", "lateral"),
    "LMI": ("lateral",),
    "ILMI": ("lateral", "inferior"),
    "IMI": ("inferior",),
    "IPMI": ("inferior", "posterior"),
    "IPLMI": ("lateral", "inferior", "posterior"),
    "PMI": ("posterior",),
    "INJAS": ("septal", "anterior"),
    "INJAL": ("anterior", "lateral"),
    "INJLA": ("lateral",),
    "INJIL": ("lateral", "inferior"),
    "INJIN": ("inferior",),
}
"""Walls that the statements about infarcts of any age and about injury name."""


def in_order(walls: Collection[str]) -> tuple[str, ...]:
    """Sort walls in the order of an answer.

    Parameters
    ----------
    walls
        Some of WALLS.

    Returns
    -------
    tuple of str
        The walls, each once.
    """
    return tuple([wall for wall in WALLS if wall in walls])
