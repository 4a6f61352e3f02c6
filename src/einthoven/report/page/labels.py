"""Place the names of leads and their notes on the paper so that they hide no tracing and no other label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, IndexArray
from einthoven.report.page.drawing import Points
from einthoven.report.page.font import text_width

_CELL = 0.5  # mm
_CLEAR = 0.4  # mm between a label and a line
_SEARCH = 45.0  # mm along a line from its start
_ABOVE, _BELOW = 24.0, 16.0  # mm from the baseline
_PREFERRED = 4.0  # mm from the baseline to the middle of a label above it
_UNDER = 4.0  # what a place below the baseline costs, in mm
_PULSE, _BLOCKED = 1.0, 1e6


@dataclass(frozen=True)
class Place:
    """Position of a label: x of its start and y of its baseline in mm."""

    x: float
    y: float


class LabelMap:
    """Map of the occupied parts of the paper, in cells of half a millimetre.

    Parameters
    ----------
    left, top
        Upper left corner of the paper in mm.
    width, height
        Width and height of the paper in mm.
    """

    def __init__(self, left: float, top: float, width: float, height: float) -> None:
        self._left, self._top = left, top
        self._shape = int(np.ceil(width / _CELL)), int(np.ceil(height / _CELL))
        self._taken: BoolArray = np.zeros(self._shape, bool)
        self._pulses: BoolArray = np.zeros(self._shape, bool)

    def add_lines(self, lines: Iterable[Points]) -> None:
        """Mark lines as taken.

        Parameters
        ----------
        lines
            Points in mm from the left to the right.
        """
        for points in lines:
            self._mark(self._taken, points)

    def add_pulses(self, lines: Iterable[Points]) -> None:
        """Mark calibration pulses, which a label avoids if it can.

        Parameters
        ----------
        lines
            Points in mm.
        """
        for points in lines:
            self._mark(self._pulses, points)

    def place(
        self,
        text: str,
        size: float,
        region: tuple[float, float],
        baselines: Sequence[float],
        row: int,
        *,
        bold: bool = False,
        centred: bool = False,
    ) -> Place | None:
        """Find the free place for a text that is closest to the start of its line, and take it.

        Parameters
        ----------
        text
            Text on one line.
        size
            Font size in mm.
        region
            Range in mm in which the text may stand, along the line.
        baselines
            Baselines of all rows, in mm.
        row
            Row of the label; a label stands closer to this row's baseline than to another's.
        bold
            Whether it is bold.
        centred
            Whether it should stand on the baseline, left of the line; else above it.

        Returns
        -------
        Place or None
            Place of the text; None if there is no free place.
        """
        width, height = text_width(text, size, bold), 0.75 * size
        cells = int(np.ceil((width + 2 * _CLEAR) / _CELL)) + 1, int(np.ceil((height + 2 * _CLEAR) / _CELL)) + 1
        zero = baselines[row]
        first, last = self._column(region[0]), min(self._column(region[1]), self._shape[0]) - cells[0]
        upper, lower = self._limits(baselines, row)
        top, bottom = max(self._row(upper), 0), min(self._row(lower), self._shape[1]) - cells[1]
        if last < first or bottom < top:
            return None
        columns, rows = np.arange(max(first, 0), last + 1), np.arange(top, bottom + 1)
        if not len(columns) or not len(rows):
            return None
        blocked = _sums(self._taken, columns, rows, cells) > 0
        middle: Float64Array = self._top + (rows.astype(np.float64) + cells[1] / 2) * _CELL
        cost = 0.6 * (columns - columns[0])[:, None] * _CELL + self._height_cost(middle, zero, centred)[None, :]
        cost = cost + _PULSE * _sums(self._pulses, columns, rows, cells) + _BLOCKED * blocked
        best = np.unravel_index(int(cost.argmin()), cost.shape)
        if cost[best] >= _BLOCKED:
            return None
        column, line = int(columns[best[0]]), int(rows[best[1]])
        self._taken[column : column + cells[0], line : line + cells[1]] = True
        return Place(self._left + column * _CELL + _CLEAR, self._top + line * _CELL + _CLEAR + height)

    @staticmethod
    def _height_cost(middle: Float64Array, zero: float, centred: bool) -> Float64Array:
        above: Float64Array = zero - middle
        if centred:
            return np.abs(above)
        cost: Float64Array = np.where(above > 0, np.abs(above - _PREFERRED), _UNDER + np.abs(above + _PREFERRED))
        return cost

    @staticmethod
    def _limits(baselines: Sequence[float], row: int) -> tuple[float, float]:
        zero = baselines[row]
        upper = (baselines[row - 1] + zero) / 2 if row else zero - _ABOVE
        lower = (baselines[row + 1] + zero) / 2 if row + 1 < len(baselines) else zero + _BELOW
        return max(upper, zero - _ABOVE), min(lower, zero + _BELOW)

    def _column(self, x: float) -> int:
        return int(np.floor((x - self._left) / _CELL))

    def _row(self, y: float) -> int:
        return int(np.ceil((y - self._top) / _CELL))

    def _mark(self, cells: BoolArray, points: Points) -> None:
        """Mark the cells between the lowest and the highest point of a line in each column."""
        x = (points[:, 0] - self._left) / _CELL
        y = np.clip((points[:, 1] - self._top) / _CELL, -1, self._shape[1] + 1)
        between = np.arange(np.ceil(x[0]), x[-1], 0.5)
        places = np.concatenate([x[:-1], x[1:], between, between])
        low = np.concatenate([np.minimum(y[:-1], y[1:])] * 2 + [np.interp(between, x, y)] * 2)
        high = np.concatenate([np.maximum(y[:-1], y[1:])] * 2 + [np.interp(between, x, y)] * 2)
        column = np.clip(np.floor(places).astype(int), 0, self._shape[0] - 1)
        lowest, highest = np.full(self._shape[0], np.inf), np.full(self._shape[0], -np.inf)
        np.minimum.at(lowest, column, low)
        np.maximum.at(highest, column, high)
        used = np.flatnonzero(highest >= lowest)
        rows = np.arange(self._shape[1])
        cells[used] |= (rows >= np.floor(lowest[used])[:, None]) & (rows <= np.floor(highest[used])[:, None])


def label_region(start: float, width: float) -> tuple[float, float]:
    """Return the range along a line in which its label may stand.

    Parameters
    ----------
    start
        Start of the line in mm.
    width
        Length of the line in mm.

    Returns
    -------
    tuple of two floats
        Start and end of the range in mm.
    """
    return start + 0.8, start + min(width, _SEARCH)


def _sums(cells: BoolArray, columns: IndexArray, rows: IndexArray, size: tuple[int, int]) -> IndexArray:
    """The number of taken cells in the box of `size` that starts at each of the consecutive `columns` and `rows`."""
    part = cells[columns[0] : columns[-1] + size[0], rows[0] : rows[-1] + size[1]]
    total = np.zeros((part.shape[0] + 1, part.shape[1] + 1), np.intp)
    total[1:, 1:] = part.cumsum(axis=0).cumsum(axis=1)
    x, y = (columns - columns[0])[:, None], (rows - rows[0])[None, :]
    sums: IndexArray = total[x + size[0], y + size[1]] - total[x, y + size[1]] - total[x + size[0], y] + total[x, y]
    return sums
