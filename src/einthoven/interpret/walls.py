"""The walls of the heart, and which of them PTB-XL's infarct statements name."""

from collections.abc import Collection, Mapping

WALLS = ("septal", "anterior", "lateral", "inferior", "posterior", "right ventricular")
"""In the order in which an answer names them."""
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
"""Of the statements about infarcts of any age and about injury."""


def in_order(walls: Collection[str]) -> tuple[str, ...]:
    """Sort walls as an answer names them.

    Parameters
    ----------
    walls
        Some of WALLS.

    Returns
    -------
    tuple of str
        Each once.
    """
    return tuple([wall for wall in WALLS if wall in walls])
