"""Text for an explanation: the leads and times on which a label rests."""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer
from einthoven.interpret.segment_results import Explanation
from einthoven.recording import LEADS

_HALF = 0.5
_N_STRONGEST_BINS = 3
_CHEST = LEADS[6:]


def label_name(answer: Answer, label: str) -> str:
    """Return the name of a label in words.

    Parameters
    ----------
    answer
        Findings that contain the label.
    label
        Name of the label, such as "AFIB".

    Returns
    -------
    str
        Text such as "atrial fibrillation".
    """
    names = {finding.label: finding.name for finding in answer.findings + answer.statements}
    return (names | {score.label: score.name for score in answer.scores_only})[label]


def explanation_text(answer: Answer, explanation: Explanation) -> str:
    """Describe an explanation in a sentence.

    Parameters
    ----------
    answer
        The findings that it explains.
    explanation
        The explanation of one label.

    Returns
    -------
    str
        Text such as "MI (myocardial infarction) rests on V2-V4 (58 %), most at 1.25-1.5 s."
    """
    return f"{explanation.label} ({label_name(answer, explanation.label)}) {explanation_basis(explanation)}."


def explanation_basis(explanation: Explanation) -> str:
    """Describe the leads that together have half of the positive contributions, and the times with the largest ones.

    Parameters
    ----------
    explanation
        The explanation of one label.

    Returns
    -------
    str
        Text such as "rests on V2-V4 (58 %), most at 1.25-1.5, 4-4.5 and 8.75-9 s".
    """
    positive = positive_contributions(explanation)
    per_lead, per_bin = positive.sum(axis=1), positive.sum(axis=0)
    total = positive.sum()
    if not total:
        return "rests on no particular lead"
    order = np.argsort(-per_lead, kind="stable")
    count = int(np.searchsorted(np.cumsum(per_lead[order]), _HALF * total)) + 1
    leads = _lead_ranges([explanation.leads[k] for k in sorted(order[:count])])
    strongest = sorted(k for k in np.argsort(-per_bin, kind="stable")[:_N_STRONGEST_BINS].tolist() if per_bin[k])
    share = round(100 * float(per_lead[order[:count]].sum() / total))
    return f"rests on {leads} ({share} %), most at {_time_ranges(strongest, explanation)} s"


def positive_contributions(explanation: Explanation) -> Float64Array:
    """Return the contributions that support the label.

    Parameters
    ----------
    explanation
        The explanation of one label.

    Returns
    -------
    Float64Array
        Contributions of shape (leads, bins) in log-odds; zero for contributions against the label.
    """
    return np.maximum(explanation.values, 0.0)


def _lead_ranges(leads: Sequence[str]) -> str:
    """Join lead names, with three or more neighbouring chest leads as a range: "II and V2-V4"."""
    runs: list[list[str]] = []
    for lead in leads:
        if runs and lead in _CHEST[1:] and runs[-1][-1] == LEADS[LEADS.index(lead) - 1]:
            runs[-1].append(lead)
        else:
            runs.append([lead])
    return _enumerate_words([word for run in runs for word in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else run)])


def _time_ranges(bins: Sequence[int], explanation: Explanation) -> str:
    """Format the times of bins in s, with adjacent bins as one range."""
    start, step = explanation.start_s, explanation.seconds_per_bin
    spans: list[list[int]] = []
    for k in bins:
        if spans and spans[-1][1] == k:
            spans[-1][1] = k + 1
        else:
            spans.append([k, k + 1])
    return _enumerate_words([f"{start + first * step:.4g}-{start + end * step:.4g}" for first, end in spans])


def _enumerate_words(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
