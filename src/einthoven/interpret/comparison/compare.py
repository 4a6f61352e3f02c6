"""Compare an ECG with a previous one."""

from collections.abc import Iterator, Sequence

from einthoven.interpret.comparison.answers import (
    criterion_changes,
    critical_changes,
    decision_changes,
    rhythm_changes,
    statement_changes,
)
from einthoven.interpret.comparison.comparable import (
    PREVIOUS,
    THIS,
    identity_warnings,
    interval_s,
    join,
    signal_warnings,
)
from einthoven.interpret.comparison.measured import compare_measurements
from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.interpret.comparison.words import NO_CHANGE, change_sentences
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import Patient, RecordingWarning

_UNKNOWN = ("comparison-patient-unknown", "comparison-time")  # warnings that come last, because they are common


def compare(
    interpretation: Interpretation,
    previous: Interpretation,
    patient: Patient | None = None,
    previous_patient: Patient | None = None,
) -> Comparison:
    """Compare an ECG with a previous one of the same person.

    >>> interpreter = Interpreter.load("default")
    >>> compare(interpreter(einthoven.read("new.dcm")), interpreter(einthoven.read("old.dcm"))).in_words

    Parameters
    ----------
    interpretation
        Interpretation of the new ECG.
    previous
        Interpretation of the previous ECG, by the same model if possible.
    patient, previous_patient
        Patient data in the files. If they contradict each other, a warning says so.

    Returns
    -------
    Comparison
        Changes from the previous ECG to the new one, even if the previous one is later; a warning says so.
    """
    ecgs = previous, interpretation
    measured, lacking = compare_measurements(*ecgs)
    decisions, withheld = decision_changes(ecgs)
    rhythms, uncertain = rhythm_changes(ecgs, measured)
    changes = (
        *critical_changes(ecgs),
        *decisions,
        *rhythms,
        *statement_changes(ecgs, measured),
        *measured,
        *criterion_changes(ecgs, measured),
    )
    not_compared = (*_not_interpreted(ecgs), *withheld, *uncertain, *lacking)
    identity = tuple(identity_warnings(previous, interpretation, (previous_patient, patient)))
    signals = tuple(signal_warnings(previous, interpretation))
    words = _sentences(changes, not_compared, identity, signals, interpretation)
    return Comparison(
        source=previous.source,
        recorded_at=previous.recording.recorded_at,
        interval_s=interval_s(previous, interpretation),
        changes=changes,
        not_compared=not_compared,
        warnings=(*identity, *signals),
        in_words=" ".join(words),
    )


def _not_interpreted(ecgs: tuple[Interpretation, Interpretation]) -> Iterator[str]:
    for name, ecg in zip((PREVIOUS, THIS), ecgs, strict=True):
        if ecg.abstained:
            yield f"statements and criteria ({name} is not interpreted: {'; '.join(ecg.abstained_because)})"


def _sentences(
    changes: Sequence[Change],
    not_compared: Sequence[str],
    identity: Sequence[RecordingWarning],
    signals: Sequence[RecordingWarning],
    interpretation: Interpretation,
) -> Iterator[str]:
    """Yield doubts about person and order, the changes, remaining critical values, and limits of the comparison."""
    unknown = [warning.text for warning in identity if warning.code in _UNKNOWN]
    yield from (warning.text for warning in identity if warning.text not in unknown)
    change_texts = list(change_sentences(changes))
    yield from change_texts
    if not change_texts and not not_compared:
        yield f"{NO_CHANGE}."
    elif not change_texts and any(name.startswith("statements") for name in not_compared):
        yield "The ECGs could not be compared as a whole, and no change was found in what is measured in both."
    elif not change_texts:
        yield f"{NO_CHANGE} in what could be compared."
    new = {change.code for change in changes if change.kind == "critical"}
    if old := [value.name for value in interpretation.critical if value.code not in new]:
        yield f"Still present: {join(old)}."
    if not_compared:
        yield f"Not compared: {'; '.join(not_compared)}."
    yield from (warning.text for warning in signals)
    yield from unknown
