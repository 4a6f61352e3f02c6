"""Features for the probability of an acute pattern: outputs of the model, and the measured ST segment.

Every feature of the ST segment is 0 or more and grows with the deviation. With coefficients of 0 or more, a larger
deviation never lowers the probability.
"""

from collections.abc import Callable, Mapping
from math import log, prod

from einthoven.interpret.acute.st_levels import StLevels, largest_in_pair, levels, reciprocal_mv
from einthoven.recording import Patient
from einthoven.signal.measurements.values import Measurements

INJURY = ("INJAS", "INJAL", "INJLA", "INJIL", "INJIN")
"""PTB-XL's statements about injury, all of them subendocardial."""
CONFOUNDERS = ("CLBBB", "PACE", "WPW", "LVH")
"""Statements that invalidate the limits of ST elevation (UDMI4, Tables 2 and 3)."""
PATTERN_OUTPUTS = {"acute_output": "ACUTE", "injury_output": "INJURY"}
"""Features from the outputs for both patterns, their log-odds, and the labels of these outputs."""
STATEMENT_OUTPUTS = ("injury", "infarct", "confounder")
"""Features from other outputs: the log-odds of any statement about injury and of MI, and the probability of the
likeliest confounder."""
OUTPUTS = (*PATTERN_OUTPUTS, *STATEMENT_OUTPUTS)
"""Features from the model."""
DEVIATIONS = ("elevation", "total_elevation", "depression", "reciprocal")
"""Deviations of the ST segment in 0.1 mV, whose coefficients must be 0 or more."""
MEASURED = (*DEVIATIONS, "inverted_t", "upright_t", "qrs", "unmeasured")
"""Features from measurements: also T waves in 0.1 mV, the QRS duration in 0.1 s, and whether ST was not measured."""
FEATURES = (*OUTPUTS, *MEASURED)
"""All features, in the order of the coefficients."""

_SMALLEST = 1e-4  # probability below which networks disagree about how rare a label is
_BELOW_LIMIT_MV = 0.05  # an elevation counts from this far below its limit
_MAX_MV, _MAX_TOTAL_MV, _MAX_T_MV = 0.4, 1.0, 0.5
_USUAL_QRS_MS = 95.0
_MAX_QRS_MS = 200.0


def acute_features(
    probability: Callable[[str], float | None], measurements: Measurements | None, patient: Patient
) -> dict[str, float] | None:
    """Compute the features of an ECG.

    Parameters
    ----------
    probability
        Function that returns the model's probability of a label, None if the model does not have the label.
    measurements
        Measurements of the ECG; None if there are none.
    patient
        Age and sex, if known.

    Returns
    -------
    dict of str to float or None
        Features by the names of FEATURES; None if the model lacks an output that is needed.
    """
    infarct, injury = probability("MI"), [probability(label) for label in INJURY]
    patterns = {name: probability(label) for name, label in PATTERN_OUTPUTS.items()}
    if infarct is None or None in (*injury, *patterns.values()):
        return None
    any_injury = 1 - prod([1 - value for value in injury if value is not None])
    confounder = max([probability(label) or 0.0 for label in CONFOUNDERS])
    return {
        **{name: log_odds(value) for name, value in patterns.items() if value is not None},
        "injury": log_odds(any_injury),
        "infarct": log_odds(infarct),
        "confounder": confounder,
        **_measured(measurements, patient, confounder),
    }


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, clipped to the range in which networks agree.

    Parameters
    ----------
    probability
        A probability, from 0 to 1.

    Returns
    -------
    float
        log(p / (1 - p)).
    """
    clipped = min(max(probability, _SMALLEST), 1 - _SMALLEST)
    return log(clipped / (1 - clipped))


def _measured(measurements: Measurements | None, patient: Patient, confounder: float) -> dict[str, float]:
    if measurements is None or not (st := StLevels.of(measurements, patient)).at_j:
        return {**dict.fromkeys(MEASURED, 0.0), "unmeasured": 1.0}
    t_mv, qrs_ms = levels(measurements, "t_mv"), measurements.qrs_ms
    late = st.margins(st.at_j60).values()
    total_mv = sum([max(0.0, margin + _BELOW_LIMIT_MV) for margin in late])
    return {
        "elevation": _largest(st.margins(st.at_j), _BELOW_LIMIT_MV) * (1 - confounder),
        "total_elevation": 10 * min(total_mv, _MAX_TOTAL_MV) * (1 - confounder),
        "depression": _largest(_inverse(st.at_j)),
        "reciprocal": 10 * min(reciprocal_mv(st.at_j60), _MAX_MV),
        "inverted_t": _largest(_inverse(t_mv), most=_MAX_T_MV),
        "upright_t": _largest(t_mv, most=_MAX_T_MV),
        "qrs": 0.0 if qrs_ms is None else (min(qrs_ms, _MAX_QRS_MS) - _USUAL_QRS_MS) / 100,
        "unmeasured": 0.0,
    }


def _largest(values: Mapping[str, float], plus_mv: float = 0.0, most: float = _MAX_MV) -> float:
    """Return the largest value of two contiguous leads in 0.1 mV, from 0 to the highest value allowed."""
    value = largest_in_pair(values)
    return 0.0 if value is None else 10 * min(max(value + plus_mv, 0.0), most)


def _inverse(values: Mapping[str, float]) -> dict[str, float]:
    return {lead: -value for lead, value in values.items()}
