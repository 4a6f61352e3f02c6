"""Remove PR intervals that are impossible (rule 7), in addition to rhythms that have no P waves."""

from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.measurements.values import Measurements


def without_impossible_p_waves(measurements: Measurements, rhythm: Rhythm) -> Measurements:
    """Leave out P waves that cannot lead the beats.

    Parameters
    ----------
    measurements
        Measurements of the ECG.
    rhythm
        Rhythm of the same ECG.

    Returns
    -------
    Measurements
        Measurements without PR and P in ventricular pacing (a paced rhythm whose QRS complexes are not narrow), or if
        PR and QT together are longer than the time between two beats: the P wave then lies in the previous T wave.
    """
    pr_ms, qt_ms, rate = measurements.pr_ms, measurements.qt_ms, rhythm.rate_bpm
    in_t_wave = pr_ms is not None and qt_ms is not None and rate is not None and (pr_ms + qt_ms) * rate > 60_000
    narrow = measurements.qrs_ms is not None and measurements.qrs_ms < NARROW_BELOW_MS
    return measurements.without_p_waves() if in_t_wave or (rhythm.code == "PACE" and not narrow) else measurements
