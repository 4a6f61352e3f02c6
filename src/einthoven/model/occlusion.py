"""Occlusion: hide a piece of the tracing, and see how far a label's score falls.

Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014 (section 4.2). It asks
nothing of the model but its answers, so that it holds for any network in a bundle. What it is worth:
docs/explanation/explanations.md.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle import Bundle
from einthoven.model.calibration import logit, sigmoid

BIN_S = 0.25
"""About how long a piece is, in s: a QRS complex with some of what surrounds it, or a T wave."""


def label_of(labels: Sequence[str], wanted: str) -> str:
    """The one of `labels` that is meant, whatever its case; EinthovenError, which lists them, where none is."""
    for label in labels:
        if label.casefold() == wanted.casefold():
            return label
    raise EinthovenError(f"{wanted}: cannot be explained, the model has no such label; it has {', '.join(labels)}.")


def occlusion(bundle: Bundle, signal: Float32Array) -> Float64Array:
    """How much each piece of a tracing speaks for each label: (labels, leads, bins), bins as `bin_edges` cuts them.

    The value of a piece is the fall of the log-odds of the label's score when the piece is hidden. `signal` is as
    `Bundle.logits` takes it: (leads, samples) in mV at the card's rate and in its lead order. The model computes a
    window once for each lead and bin in it: 480 windows for 10 s and windows of 2.5 s that do not overlap.
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
    """The first sample of each bin of a tracing of `samples` at `rate` Hz, and its end: (bins + 1,)."""
    bins = max(1, round(samples / (BIN_S * rate)))
    return np.linspace(0, samples, bins + 1).round().astype(np.int64)


def hide(signal: Float32Array, hidden: BoolArray) -> Float32Array:
    """`signal` (leads, samples) with a straight line from edge to edge of what is `hidden` (leads, samples).

    It makes no step where the tracing is off its baseline; a lead that is hidden throughout is zero.
    """
    out, at = signal.copy(), np.arange(signal.shape[1])
    for lead, gone in zip(out, hidden, strict=True):
        lead[gone] = 0 if gone.all() else np.interp(at[gone], at[~gone], lead[~gone])
    return out
