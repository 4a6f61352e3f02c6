"""Small QRS complexes, which look like infarcts to the model: it predicts again from the enlarged ECG.

Low voltage, or a gain that is lower than stated, makes R waves small, and the model takes small R waves for an infarct.
So a pattern that it rules in must still be ruled in if small QRS complexes are enlarged to USUAL_MV. The enlarged ECG
is used for nothing else, so that it rules nothing out. benchmarks/accuracy/small_qrs.py has the figures.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import sqrt

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.interpret.criteria.ecg import CHEST_LEADS, peak_to_peak_mv
from einthoven.interpret.decisions import DecisionRule
from einthoven.recording import LEADS
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.recording_features import RecordingFeatures

USUAL_MV = 1.0
"""QRS size to which smaller ones are enlarged; 5 % of PTB-XL's records are smaller. From 1.1 mV on, half a point of
sensitivity and more would be lost in all records (folds 1-8, docs/explanation/consistency.md)."""
LIMB_LEADS = LEADS[:6]


def qrs_size_mv(measurements: Measurements | None) -> float | None:
    """Compute how large the QRS complexes are.

    Parameters
    ----------
    measurements
        Measurements of an ECG; None if there are none.

    Returns
    -------
    float or None
        Geometric mean, in mV, of the largest QRS complex of a limb lead and of a chest lead, peak to peak. If all leads
        are multiplied by a factor, so is this size. None if one of the two was not measured.
    """
    if measurements is None:
        return None
    limb, chest = (_largest_mv(measurements, leads) for leads in (LIMB_LEADS, CHEST_LEADS))
    return sqrt(limb * chest) if limb and chest else None


def _largest_mv(measurements: Measurements, leads: Iterable[str]) -> float:
    sizes = [peak_to_peak_mv(measurements.leads[lead]) for lead in leads if lead in measurements.leads]
    return max([size for size in sizes if size is not None], default=0.0)


def check_small_qrs(
    analyses: Sequence[SegmentAnalysis],
    probabilities: Sequence[Float64Array | None],
    model_scores: Callable[[Iterable[Float32Array], Iterable[RecordingFeatures]], Iterator[Float64Array]],
    rule: DecisionRule,
) -> list[SegmentAnalysis]:
    """Add the probability of an infarct in the enlarged ECG to segments with small QRS complexes.

    Parameters
    ----------
    analyses
        Analyses of the segments of recordings.
    probabilities
        Probabilities of each segment, shape (labels,); None if the segment is not interpretable.
    model_scores
        Function that computes the scores of signals from them and their features: `Bundle.batch_scores`.
    rule
        Rule that turns scores into probabilities.

    Returns
    -------
    list of SegmentAnalysis
        The same analyses. Only those in which an infarct pattern would be ruled in have the new probability.
    """
    ruled_in = [values is not None and rule.rules_in(values) for values in probabilities]
    sizes = [
        qrs_size_mv(analysis.measurements) if chosen else None
        for analysis, chosen in zip(analyses, ruled_in, strict=True)
    ]
    small = {k: np.float32(USUAL_MV / size) for k, size in enumerate(sizes) if size is not None and size < USUAL_MV}
    enlarged = (analyses[k].model_input * factor for k, factor in small.items())
    scores = model_scores(enlarged, (analyses[k].features.enlarged(float(factor)) for k, factor in small.items()))
    result = list(analyses)
    for k, enlarged_scores in zip(small, scores, strict=True):
        result[k] = analyses[k]._replace(infarct_if_enlarged=rule.infarct(rule.probabilities(enlarged_scores)))
    return result
