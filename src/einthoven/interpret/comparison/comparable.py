"""Check to what extent two ECGs can be compared: order, patient, leads, recorders, filters and quality."""

from collections.abc import Iterator, Sequence

from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import Filters, Patient, RecordingWarning
from einthoven.signal.measurements.measure import MIN_AMPLITUDE_RATE

PREVIOUS, THIS = "the previous ECG", "this ECG"


def interval_s(before: Interpretation, after: Interpretation) -> float | None:
    """Return the time between two ECGs.

    Parameters
    ----------
    before, after
        The previous ECG and this one.

    Returns
    -------
    float or None
        The time in s; negative if the previous ECG is later. None if a time is unknown, or only one has a time zone.
    """
    earlier, later = before.recording.recorded_at, after.recording.recorded_at
    if earlier is None or later is None or (earlier.tzinfo is None) != (later.tzinfo is None):
        return None
    return (later - earlier).total_seconds()


def waves_comparable(before: Interpretation, after: Interpretation) -> bool:
    """Return whether the sampling rates of two ECGs show Q, R and S waves alike.

    Parameters
    ----------
    before, after
        The previous ECG and this one.

    Returns
    -------
    bool
        False if one of them is sampled so slowly that R and S are understated, and the other is not.
    """
    slow = {ecg.recording.rate_hz < MIN_AMPLITUDE_RATE for ecg in (before, after)}
    return len(slow) == 1


def join(names: Sequence[str]) -> str:
    """Join names with commas and "and".

    Parameters
    ----------
    names
        At least one name.

    Returns
    -------
    str
        Text such as "II, III and aVF".
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def identity_warnings(
    before: Interpretation, after: Interpretation, patients: tuple[Patient | None, Patient | None]
) -> Iterator[RecordingWarning]:
    """Yield doubts that both ECGs are of one person, and in this order.

    Parameters
    ----------
    before, after
        The previous ECG and this one.
    patients
        Patient data in their files; None if there are none. They are never quoted.

    Yields
    ------
    RecordingWarning
        About the patient, then about the times.
    """
    yield from _patient_warning(*patients)
    seconds = interval_s(before, after)
    if seconds is None:
        times = {PREVIOUS: before.recording.recorded_at, THIS: after.recording.recorded_at}
        without = [name for name, time in times.items() if time is None]
        why = f"{join(without)} {_verb(without, 'states', 'state')} no time" if without else "only one has a time zone"
        yield _warning("comparison-time", f"The time between the ECGs is unknown: {why}.")
    elif seconds < 0:
        text = "The ECG given as the previous one was recorded later than this ECG: check which is the earlier one."
        yield _warning("comparison-order", text)
    elif seconds == 0:
        text = "Both ECGs state the same time: check that they are not the same recording."
        yield _warning("comparison-order", text)


def _patient_warning(before: Patient | None, after: Patient | None) -> Iterator[RecordingWarning]:
    differing, same_person = [], False
    if before and after:
        pairs = {
            "patient IDs": (before.id, after.id),
            "birth dates": (before.birth_date, after.birth_date),
            "sexes": (before.sex, after.sex),
        }
        differing = [name for name, (one, other) in pairs.items() if one and other and one != other]
        same_person = any(one and one == other for name, (one, other) in pairs.items() if name != "sexes")
    if differing:
        text = f"The files state different {join(differing)}: check that both ECGs are of the same person."
        yield _warning("comparison-patient", text)
    elif not same_person:
        text = "The files do not show whether both ECGs are of the same person."
        yield _warning("comparison-patient-unknown", text)


def signal_warnings(before: Interpretation, after: Interpretation) -> Iterator[RecordingWarning]:
    """Yield the limits of the comparison of the signals.

    Parameters
    ----------
    before, after
        The previous ECG and this one.

    Yields
    ------
    RecordingWarning
        About filters, recorders, electrodes, noise, leads, the sampling rate and the model.
    """
    ecgs = ((PREVIOUS, before, after), (THIS, after, before))
    yield from _filter_warning(before, after)
    for name, ecg, other in ecgs:
        if ecg.electrodes.suspected:
            text = f"Electrodes may be exchanged in {name} ({ecg.electrodes.suspected}): leads were not compared."
            yield _warning("comparison-electrodes", text)
        if disturbed := [lead.lead for lead in ecg.quality.leads if lead.problems]:
            leads = "All leads" if len(disturbed) == len(ecg.recording.leads) else join(disturbed)
            text = f"{leads} {_verb(disturbed, 'is', 'are')} disturbed in {name}, which may imitate or hide changes."
            yield _warning("comparison-noise", text)
        if only := [lead for lead in ecg.recording.leads if lead not in other.recording.leads]:
            text = f"Only {name} has {join(only)}, which {_verb(only, 'was', 'were')} not compared."
            yield _warning("comparison-leads", text)
    if not waves_comparable(before, after):
        text = f"Q, R and S were not compared: only one ECG is sampled at {MIN_AMPLITUDE_RATE} Hz or more."
        yield _warning("comparison-rate", text)
    if before.model != after.model:
        text = f"The previous ECG was interpreted by another model ({before.model}), which may differ by itself."
        yield _warning("comparison-model", text)


def _filter_warning(before: Interpretation, after: Interpretation) -> Iterator[RecordingWarning]:
    earlier, later = (ecg.recording.filters or Filters() for ecg in (before, after))
    devices = {ecg.recording.device for ecg in (before, after)}
    if earlier.high_pass_hz != later.high_pass_hz:
        edges = f"{_hz(earlier.high_pass_hz)} before, {_hz(later.high_pass_hz)} now"
        text = f"The high-pass filters differ ({edges}): ST may differ for that reason alone."
        yield _warning("comparison-filters", text)
    if earlier.low_pass_hz != later.low_pass_hz:
        edges = f"{_hz(earlier.low_pass_hz)} before, {_hz(later.low_pass_hz)} now"
        text = f"The low-pass filters differ ({edges}): Q, R and S may differ for that reason alone."
        yield _warning("comparison-filters", text)
    if earlier == later and len(devices) == 2:
        yield _warning("comparison-filters", "The recorders differ, and may filter ST and QRS differently.")


def _hz(edge: float | None) -> str:
    return "not stated" if edge is None else f"{edge:g} Hz"


def _verb(names: Sequence[str], one: str, several: str) -> str:
    return one if len(names) == 1 else several


def _warning(code: str, text: str) -> RecordingWarning:
    return RecordingWarning(code, text)  # type: ignore[arg-type]
