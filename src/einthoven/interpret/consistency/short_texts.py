"""Short texts for the conclusion: names with one value. The criteria and findings above it give limits and leads."""

import re
from collections.abc import Mapping

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding, InfarctPattern
from einthoven.interpret.consistency.territory import INFARCTS
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.wording import number, percent

INFARCT = "infarct"
"""Subject of every text that states an infarct pattern."""
_NAMES: Mapping[str, str] = {
    "STEMI-UDMI4": "ST elevation",
    "STEMI-POSTERIOR-V1V3": "possible posterior infarct",
    "STEMI-RV-V1": "possible right ventricular infarct",
    "Q-V2V3-UDMI4": "Q waves",
    "Q-UDMI4": "Q waves",
    "R-V1V2-UDMI4": "broad R waves in V1 and V2",
    "STD-UDMI4": "ST depression",
    "STD6-AVR": "widespread ST depression",
    "TINV-UDMI4": "T-wave inversion",
    "SGARBOSSA-1996": "Sgarbossa criteria",
    "SGARBOSSA-SMITH": "modified Sgarbossa criteria",
    "BARCELONA-2020": "Barcelona criteria",
    "LVH-ROMHILT-ESTES": "left ventricular hypertrophy by the Romhilt-Estes score",
    "RVH-SOKOLOW-LYON": "voltage criteria for RVH",
    "LAE-P-DURATION": "left atrial enlargement",
    "RAE-P-AMPLITUDE": "right atrial enlargement",
    "SMITH-4V": "possible subtle LAD occlusion",
    "TALL-T": "tall T waves, possible hyperacute ischaemia or hyperkalaemia",
    "DE-WINTER": "possible de Winter pattern",
    "WELLENS-B": "possible Wellens pattern",
    "ASLANGER": "possible Aslanger pattern",
    "BRUGADA-1": "possible Brugada pattern",
    "LBBB-STRAUSS": "left bundle branch block",
    "LBBB-PATTERN": "pattern of left bundle branch block",
    "LBBB-AHA": "left bundle branch block",
    **dict.fromkeys(
        ("LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL", "LVH-CORNELL-PRODUCT", "LVH-PEGUERO"),
        "voltage criteria for LVH",
    ),
}
_SUBJECTS: Mapping[str, str] = {
    **dict.fromkeys(("LVH", "VCLVH", *[code for code in _NAMES if code.startswith("LVH")]), "LVH"),
    **{code: code for code in ("2AVB", "3AVB")},  # as the rhythm
    **dict.fromkeys(("RVH", "RVH-SOKOLOW-LYON"), "RVH"),
    **dict.fromkeys(("LAO/LAE", "LAE-P-DURATION"), "LAE"),
    **dict.fromkeys(("RAO/RAE", "RAE-P-AMPLITUDE"), "RAE"),
    **dict.fromkeys(("CLBBB", "LBBB-AHA", "LBBB-STRAUSS", "LBBB-PATTERN"), "LBBB"),
    **dict.fromkeys(("QWAVE", "Q-V2V3-UDMI4", "Q-UDMI4"), "Q waves"),
    **dict.fromkeys(("STD_", "STD-UDMI4", "STD6-AVR"), "ST depression"),
    **dict.fromkeys(("INVT", "TINV-UDMI4"), "T inversion"),
}
_OF_STEMI = ("STEMI-UDMI4", "STEMI-V7V9", "STEMI-V3RV4R", "STEMI-RV-V1", "STEMI-RECIPROCAL", "SGARBOSSA-1996")
_OF_BLOCKS = ("SGARBOSSA-SMITH", "BARCELONA-2020")
_MEASURED: Mapping[str, str] = {
    "PR-LONG": "PR ",
    "PR-SHORT": "PR ",
    "QTC-LONG": "QTcF ",
    "QTC-500": "QTcF ",
    "AXIS-LEFT": "QRS axis ",
    "AXIS-RIGHT": "QRS axis ",
    "AXIS-EXTREME": "QRS axis ",
    "LAE-P-DURATION": "P wave ",
}
_MAX_LEADS, _MAX_VALUE = 3, 25


def subject(code: str, critical: set[str], mi: InfarctPattern | None) -> str:
    """Return the subject of a statement or a criterion.

    Parameters
    ----------
    code
        Code of a criterion, or label of a statement.
    critical
        Codes of the critical values.
    mi
        The infarct pattern; if it is ruled in, it covers Q waves as well.

    Returns
    -------
    str
        Texts with equal subjects state the same fact; "" if no other statement or criterion shares the subject.
    """
    if code in (*_OF_STEMI, *_OF_BLOCKS) and "STEMI" in critical:
        return INFARCT
    if mi and mi.decision != "rule-out" and code in ("MI", *INFARCTS):
        return INFARCT
    if mi and mi.decision == "rule-in" and _SUBJECTS.get(code) == "Q waves":
        return INFARCT
    return _SUBJECTS.get(code, "")


def acute_words(acute: AcutePattern) -> str:
    """Return an undecided acute pattern in short.

    Parameters
    ----------
    acute
        The undecided answer about an acute infarct.

    Returns
    -------
    str
        Text such as "acute infarct pattern undecided: the patient is a child". It has the probability if this is high,
        or if there is no other reason.
    """
    because, probability = acute.withheld_because, acute.probability
    stated = acute.is_high or not because
    share = f" ({percent(probability)})" if stated and probability is not None else ""
    return f"acute infarct pattern undecided{share}" + (f": {because}" if because else "")


def infarct_words(mi: InfarctPattern, *, high: bool = False) -> str:
    """Return the infarct pattern in short.

    Parameters
    ----------
    mi
        The infarct pattern, ruled in or undecided.
    high
        Whether to state the probability although the decision is withheld.

    Returns
    -------
    str
        Text such as "infarct pattern, inferior (96 %)".
    """
    where = f", {' and '.join(mi.territory)}" if len(mi.territory) < 3 else f", {', '.join(mi.territory)}"
    where = where if mi.territory else ""
    if mi.decision == "rule-in":
        return f"infarct pattern{where} ({percent(mi.probability)})"
    share = "" if mi.withheld_because and not high else f" ({percent(mi.probability)})"
    return f"infarct pattern undecided{where}{share}"


def criterion_text(criterion: Criterion) -> str:
    """Return the short text of a criterion that is met.

    Parameters
    ----------
    criterion
        A met criterion of the ECG.

    Returns
    -------
    str
        Text such as "prolonged QTc (QTcF 474 ms)" or "ST depression (V4, V5, V6)".
    """
    name = _NAMES.get(criterion.code, criterion.name)
    if value := _quantity(criterion):
        return f"{name} ({value})"
    more = "" if len(criterion.leads) <= _MAX_LEADS else f" and {len(criterion.leads) - _MAX_LEADS} more leads"
    leads = ", ".join(list(criterion.leads)[:_MAX_LEADS]) + more
    return f"{name} ({leads})" if leads and leads not in name else name


def value_of(finding: Finding, criterion: Criterion | None) -> str:
    """Return the value that decides a finding: the measured value, or the probability.

    Parameters
    ----------
    finding
        A finding that is present or possible.
    criterion
        The met criterion that decides the finding; None if no criterion does.

    Returns
    -------
    str
        The value in parentheses after a space; empty without a value.
    """
    value = ""
    if finding.source != "model":
        value = (criterion and _quantity(criterion)) or _first_value(finding.reason or "")
    elif finding.probability is not None:
        value = percent(finding.probability)
    return f" ({value})" if value else ""


def _quantity(criterion: Criterion) -> str:
    quantity = criterion.quantity
    if quantity is None:
        return ""
    value = round(quantity.value, 2 if quantity.unit == "mV" else 0)
    return f"{_MEASURED.get(criterion.code, '')}{number(value)} {quantity.unit}"


def _first_value(reason: str) -> str:
    """Return the first clause of a reason if it is short and has a number, such as "QRS 130 ms"."""
    first = re.split(r" \(|[,;:]|\. ", reason)[0].rstrip(".")
    return first if len(first) <= _MAX_VALUE and any(c.isdigit() for c in first) else ""
