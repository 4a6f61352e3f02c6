"""The quick functions give what NumPy's own give."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import BoolArray, Float32Array
from einthoven.signal.small_arrays import mean, neighbours, where_true, windows

WAVES = arrays(np.float32, array_shapes(min_dims=2, max_dims=3, min_side=2), elements=st.floats(-9, 9, width=32))


@given(values=WAVES, axis=st.sampled_from([-1, 0, 1]))
def test_mean_is_that_of_numpy(values: Float32Array, axis: int) -> None:
    np.testing.assert_array_equal(mean(values, axis), values.mean(axis=axis))


@given(values=WAVES, transposed=st.booleans())
def test_windows_are_those_of_numpy(values: Float32Array, transposed: bool) -> None:
    values = values.swapaxes(0, 1) if transposed else values
    np.testing.assert_array_equal(windows(values, 2), sliding_window_view(values, 2, axis=-1))


@given(at=st.lists(st.integers(0, 19), max_size=5), reach=st.integers(0, 30))
def test_neighbours_stay_inside_the_signal(at: list[int], reach: int) -> None:
    places = np.array(at, np.intp)
    around = np.clip(places[:, None] + np.arange(-reach, reach + 1), 0, 19)
    np.testing.assert_array_equal(neighbours(places, reach, 20), around)


@given(arrays(bool, st.integers(0, 40)))
def test_true_places_are_those_of_numpy(which: BoolArray) -> None:
    np.testing.assert_array_equal(where_true(which), np.flatnonzero(which))
