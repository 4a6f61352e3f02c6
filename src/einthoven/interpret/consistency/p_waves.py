"""Where P waves are measured and where not (rule 7)."""

from einthoven.interpret.rhythm.identify import NO_P_WAVES
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.measurements.values import Measurements


def with_possible_p_waves(measurements: Measurements, rhythm: Rhythm) -> Measurements:
    """Return measurements without P waves that cannot be.

    Parameters
    ----------
    measurements
        Of the ECG.
    rhythm
        Of the same ECG.

    Returns
    -------
    Measurements
        Without PR and P where the rhythm has no P waves that lead the beats, and where PR reaches into the T wave before
        it: PR and QT together are longer than the time between two beats.
    """
    pr_ms, qt_ms, rate = measurements.pr_ms, measurements.qt_ms, rhythm.rate_bpm
    in_t_wave = pr_ms is not None and qt_ms is not None and rate is not None and (pr_ms + qt_ms) * rate > 60_000
    return measurements.without_p_waves() if in_t_wave or rhythm.code in NO_P_WAVES else measurements
