"""Rate at which samples arrive, compared with the rate that the monitor declared."""

TOLERANCE = 0.02
"""Relative deviation of the rate beyond which a monitor is warned."""
MEASURED_S = 30.0
"""Time in s over which a rate is measured: the network's jitter is less than TOLERANCE of it."""


class Pace:
    """Compares the count of samples with a clock, and restarts every MEASURED_S.

    Parameters
    ----------
    rate
        Declared sampling rate in Hz.
    speed
        Expected speed at which samples arrive, relative to real time.
    """

    def __init__(self, rate: float, speed: float = 1.0) -> None:
        self._rate, self._speed = rate, speed
        self._start, self._start_samples = 0.0, 0
        self._sign = 0  # of the last deviation: too fast 1, too slow -1

    def begin(self, now: float, samples: int) -> None:
        """Start to measure when a connection begins.

        Parameters
        ----------
        now
            The clock in s.
        samples
            Count of samples so far.
        """
        self._start, self._start_samples, self._sign = now, samples, 0

    def ahead_s(self, now: float, samples: int) -> float:
        """Return the duration of the signal that has arrived too early.

        Parameters
        ----------
        now
            The clock in s.
        samples
            Count of samples so far.

        Returns
        -------
        float
            Seconds of signal; negative if samples are late.
        """
        return (samples - self._start_samples) / self._rate - (now - self._start) * self._speed

    def drift(self, now: float, samples: int) -> str | None:
        """Return a warning if the rate has deviated in the same direction in two consecutive measurements.

        One measurement may be wrong. After a stalled connection, the first may be too slow and the second too fast.

        Parameters
        ----------
        now
            The clock in s.
        samples
            Count of samples so far.

        Returns
        -------
        str | None
            A sentence, or None.
        """
        elapsed = now - self._start
        if elapsed < MEASURED_S:
            return None
        measured = (samples - self._start_samples) / elapsed / self._speed
        deviation = measured / self._rate - 1
        previous, sign = self._sign, 0 if abs(deviation) <= TOLERANCE else 1 if deviation > 0 else -1
        self.begin(now, samples)
        self._sign = sign
        if not sign or sign != previous:
            return None
        return (
            f"Samples arrive at {measured:.4g} Hz, not at the declared {self._rate:g}. Unless the connection is slow, "
            "heart rate and findings are wrong."
        )
