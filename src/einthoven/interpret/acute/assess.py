"""Assess whether an ECG shows the pattern of an acute infarct."""

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm


def assess_acute(evidence: Evidence, rhythm: Rhythm) -> AcutePattern | None:
    """Assess whether an ECG shows the pattern of an acute infarct.

    Parameters
    ----------
    evidence
        With criteria.
    rhythm
        Of the ECG.

    Returns
    -------
    AcutePattern or None
        None if the recording is not interpreted.
    """
    del evidence, rhythm
    return None
