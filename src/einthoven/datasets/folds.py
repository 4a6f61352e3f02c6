"""Assign records to folds: by patient, with every label spread evenly."""

import numpy as np

from einthoven.arrays import BoolArray, Int64Array

FOLDS = 10


def assign_folds(labels: BoolArray, patients: Int64Array, seed: int = 0) -> Int64Array:
    """Assign the records of each patient to one of ten folds.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML PKDD 2011) over patients instead of records:
    patients with the rarest label go first, each to the fold that lacks most records of that label.

    Parameters
    ----------
    labels
        Labels of the records, shape (records, labels).
    patients
        Patient of each record, shape (records,).
    seed
        Seed for the order of patients that are otherwise equal.

    Returns
    -------
    Int64Array
        Fold of each record, 1 to 10, shape (records,).
    """
    names, patient_of = np.unique(patients, return_inverse=True)
    counts = np.zeros((len(names), labels.shape[1] + 1))  # records of each patient by label, and all of them
    np.add.at(counts, patient_of, np.column_stack([labels, np.ones(len(labels), bool)]))
    totals = counts.sum(0)
    rarest = np.where(counts > 0, totals, np.inf).argmin(1)  # of each patient's labels
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.lexsort([-counts[shuffled, -1], totals[rarest[shuffled]]])]
    lacking = np.tile(totals / FOLDS, (FOLDS, 1))
    fold_of = np.empty(len(names), np.int64)
    for patient in order:
        fold = np.lexsort([-lacking[:, -1], -lacking[:, rarest[patient]]])[0]
        fold_of[patient] = fold
        lacking[fold] -= counts[patient]
    return fold_of[patient_of] + 1
