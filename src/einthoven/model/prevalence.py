"""What a probability becomes where the disease is rarer or more common than in the training data."""

from collections.abc import Mapping, Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.calibration import logit, sigmoid


def shift(probability: Float64Array, trained: Float64Array, assumed: Float64Array) -> Float64Array:
    """`probability` at the prevalence `trained`, as it is at `assumed`; all of one shape, or broadcast.

    By Bayes' rule for a label whose tracings look alike in both places: the odds change as those of the prevalence do
    (Saerens, Latinne and Decaestecker, Neural Computation 2002, 14:21).
    """
    if np.array_equal(assumed, trained):
        return probability
    shifted: Float64Array = sigmoid(logit(probability) + logit(assumed) - logit(trained))
    return np.where(assumed == trained, probability, shifted)


def assumed_prevalence(
    labels: Sequence[str], trained: Float64Array, wanted: Mapping[str, float], fixed: Sequence[str] = ()
) -> Float64Array:
    """Prevalence (labels,) that an answer assumes: the training data's, or what `wanted` says of a label.

    Labels are found whatever their case. Raises EinthovenError for one that the model does not have, for one of those
    that are `fixed` because their probabilities are no more than scores, and for a value outside 0 to 1.
    """
    place = {label.casefold(): k for k, label in enumerate(labels)}
    assumed = trained.copy()
    for label, value in wanted.items():
        k = place.get(label.casefold())
        if k is None:
            raise EinthovenError(f"prevalence of {label}: the model has no such label; it has {', '.join(labels)}.")
        if labels[k] in fixed:
            raise EinthovenError(
                f"prevalence of {label}: the training data hold too few of them for a probability; leave it out."
            )
        if not 0 < value < 1:
            raise EinthovenError(f"prevalence of {label}: {value:g} is no share between 0 and 1; write 0.05 for 5 %.")
        assumed[k] = value
    return assumed


def parse_prevalence(text: str) -> tuple[str, float]:
    """Parse the prevalence of a label.

    Parameters
    ----------
    text
        LABEL=SHARE, such as mi=0.05 for 5 %.

    Returns
    -------
    tuple of str and float
        Label and share.

    Raises
    ------
    EinthovenError
        If the text has another form.
    """
    label, _, share = text.partition("=")
    try:
        return label, float(share)
    except ValueError:
        raise EinthovenError("prevalence must be LABEL=SHARE, such as mi=0.05 for 5 %.") from None
