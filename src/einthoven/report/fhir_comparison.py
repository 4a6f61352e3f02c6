"""The Observation of a comparison with a previous ECG."""

from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.report.comparison_text import comparison_heading
from einthoven.report.fhir_parts import Resource, own_concept
from einthoven.text import printable


def comparison_observation(comparison: Comparison) -> Resource:
    """Return the changes since a previous ECG.

    Parameters
    ----------
    comparison
        The comparison.

    Returns
    -------
    dict
        Specific elements of an Observation. The previous ECG is not a resource of the Bundle, so the reference to it
        is words only, without the name of its file.
    """
    if comparison.significant:
        code, text = "changed", "changed beyond the usual difference between two ECGs of one person"
    elif comparison.not_compared:
        code, text = "no-change-in-part", "no change found in what could be compared"
    else:
        code, text = "no-change", "no change beyond the usual difference between two ECGs of one person"
    previous = comparison_heading(comparison).replace("Compared with the p", "P")
    return {
        "code": own_concept("comparison", "comparison with a previous ECG"),
        "valueCodeableConcept": own_concept(code, text),
        "derivedFrom": [{"type": "DocumentReference", "display": previous}],
        "note": [{"text": printable(comparison.in_words, None)}],
        **({"component": list(map(_change, comparison.significant))} if comparison.significant else {}),
    }


def _change(change: Change) -> Resource:
    unit = f" {change.unit}" if change.unit else ""
    value = f"{change.before}{unit} before, {change.after}{unit} now"
    return {"code": {"text": printable(change.what)}, "valueString": printable(value)}
