"""Medians of a few arrays: many times as fast as np.median, because whole arrays are sorted at once."""

from functools import lru_cache, reduce
from typing import Any

import numpy as np

from einthoven.arrays import Float32Array, Float64Array, IndexArray

_FEW = 24  # rows that a sorting network sorts faster than np.sort


def median(values: Float32Array | Float64Array | IndexArray) -> Float32Array:
    """Compute the median over the first axis; many times as fast as np.median if that axis is short.

    Parameters
    ----------
    values
        Values of shape (values, ...).

    Returns
    -------
    Float32Array
        Median of shape (...).
    """
    return _middle(_sort(values))


def medians_of_halves(values: Float32Array) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Compute the medians over all, the even and the odd ones along the first axis, in less time than one by one.

    Parameters
    ----------
    values
        Values of shape (values, ...), at least two.

    Returns
    -------
    tuple of Float32Array
        Medians, each of shape (...).
    """
    even, odd = _sort(values[::2]), _sort(values[1::2])
    low, high = (_smallest_of_both(even, odd, k) for k in ((len(values) + 1) // 2, len(values) // 2 + 1))
    return (low + high) / np.float32(2), _middle(even), _middle(odd)


def _smallest_of_both(one: Any, other: Any, count: int) -> Any:
    """The last of the `count` smallest values of two sorted sequences: the least that a split between them has."""
    splits = range(max(0, count - len(other)), min(len(one), count) + 1)  # how many are from the first
    lasts = [
        other[count - 1] if k == 0 else one[count - 1] if k == count else np.maximum(one[k - 1], other[count - k - 1])
        for k in splits
    ]
    return reduce(np.minimum, lasts)


def _middle(ordered: Any) -> Float32Array:
    middle: Float32Array = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / np.float32(2)
    return middle


def _sort(values: Any) -> Any:
    """Sort along the first axis."""
    if values.ndim > 1 and len(values) <= _FEW < values[0].size:
        return _sort_few(values)
    ordered = values.copy()  # np.sort takes longer
    ordered.sort(axis=0)
    return ordered


def _sort_few(values: Any) -> list[Any]:
    """Sort along the first axis by whole rows, which processors do eight or more numbers at a time."""
    rows = list(values.copy())
    spare = np.empty_like(rows[0])
    for low, high in _sorting_network(len(rows)):
        np.minimum(rows[low], rows[high], out=spare)
        np.maximum(rows[low], rows[high], out=rows[high])
        rows[low], spare = spare, rows[low]
    return rows


@lru_cache(_FEW)
def _sorting_network(count: int) -> list[tuple[int, int]]:
    """The pairs to put in order one after the other (Batcher's odd-even merge sort, AFIPS 1968, 32:307)."""
    pairs = []
    for merged in (2**k for k in range((count - 1).bit_length())):
        for apart in (merged >> k for k in range(merged.bit_length())):
            for start in range(apart % merged, count - apart, 2 * apart):
                for low in range(start, min(start + apart, count - apart)):
                    if low // (2 * merged) == (low + apart) // (2 * merged):
                        pairs.append((low, low + apart))
    return pairs
