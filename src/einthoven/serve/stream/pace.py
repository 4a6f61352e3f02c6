"""How fast samples come, against the rate that the monitor declared."""

TOLERANCE = 0.02
"""Deviation of the rate beyond which a monitor is warned."""
MEASURED_S = 30.0
"""How long a rate is measured: the network's jitter is less than TOLERANCE of it."""


class Pace:
    """Compares the count of samples with a clock; both in s, and begins anew every MEASURED_S."""

    def __init__(self, rate: float, speed: float = 1.0) -> None:
        """`rate` in Hz and `speed`, how many times faster than real time samples are to come."""
        self._rate, self._speed = rate, speed
        self._start, self._before = 0.0, 0
        self._side = 0  # of the last measurement: too fast 1, too slow -1

    def begin(self, now: float, samples: int) -> None:
        """A connection begins at `now`, at which there are `samples`."""
        self._start, self._before, self._side = now, samples, 0

    def ahead_s(self, now: float, samples: int) -> float:
        """Seconds of signal that came earlier than they should."""
        return (samples - self._before) / self._rate - (now - self._start) * self._speed

    def drift(self, now: float, samples: int) -> str | None:
        """A sentence where the rate has been another than the declared one for two measurements in a row.

        One alone may be wrong, and two be slow and then fast, where a connection stalled.
        """
        elapsed = now - self._start
        if elapsed < MEASURED_S:
            return None
        measured = (samples - self._before) / elapsed / self._speed
        deviation = measured / self._rate - 1
        before, side = self._side, 0 if abs(deviation) <= TOLERANCE else 1 if deviation > 0 else -1
        self.begin(now, samples)
        self._side = side
        if not side or side != before:
            return None
        return (
            f"Samples come at {measured:.4g} Hz, not at the declared {self._rate:g}. Where the connection is not to "
            "blame, heart rate and findings are wrong."
        )
