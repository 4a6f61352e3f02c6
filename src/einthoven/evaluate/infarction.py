"""Infarction in more detail: MI by the stage that PTB-XL states, and the acute pattern.

The pre-hospital question is the acute infarct, while PTB-XL's MI is an infarct statement of any age. Both parts compare
with the records that have no MI statement, at the MI thresholds of the validation fold.
"""

import numpy as np
import pandas as pd

from einthoven.arrays import BoolArray
from einthoven.evaluate.bootstrap import wilson
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import AcutePatternMetrics, Detection, StageMetrics
from einthoven.evaluate.statistics import (
    auc_statistics,
    joint_statistic,
    operating_point_statistics,
    operating_points,
)
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
) -> tuple[StageMetrics, ...]:
    """Measure how well the MI records of each stage are separated from all records without MI.

    AUROC has the bootstrap interval. Sensitivities, many of them of a few records only, have Wilson's.

    Parameters
    ----------
    mi
        Records with the one label MI.
    table
        PTB-XL's columns for these records. The stage is infarction_stadium1, which is filled for every record with a
        stage; `unknown` and empty are `not stated`.
    thresholds
        Thresholds of MI.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    tuple of StageMetrics
        The stages that have records.
    """
    stage = table.infarction_stadium1.map({column: name for name, column in STAGES.items()}).fillna(NOT_STATED)
    truth = mi.truth[:, 0]
    result = []
    for name in [*STAGES, NOT_STATED]:
        of_stage = truth & (stage == name).to_numpy()
        if not of_stage.any():
            continue
        data = mi.select(of_stage | ~truth)
        sensitivity = {
            target: _detection(mi.scores[of_stage, 0] >= values[0])
            for target, values in thresholds.specificity.items()
            if not np.isnan(values[0])
        }
        result.append(
            StageMetrics(
                stage=name,
                records=int(of_stage.sum()),
                auroc=data.bootstrap(auc_statistics(data), n_resamples, seed).interval("auroc", 0),
                sensitivity=sensitivity if thresholds.specificity else None,
                sensitivity_interval="Wilson" if thresholds.specificity else None,
            )
        )
    return tuple(result)


def acute_pattern(
    data: EvaluationData, acute: BoolArray, infarct: BoolArray, thresholds: Thresholds, *, n_resamples: int, seed: int
) -> AcutePatternMetrics:
    """Measure how well one score separates records with the acute pattern from those without MI.

    Parameters
    ----------
    data
        Records with one score.
    acute, infarct
        Boolean masks (records,) of records with the acute pattern, and with an MI statement. MI of other stages is left
        out.
    thresholds
        Thresholds of the score.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    AcutePatternMetrics
        Metrics by this score.
    """
    compared = acute | ~infarct
    part = EvaluationData(data.labels, acute[compared, None], data.scores[compared], data.patients[compared])
    statistic = joint_statistic(auc_statistics(part), operating_point_statistics(part, thresholds))
    estimates = part.bootstrap(statistic, n_resamples, seed)
    return AcutePatternMetrics(
        positives=int(part.truth.sum()),
        negatives=int((~part.truth).sum()),
        auroc=estimates.interval("auroc", 0),
        operating_points=operating_points(thresholds, estimates, 0),
    )


def _detection(detected: BoolArray) -> Detection:
    sensitivity = wilson(int(detected.sum()), len(detected))
    assert sensitivity  # a stage without records is left out
    return Detection(int(detected.sum()), sensitivity)
