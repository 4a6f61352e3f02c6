"""Folds by patient, with every label spread evenly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from einthoven.datasets.folds import FOLDS, assign_folds

RECORDS = st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.booleans()), min_size=1, max_size=120)


@given(RECORDS, st.integers(0, 5))
def test_no_patient_is_in_two_folds(records: list[tuple[int, bool, bool]], seed: int) -> None:
    patients = np.array([patient for patient, *_ in records])
    labels = np.array([labels for _, *labels in records])
    folds = assign_folds(labels, patients, seed)
    assert folds.min() >= 1
    assert folds.max() <= FOLDS
    for patient in np.unique(patients):
        assert len(np.unique(folds[patients == patient])) == 1
    np.testing.assert_array_equal(folds, assign_folds(labels, patients, seed))


@given(st.lists(st.sampled_from([(), (0,), (1,), (2,)]), min_size=1, max_size=200), st.integers(0, 5))
def test_single_labels_are_balanced_to_one_record(chosen: list[tuple[int, ...]], seed: int) -> None:
    labels = np.array([[k in of_record for k in range(3)] for of_record in chosen])
    folds = assign_folds(labels, np.arange(len(labels)), seed)
    for column in labels.T:
        counts = np.bincount(folds[column], minlength=FOLDS + 1)[1:]
        assert counts.max() - counts.min() <= 1
    counts = np.bincount(folds, minlength=FOLDS + 1)[1:]
    assert counts.max() - counts.min() <= 3  # the last records cannot even out three labels


def test_a_realistic_set_is_balanced() -> None:
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 1500, 2000)
    labels = rng.random((2000, 6)) < [0.5, 0.3, 0.1, 0.05, 0.02, 0.01]
    folds = assign_folds(labels, patients, 1)
    for column in (*labels.T, np.ones(2000, bool)):
        counts = np.bincount(folds[column], minlength=FOLDS + 1)[1:]
        assert np.abs(counts - column.sum() / FOLDS).max() <= 2 + 0.02 * column.sum()
