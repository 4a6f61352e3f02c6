"""A page as lines, boxes and text in millimetres, before it becomes SVG, PDF or PNG."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from einthoven.arrays import Float64Array

Points = Float64Array
"""(points, 2): x to the right and y downwards, in mm from the upper left corner of the page."""


@dataclass(frozen=True)
class Lines:
    """Polylines of one pen."""

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
    """One line of text; `y` is its baseline, `x` where it starts, or ends if it is right-aligned."""

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
    """Items of which only what is inside a rectangle is seen."""

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
    """A straight line."""
    return np.array([[x1, y1], [x2, y2]], float)
