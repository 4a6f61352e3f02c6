"""The infarct pattern more closely: MI by the stage that PTB-XL states, and the acute pattern.

The pre-hospital question is the acute infarct, while PTB-XL's MI is an infarct statement of any age. Both
parts compare with the records that have no MI statement at all, at the MI thresholds of the validation
fold.
"""

from typing import Any

import numpy as np
import pandas as pd

from einthoven.arrays import BoolArray
from einthoven.evaluate.bootstrap import wilson
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.statistics import auc_statistics, joint_statistic, operating_point_statistics, operating_points
from einthoven.evaluate.thresholds import Thresholds

STAGES = {
    "I": "Stadium I",
    "I-II": "Stadium I-II",
    "II": "Stadium II",
    "II-III": "Stadium II-III",
    "III": "Stadium III",
}
"""The stages of infarction as PTB-XL's column infarction_stadium1 writes them."""
NOT_STATED = "not stated"


def mi_by_stage(
    mi: EvaluationData, table: pd.DataFrame, thresholds: Thresholds, *, n_resamples: int, seed: int
) -> list[dict[str, Any]]:
    """How well the MI records of each stage are told from all records without MI.

    `mi` has the one label MI; `table` holds PTB-XL's columns for its records. The stage is that of
    infarction_stadium1, the column that is filled for every record with a stage; `unknown` and empty are
    `not stated`, and stages without records are left out. AUROC has the bootstrap interval; sensitivities,
    many of a few records only, have Wilson's.
    """
    stage = table.infarction_stadium1.map({written: name for name, written in STAGES.items()}).fillna(NOT_STATED)
    truth = mi.truth[:, 0]
    result = []
    for name in [*STAGES, NOT_STATED]:
        chosen = truth & (stage == name).to_numpy()
        if not chosen.any():
            continue
        part = mi.where(chosen | ~truth)
        entry: dict[str, Any] = {
            "stage": name,
            "records": int(chosen.sum()),
            "auroc": part.bootstrap(auc_statistics(part), n_resamples, seed).interval("auroc", 0),
            "sensitivity": None,
        }
        if thresholds.points:
            entry["sensitivity"] = {
                target: _detected(mi.scores[chosen, 0] >= values[0])
                for target, values in thresholds.points["specificity"].items()
                if not np.isnan(values[0])
            }
            entry["sensitivity_interval"] = "Wilson"
        result.append(entry)
    return result


def acute_pattern(
    data: EvaluationData, acute: BoolArray, infarct: BoolArray, thresholds: Thresholds, *, n_resamples: int, seed: int
) -> dict[str, Any]:
    """How well the one score of `data` tells the records with the acute pattern from those without any MI.

    `acute` and `infarct` (records,) say which records have the acute pattern and which an MI statement. MI of
    other stages is neither positive nor negative here. The operating points are those of `thresholds`.
    """
    chosen = acute | ~infarct
    part = EvaluationData(data.labels, acute[chosen, None], data.scores[chosen], data.patients[chosen])
    both = joint_statistic([auc_statistics(part), operating_point_statistics(part, thresholds)])
    estimates = part.bootstrap(both, n_resamples, seed)
    return {
        "positives": int(part.truth.sum()),
        "negatives": int((~part.truth).sum()),
        "auroc": estimates.interval("auroc", 0),
        "operating_points": operating_points(thresholds, estimates, 0),
    }


def _detected(detected: BoolArray) -> dict[str, Any]:
    return {"detected": int(detected.sum()), **wilson(int(detected.sum()), len(detected))}
