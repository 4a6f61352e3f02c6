"""Colors, style and panels of all plots.

Plots use matplotlib's object API with its default style. So they need no display and no matplotlibrc, and the same
numbers give the same file.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DPI = 150
WIDTHS = (6.5, 7.0, 9.0)
"""Width in inches of a figure with one, two, three panels in a row."""
INK, GREY, DARK_GREY = "#222222", "#C8C8C8", "#777777"

# Okabe & Ito 2008, "Color Universal Design"; without yellow, which is hard to see on white paper.
_SUPERCLASS_COLORS = {
    "NORM": "#009E73",
    "MI": "#D55E00",
    "STTC": "#E69F00",
    "CD": "#0072B2",
    "HYP": "#CC79A7",
}
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "axes.edgecolor": DARK_GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "text.color": INK,
    "axes.labelcolor": INK,
    "text.parse_math": False,  # label names come from files
}


def label_color(label: str, labels: Sequence[str]) -> str:
    """Return the color of a label, the same in every plot and table.

    Parameters
    ----------
    label, labels
        Name of the label, and names of all labels.

    Returns
    -------
    str
        Color as #RRGGBB.
    """
    return _SUPERCLASS_COLORS.get(label, COLORS[labels.index(label) % len(COLORS)])


def create_panels(
    shown: Sequence[str], labels: Sequence[str], height: float, title: str, ratios: Sequence[float] = (1.0,)
) -> tuple[Figure, list[list[Axes]]]:
    """Create a figure with a panel for each label.

    Parameters
    ----------
    shown, labels
        The labels that get a panel, and all labels of the task.
    height
        Height of a panel in inches.
    title
        Title of the figure. If not all labels are shown, a line states this.
    ratios
        A panel has one pair of axes for each, one above the other, of these relative heights.

    Returns
    -------
    tuple of Figure and list
        The figure, and the axes of each panel.
    """
    if len(shown) < len(labels):
        title += f"\nThe {len(shown)} most frequent of {len(labels)} labels."
    columns = min(len(shown), len(WIDTHS))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(WIDTHS[columns - 1], 0.5 + 0.17 * title.count("\n") + height * rows), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    grid = figure.subplots(rows * len(ratios), columns, squeeze=False, height_ratios=[*ratios] * rows)
    panels = grid.reshape(rows, len(ratios), columns).transpose(0, 2, 1).reshape(-1, len(ratios))
    for unused in panels[len(shown) :].ravel():
        unused.remove()
    return figure, panels[: len(shown)].tolist()


def set_unit_square(axes: Axes, x: str, y: str) -> None:
    """Let both axes run from 0 to 1.

    Parameters
    ----------
    axes
        Axes of a panel.
    x, y
        Names of the axes.
    """
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))


def write_undefined(axes: Axes) -> None:
    """Write into a panel that its curve is undefined.

    Parameters
    ----------
    axes
        Axes of the panel.
    """
    axes.text(0.5, 0.5, "undefined: all records\nhave the same truth", ha="center", va="center")
