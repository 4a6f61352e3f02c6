"""Medians are those of NumPy, however many values there are, and leave these as they are."""

import numpy as np
import pytest

from einthoven.signal.medians import median, medians_of_halves


@pytest.mark.parametrize("count", range(1, 30))
def test_the_median_of_few_and_of_many(count):
    values = np.random.default_rng(count).normal(size=(count, 3, 11)).astype(np.float32)
    before = values.copy()
    np.testing.assert_allclose(median(values), np.median(values, axis=0), rtol=1e-6)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("shape", [(), (3,), (4, 11)])
@pytest.mark.parametrize("count", [*range(2, 30), 49, 60])
def test_medians_of_halves(count, shape):
    values = np.random.default_rng(count).integers(-9, 9, (count, *shape)).astype(np.float32)
    before = values.copy()
    expected = [median(values), median(values[::2]), median(values[1::2])]
    for found, one in zip(medians_of_halves(values), expected, strict=True):
        np.testing.assert_array_equal(found, one)
    np.testing.assert_array_equal(values, before)
