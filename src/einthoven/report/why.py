"""What an explanation says, in words: the leads and the seconds that a label rests on most."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.recording import LEADS

_HALF = 0.5
_MOMENTS = 3
_CHEST = LEADS[6:]

Floats = NDArray[np.float64]


def rests_on(explanation: Mapping[str, Any]) -> str:
    """The leads that together hold half of what speaks for the label, and its strongest moments.

    "rests on V2-V4 (58 %), most at 1.25-1.5, 4-4.5 and 8.75-9 s"; `explanation` as `Interpretation.to_dict` has it.
    """
    speaks = for_it(explanation)
    per_lead, per_bin = speaks.sum(axis=1), speaks.sum(axis=0)
    whole = speaks.sum()
    if not whole:
        return "rests on nothing that can be pointed at"
    order = np.argsort(-per_lead, kind="stable")
    count = int(np.searchsorted(np.cumsum(per_lead[order]), _HALF * whole)) + 1
    leads = _together([explanation["leads"][k] for k in sorted(order[:count])])
    strongest = sorted(k for k in np.argsort(-per_bin, kind="stable")[:_MOMENTS].tolist() if per_bin[k])
    share = round(100 * float(per_lead[order[:count]].sum() / whole))
    return f"rests on {leads} ({share} %), most at {_spans(strongest, explanation)} s"


def for_it(explanation: Mapping[str, Any]) -> Floats:
    """What speaks for the label (leads, bins): zero where a piece speaks against it."""
    speaks: Floats = np.maximum(explanation["values"], 0.0)
    return speaks


def name_of(answer: Mapping[str, Any], label: str) -> str:
    """A label of the answer in English."""
    found = answer["findings"] + answer["statements"] + answer["scores_only"]
    return next(str(one["name"]) for one in found if one["label"] == label)


def explained(answer: Mapping[str, Any], explanation: Mapping[str, Any]) -> str:
    """The sentence of one of the answer's explanations."""
    label = explanation["label"]
    return f"{label} ({name_of(answer, label)}) {rests_on(explanation)}."


def _together(leads: Sequence[str]) -> str:
    """V2, V3, V4 as V2-V4: neighbours on the chest."""
    runs: list[list[str]] = []
    for lead in leads:
        if runs and lead in _CHEST[1:] and runs[-1][-1] == LEADS[LEADS.index(lead) - 1]:
            runs[-1].append(lead)
        else:
            runs.append([lead])
    return _listed([word for run in runs for word in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else run)])


def _spans(bins: Sequence[int], explanation: Mapping[str, Any]) -> str:
    """From when to when the `bins` last, those that follow one another as one."""
    start, step = explanation["start_s"], explanation["seconds_per_bin"]
    spans: list[list[int]] = []
    for k in bins:
        if spans and spans[-1][1] == k:
            spans[-1][1] = k + 1
        else:
            spans.append([k, k + 1])
    return _listed([f"{start + first * step:.4g}-{start + end * step:.4g}" for first, end in spans])


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
