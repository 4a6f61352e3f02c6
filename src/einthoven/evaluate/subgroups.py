"""Subgroups: AUROC by age, sex, recorder, noise, and whether a human validated the annotation."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import Subgroup, SubgroupLabel
from einthoven.evaluate.statistics import auc_statistics
from einthoven.ptbxl import NOISE_COLUMNS

AGE_BANDS = {"0-17": 18, "18-39": 40, "40-59": 60, "60-79": 80, "80+": np.inf}
"""The bands of age in years, each with the age at which the next begins; PTB-XL writes 300 for over 89."""
SMALLEST_FAMILY = 50
"""Families of recorders with fewer evaluated records are pooled as `other`."""
UNKNOWN = "not stated"


def subgroups(data: EvaluationData, table: pd.DataFrame, *, n_resamples: int, seed: int) -> tuple[Subgroup, ...]:
    """Compute the AUROC of every label and their macro average in each subgroup.

    Intervals are 95 % patient bootstrap. A label without a positive or without a negative record in a subgroup is None
    there and does not enter its macro average.

    Parameters
    ----------
    data
        The evaluated records.
    table
        PTB-XL's columns for these records, in the same order.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    tuple of Subgroup
        All subgroups that have records.
    """
    result = []
    for group, values in groups(table):
        for value in sorted(values.unique()):
            part = data.select((values == value).to_numpy())
            estimates = part.bootstrap(auc_statistics(part), n_resamples, seed)
            result.append(
                Subgroup(
                    group=group,
                    value=value,
                    records=len(part.truth),
                    macro_auroc=estimates.interval("macro_auroc"),
                    per_label={
                        label: SubgroupLabel(int(part.truth[:, k].sum()), estimates.interval("auroc", k))
                        for k, label in enumerate(data.labels)
                    },
                )
            )
    return tuple(result)


def groups(table: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[str]"]]:
    """Divide records into subgroups by each criterion.

    Parameters
    ----------
    table
        PTB-XL's columns.

    Yields
    ------
    tuple of str and pandas.Series
        The criterion, and the subgroup of each record. An imported set has no columns for the last two criteria.
    """
    band = pd.cut(table.age, [-np.inf, *AGE_BANDS.values()], right=False, labels=list(AGE_BANDS))
    yield "age", _text(band)
    yield "sex", _text(table.sex.map({0: "male", 1: "female"}))
    yield "device", device_families(table.device)
    if "validated_by_human" not in table.columns:
        return
    noisy = table[list(NOISE_COLUMNS)].notna().any(axis=1)
    yield "noise", noisy.map({True: "flagged", False: "not flagged"})
    yield "validated_by_human", _text(table.validated_by_human.map({True: "yes", False: "no"}))


def device_families(names: "pd.Series[str]") -> "pd.Series[str]":
    """Remove the software version from recorders' names, and pool rare recorders.

    Parameters
    ----------
    names
        PTB-XL's column device.

    Returns
    -------
    pandas.Series
        Names such as `AT-6 C` for `AT-6 C 5.5`.
    """
    family = _text(names).str.split().str.join(" ").str.replace(r" [\d.]+$", "", regex=True)
    number = family.map(family.value_counts())
    return family.where((number >= SMALLEST_FAMILY) | (family == UNKNOWN), "other")


def _text(values: "pd.Series[Any]") -> "pd.Series[str]":
    return values.astype(object).where(values.notna(), UNKNOWN).astype(str)
