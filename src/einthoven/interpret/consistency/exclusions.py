"""Statements that exclude each other (rule 4): one rhythm, one block per side, and blocks that fit the QRS duration."""

from collections.abc import Mapping

from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.measured import rate_reason
from einthoven.interpret.consistency.statements import (
    Ruling,
    Statements,
    apply_ruling,
    is_present,
    is_reported,
    retract,
    weaken,
)
from einthoven.interpret.criteria.wording import number
from einthoven.interpret.rhythm.identify import drops_p_waves
from einthoven.interpret.rhythm.names import AV_BLOCKS, BRADYCARDIA_BPM, FIBRILLATION, TACHYCARDIA_BPM
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.ptbxl.vocabulary import NAMES, STATEMENTS

RHYTHM_LABELS = tuple(code for code, statement in STATEMENTS.items() if statement.rhythm)
"""PTB-XL's rhythm statements; at most one of them is present."""
_BY_RATE = ("SBRAD", "STACH")  # named by the measured rate
_SIDES = (("CRBBB", "IRBBB"), ("CLBBB", "ILBBB"))  # complete, incomplete
_COMPLETE_FROM_MS, _DELAY_ABOVE_MS = 120.0, 110.0  # Surawicz et al. 2009, AHA/ACCF/HRS part III


def exclude_rhythms(statements: Statements, rhythm: Rhythm) -> None:
    """Remove the rhythm statements that differ from the rhythm.

    Parameters
    ----------
    statements
        Statements by label, changed in place. If the rhythm is uncertain, the most probable statement remains possible.
    rhythm
        Rhythm of the ECG.
    """
    reason = rhythm.reason or f"Rhythm: {rhythm.name}."
    chosen = rhythm.code
    if chosen == "UNCERTAIN":
        chosen = _most_probable(statements)
        weaken(statements, chosen, reason, "measurement")
    elif chosen in _BY_RATE and rhythm.rate_bpm is not None:
        by_rate = rhythm.rate_bpm < BRADYCARDIA_BPM or rhythm.rate_bpm > TACHYCARDIA_BPM
        text = rate_reason(rhythm.rate_bpm) if by_rate else reason  # it states the rate between premature beats
        apply_ruling(statements, Ruling(chosen, True, "measurement", text))
    elif chosen in STATEMENTS and not is_present(statements, chosen):
        apply_ruling(statements, Ruling(chosen, True, "measurement", reason))
    for label in RHYTHM_LABELS:
        if label != chosen:
            retract(statements, label, reason, "measurement")
    for label in AV_BLOCKS:
        if rhythm.code == "UNCERTAIN":
            weaken(statements, label, reason, "measurement")
        elif label != rhythm.code:
            retract(statements, label, reason, "measurement")


def exclude_by_atria(statements: Statements, rhythm: Rhythm) -> None:
    """Withdraw statements that the activity of the atria excludes.

    First-degree AV block needs P waves before the beats, and no other degree; a premature atrial beat needs atria that
    do not fibrillate or flutter.

    Parameters
    ----------
    statements
        Statements by label, changed in place.
    rhythm
        Rhythm of the ECG.
    """
    if drops_p_waves(rhythm) or rhythm.code in AV_BLOCKS:
        for label in ("1AVB", "LPR"):
            retract(statements, label, f"Not in {rhythm.name}.", "measurement")
    if rhythm.code in FIBRILLATION:
        retract(statements, "PAC", f"Not in {rhythm.name}.", "measurement")


def exclude_blocks(statements: Statements, qrs_ms: float | None) -> None:
    """Leave one bundle branch statement for each side, and weaken those that the QRS duration contradicts.

    Parameters
    ----------
    statements
        Statements by label, changed in place.
    qrs_ms
        QRS duration; None if it was not measured.
    """
    if qrs_ms is not None:
        _fit_duration(statements, qrs_ms)
    for complete, incomplete in _SIDES:
        if not (is_reported(statements, complete) and is_reported(statements, incomplete)):
            continue
        keep_incomplete = is_present(statements, incomplete) and not is_present(statements, complete)
        kept, dropped = (incomplete, complete) if keep_incomplete else (complete, incomplete)
        retract(statements, dropped, f"Excluded by {NAMES[kept]}.")
    if is_present(statements, "CRBBB") and is_present(statements, "CLBBB"):
        less = min(("CRBBB", "CLBBB"), key=lambda label: _probability(statements[label]))
        weaken(statements, less, "A complete block of the other side is more probable.")
    for complete in ("CRBBB", "CLBBB"):
        if is_present(statements, complete):
            retract(statements, "IVCD", f"Excluded by {NAMES[complete]}.")


def _fit_duration(statements: Statements, qrs_ms: float) -> None:
    """Weaken complete blocks below 120 ms, incomplete ones from 120 ms, and a nonspecific delay up to 110 ms."""
    reason = f"QRS {number(qrs_ms)} ms"
    for complete, incomplete in _SIDES:
        if qrs_ms < _COMPLETE_FROM_MS:
            weaken(statements, complete, f"{reason}, complete from {number(_COMPLETE_FROM_MS)} ms.", "measurement")
        else:
            text = f"{reason}, incomplete below {number(_COMPLETE_FROM_MS)} ms."
            weaken(statements, incomplete, text, "measurement")
    if qrs_ms <= _DELAY_ABOVE_MS:
        weaken(statements, "IVCD", f"{reason}, a delay above {number(_DELAY_ABOVE_MS)} ms.", "measurement")


def _most_probable(statements: Mapping[str, Finding]) -> str:
    """Return the rhythm statement that the model finds most probable; SR if none is reported."""
    reported = [label for label in RHYTHM_LABELS if is_reported(statements, label)]
    return max(reported, key=lambda label: _probability(statements[label]), default="SR")


def _probability(finding: Finding) -> float:
    return -1.0 if finding.probability is None else finding.probability
