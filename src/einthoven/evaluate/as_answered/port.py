"""Whether a port of a bundle answers more than the Interpreter, which it never should."""

from einthoven.interpret.interpretation import Interpretation
from einthoven.model.port.answer import PortAnswer

DOUBTS = ("quality-poor", "leads-lost", "noise", "signal-unusual", "no-beats", "pacing-spikes-without-capture")
"""Warnings of an ECG that a port does not answer about."""
WITHHOLDING = (
    *("electrodes-exchanged", "leads-unusual", "leads-scaled-separately", "limb-leads-contradict"),
    "amplitude-unusual",
)
"""Warnings of an ECG in which a port does not answer whether there is an infarct pattern."""
UNREADABLE = ("WCT", "IVR", "NO-BEATS", "PACING-NO-CAPTURE")
"""Rhythms in which the Interpreter neither rules an infarct pattern in nor out."""


def withholds_infarct(interpretation: Interpretation) -> bool:
    """Report whether the Interpreter withholds the infarct answer, regardless of its probability.

    Parameters
    ----------
    interpretation
        Interpretation of one ECG of at most 10 s.

    Returns
    -------
    bool
        True also if it abstains.
    """
    codes = {warning.code for warning in interpretation.warnings}
    unreadable = interpretation.rhythm.code in UNREADABLE or not codes.isdisjoint(WITHHOLDING)
    return interpretation.abstained or unreadable


def excess(port: PortAnswer, interpretation: Interpretation) -> str:
    """Describe how a port answers more than the Interpreter.

    Parameters
    ----------
    port
        The answer of a port.
    interpretation
        Interpretation of the same ECG.

    Returns
    -------
    str
        Description of the difference; empty if there is none.
    """
    if port.reasons:
        return ""
    if interpretation.abstained:
        return "answers where the Interpreter abstains"
    if doubts := [warning.code for warning in interpretation.warnings if warning.code in DOUBTS]:
        return f"answers where the Interpreter doubts: {', '.join(doubts)}"
    if port.infarct and withholds_infarct(interpretation):
        return "answers about an infarct pattern where the Interpreter withholds it"
    if port.infarct == "rule-in" and interpretation.mi and interpretation.mi.decision != "rule-in":
        return "rules an infarct pattern in where the Interpreter does not"
    return ""
