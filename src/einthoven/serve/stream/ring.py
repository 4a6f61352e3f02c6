"""The last 10 s of a stream, put together from frames that may be late, double, out of order or lost."""

import numpy as np

from einthoven.serve.stream.frames import Samples

_NUMBERS = 2**32


class Ring:
    """The newest `capacity` samples. Places count samples from the first frame's on, which is at 0."""

    def __init__(self, capacity: int, channels: int) -> None:
        self._values = np.full((capacity, channels), np.nan, np.float32)
        self._known = np.zeros(capacity, np.bool_)
        self._first: int | None = None  # sequence number of place 0
        self.head = 0
        """The place after the newest sample."""

    def place(self, sequence: int) -> int:
        """The place of a sequence number, which counts modulo 2**32: the one that is nearest to `head`."""
        if self._first is None:
            self._first = sequence
        ahead = (sequence - self._first - self.head) % _NUMBERS
        return self.head + (ahead if ahead < _NUMBERS // 2 else ahead - _NUMBERS)

    @property
    def next_sequence(self) -> int:
        """The sequence number that `head` will have."""
        return ((self._first or 0) + self.head) % _NUMBERS

    def put(self, place: int, samples: Samples) -> int:
        """Put samples where they belong, and say how many were new; one that is there already stays as it is.

        Samples before the oldest that is held are dropped. Between `head` and `place` nothing is known for now.
        """
        capacity = len(self._values)
        end = place + len(samples)
        if end > self.head:
            passed = np.arange(max(self.head, end - capacity), end) % capacity
            self._known[passed] = False
            self._values[passed] = np.nan
            self.head = end
        dropped = max(0, self.head - capacity - place, -place)
        samples = samples[dropped:]
        at = np.arange(place + dropped, end) % capacity
        new = ~self._known[at]
        self._values[at[new]] = samples[new]
        self._known[at] = True
        return int(new.sum())

    def between(self, start: int, end: int) -> Samples:
        """A copy of the samples of places `start` to `end`; NaN where none are known, or no longer."""
        capacity = len(self._values)
        places = np.arange(start, end)
        held = (places >= max(0, self.head - capacity)) & (places < self.head)
        return np.where(held[:, None], self._values[places % capacity], np.float32(np.nan))

    def missing(self, samples: int) -> int:
        """How many of the newest `samples` have not come."""
        return int(np.count_nonzero(~self._known[np.arange(self.head - samples, self.head) % len(self._known)]))
