"""Does it work alike for everybody? AUROC by age, sex, recorder, noise, and who validated the annotation."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.statistics import auc_statistics
from einthoven.ptbxl import NOISE_COLUMNS

AGE_BANDS = {"0-17": 18, "18-39": 40, "40-59": 60, "60-79": 80, "80+": np.inf}
"""The bands of age in years, each with the age at which the next begins; PTB-XL writes 300 for over 89."""
SMALLEST_FAMILY = 50
"""Recorders of a family with fewer evaluated records are pooled as `other`."""
UNKNOWN = "not stated"


def subgroups(data: EvaluationData, table: pd.DataFrame, *, n_resamples: int, seed: int) -> list[dict[str, Any]]:
    """Every label's AUROC and their macro average in each subgroup, with 95 % patient-bootstrap intervals.

    `table` holds PTB-XL's columns for the records of `data`, in the same order. A label without a positive
    or a negative in a subgroup is null there and does not enter its macro average.
    """
    result = []
    for group, values in groups(table):
        for value in sorted(values.unique()):
            part = data.where((values == value).to_numpy())
            estimates = part.bootstrap(auc_statistics(part), n_resamples, seed)
            result.append(
                {
                    "group": group,
                    "value": value,
                    "records": len(part.truth),
                    "macro_auroc": estimates.interval("macro_auroc"),
                    "per_label": {
                        label: {
                            "positives": int(part.truth[:, k].sum()),
                            "auroc": estimates.interval("auroc", k),
                        }
                        for k, label in enumerate(data.labels)
                    },
                }
            )
    return result


def groups(table: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[str]"]]:
    """Each way to divide the records of `table`: its name, and the subgroup of each record."""
    band = pd.cut(table.age, [-np.inf, *AGE_BANDS.values()], right=False, labels=list(AGE_BANDS))
    yield "age", _named(band)
    yield "sex", _named(table.sex.map({0: "male", 1: "female"}))
    yield "device", device_families(table.device)
    noisy = table[list(NOISE_COLUMNS)].notna().any(axis=1)
    yield "noise", noisy.map({True: "flagged", False: "not flagged"})
    yield "validated_by_human", _named(table.validated_by_human.map({True: "yes", False: "no"}))


def device_families(names: "pd.Series[str]") -> "pd.Series[str]":
    """The recorder of each record without its software version (`AT-6 C 5.5`: `AT-6 C`), rare ones pooled."""
    family = _named(names).str.split().str.join(" ").str.replace(r" [\d.]+$", "", regex=True)
    number = family.map(family.value_counts())
    return family.where((number >= SMALLEST_FAMILY) | (family == UNKNOWN), "other")


def _named(values: "pd.Series[Any]") -> "pd.Series[str]":
    return values.astype(object).where(values.notna(), UNKNOWN).astype(str)
