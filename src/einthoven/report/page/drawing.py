"""A page as lines, boxes and text in millimetres, before it is rendered as SVG, PDF or PNG."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from einthoven.arrays import Float64Array

Points = Float64Array
"""Points of shape (points, 2): x to the right and y downwards, in mm from the upper left corner of the page."""


@dataclass(frozen=True)
class Lines:
    """Polylines in one colour and width."""

    paths: Sequence[Points]
    width: float
    """mm."""
    colour: str = "#000000"


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is its baseline, `x` its start, or its end if it is right-aligned."""

    x: float
    y: float
    text: str
    size: float
    """mm."""
    bold: bool = False
    colour: str = "#000000"
    right: bool = False


@dataclass(frozen=True)
class Clipped:
    """Items that are visible only inside a rectangle."""

    x: float
    y: float
    width: float
    height: float
    items: Sequence[Lines | Box | Text]


Item = Lines | Box | Text | Clipped


@dataclass
class Drawing:
    """A page."""

    width: float
    """mm."""
    height: float
    title: str
    items: list[Item] = field(default_factory=list)


def segment(x1: float, y1: float, x2: float, y2: float) -> Points:
    """Return a straight line.

    Parameters
    ----------
    x1, y1
        Start in mm.
    x2, y2
        End in mm.

    Returns
    -------
    Points
        Points of shape (2, 2).
    """
    return np.array([[x1, y1], [x2, y2]], float)
