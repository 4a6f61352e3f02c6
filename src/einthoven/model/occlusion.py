"""Explain scores by occlusion: hide a part of the signal, and measure how far a label's score falls.

Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014 (section 4.2). It needs
only the outputs of the model, so it works for any network in a bundle. docs/explanation/explanations.md evaluates it.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from einthoven.model.calibration import logit, sigmoid

BIN_S = 0.25
"""Approximate length of a bin in s: a QRS complex with its surroundings, or a T wave."""


def match_label(labels: Sequence[str], requested: str) -> str:
    """Find a label of the model, in any case.

    Parameters
    ----------
    labels
        Labels of the model.
    requested
        Label as the user wrote it.

    Returns
    -------
    str
        Label as spelled in `labels`.

    Raises
    ------
    EinthovenError
        If the model has no such label; the message lists the labels that it has.
    """
    for label in labels:
        if label.casefold() == requested.casefold():
            return label
    raise EinthovenError(f"{requested} cannot be explained: the model has no such label; it has {', '.join(labels)}.")


def occlusion(bundle: Bundle, signal: Float32Array) -> Float64Array:
    """Measure how much each part of a signal supports each label.

    A part is a bin of one lead. The model computes each window once for each lead and bin in it: 480 windows for 10 s
    and windows of 2.5 s that do not overlap.

    Parameters
    ----------
    bundle
        The model.
    signal
        Signal of shape (leads, samples) in mV, as for `Bundle.logits`.

    Returns
    -------
    Float64Array
        Support of shape (labels, leads, bins), with bins as for `bin_edges`: the drop of the log-odds of the label's
        score if the part is hidden.
    """
    card, (leads, samples) = bundle.card, signal.shape
    starts = np.array(card.starts(samples))
    scores = sigmoid(bundle.logits(signal))  # (windows, labels)
    whole = logit(scores.mean(0))
    values = []
    for begin, end in pairwise(bin_edges(samples, card.rate)):
        hidden = np.zeros(signal.shape, bool)
        hidden[:, begin:end] = True
        variants = np.repeat(signal[None], leads, axis=0)  # (variants, leads, samples), each lacks the bin in one lead
        variants[range(leads), range(leads)] = hide(signal, hidden)
        touched = np.flatnonzero((starts < end) & (starts + card.window > begin))
        windows = [variants[:, :, start : start + card.window] for start in starts[touched]]
        changed = sigmoid(bundle.window_logits(np.concatenate(windows))).reshape(len(touched), leads, -1)
        mean = (scores.sum(0) - scores[touched].sum(0) + changed.sum(0)) / len(scores)  # (variants, labels)
        values.append(whole - logit(mean))
    return np.stack(values, -1).swapaxes(0, 1)


def bin_edges(samples: int, rate: int) -> Int64Array:
    """Return the edges of the bins of a signal.

    Parameters
    ----------
    samples
        Length of the signal.
    rate
        Sampling rate in Hz.

    Returns
    -------
    Int64Array
        Edges of shape (bins + 1,): the first sample of each bin, and the end of the last one.
    """
    bins = max(1, round(samples / (BIN_S * rate)))
    return np.linspace(0, samples, bins + 1).round().astype(np.int64)


def hide(signal: Float32Array, hidden: BoolArray) -> Float32Array:
    """Replace parts of a signal by straight lines, which make no step if the signal is off its baseline.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV.
    hidden
        Boolean mask of shape (leads, samples): True for samples to hide.

    Returns
    -------
    Float32Array
        Signal of shape (leads, samples); a lead that is hidden throughout is zero.
    """
    result, times = signal.copy(), np.arange(signal.shape[1])
    for lead, mask in zip(result, hidden, strict=True):
        lead[mask] = 0 if mask.all() else np.interp(times[mask], times[~mask], lead[~mask])
    return result
