"""Move probabilities from the prevalence of the training data to another one."""

from collections.abc import Mapping, Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.calibration import logit, sigmoid


def shift(probability: Float64Array, trained: Float64Array, assumed: Float64Array) -> Float64Array:
    """Move probabilities to another prevalence by Bayes' rule.

    Valid for a label whose ECGs look alike at both: its odds change by the same factor as those of the prevalence
    (Saerens, Latinne and Decaestecker, Neural Computation 2002, 14:21).

    Parameters
    ----------
    probability
        Probabilities at the prevalence `trained`.
    trained
        Prevalence in the training data; of the same shape, or broadcast.
    assumed
        Prevalence to assume; of the same shape, or broadcast.

    Returns
    -------
    Float64Array
        Probabilities at the prevalence `assumed`; exactly `probability` if both are equal.
    """
    if np.array_equal(assumed, trained):
        return probability
    shifted: Float64Array = sigmoid(logit(probability) + logit(assumed) - logit(trained))
    return np.where(assumed == trained, probability, shifted)


def parse_prevalence(text: str) -> tuple[str, float]:
    """Parse a prevalence as users write it.

    Parameters
    ----------
    text
        Text LABEL=SHARE, such as mi=0.05.

    Returns
    -------
    tuple of str and float
        Label as written, and share. `assumed_prevalence` checks both.

    Raises
    ------
    ValueError
        If the text is not of this form.
    """
    label, _, share = text.partition("=")
    try:
        return label, float(share)
    except ValueError:
        raise ValueError("prevalence must be LABEL=SHARE, such as mi=0.05 for 5 %.") from None


def assumed_prevalence(
    labels: Sequence[str], trained: Float64Array, requested: Mapping[str, float], fixed: Sequence[str] = ()
) -> Float64Array:
    """Return the prevalence that probabilities assume: the requested one, or that of the training data.

    Parameters
    ----------
    labels
        Labels of the model.
    trained
        Prevalence in the training data, shape (labels,).
    requested
        Requested prevalence by label, in upper or lower case.
    fixed
        Labels whose scores are not probabilities, so that no other prevalence can be assumed.

    Returns
    -------
    Float64Array
        Assumed prevalence, shape (labels,).

    Raises
    ------
    EinthovenError
        If the model has no such label, the label is fixed, or the value is not between 0 and 1.
    """
    index = {label.casefold(): k for k, label in enumerate(labels)}
    assumed = trained.copy()
    for label, value in requested.items():
        k = index.get(label.casefold())
        if k is None:
            raise EinthovenError(f"prevalence of {label}: the model has no such label; it has {', '.join(labels)}.")
        if labels[k] in fixed:
            raise EinthovenError(
                f"prevalence of {label}: the training data contain too few for a probability; leave it out."
            )
        if not 0 < value < 1:
            raise EinthovenError(f"prevalence of {label}: {value:g} is not between 0 and 1; write 0.05 for 5 %.")
        assumed[k] = value
    return assumed
