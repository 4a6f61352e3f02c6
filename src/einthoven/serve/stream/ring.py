"""The last 10 s of a stream, put together from frames that may be late, double, out of order or lost."""

from collections.abc import Iterator

import numpy as np

from einthoven.serve.stream.frames import NO_SAMPLE, Raw

_NUMBERS = 2**32


class Ring:
    """The newest `capacity` samples. Places count samples from the first frame's on, which is at 0."""

    def __init__(self, capacity: int, channels: int, dtype: type[np.int16 | np.float32] = np.float32) -> None:
        self.capacity = capacity
        self._nothing = NO_SAMPLE if dtype is np.int16 else np.nan
        self._values: Raw = np.full((capacity, channels), self._nothing, dtype)
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

    def put(self, place: int, samples: Raw) -> int:
        """Put samples where they belong, and say how many were new; one that is there already stays as it is.

        Samples before the oldest that is held are dropped. Between `head` and `place` nothing is known for now.
        """
        before, end = self.head, place + len(samples)
        self.head = max(before, end)
        for rows, _ in self._rows(before, place):
            self._known[rows] = False
            self._values[rows] = self._nothing
        new = 0
        for rows, start in self._rows(place, min(end, before)):  # late, or there already
            part = samples[start - place :][: rows.stop - rows.start]
            unknown = ~self._known[rows]
            self._values[rows][unknown] = part[unknown]
            self._known[rows] = True
            new += int(unknown.sum())
        for rows, start in self._rows(max(before, place), end):
            self._values[rows] = samples[start - place :][: rows.stop - rows.start]
            self._known[rows] = True
            new += rows.stop - rows.start
        return new

    def _rows(self, start: int, end: int) -> Iterator[tuple[slice, int]]:
        """Where the places from `start` to `end` are that are held: one or two slices, each with its first place."""
        place = max(start, 0, self.head - self.capacity)
        while place < end:
            row = place % self.capacity
            count = min(end - place, self.capacity - row)
            yield slice(row, row + count), place
            place += count

    def between(self, start: int, end: int) -> Raw:
        """A copy of the samples of places `start` to `end`; NaN or NO_SAMPLE where none are known, or no longer."""
        copy: Raw = np.full((end - start, self._values.shape[1]), self._nothing, self._values.dtype)
        for rows, place in self._rows(start, min(end, self.head)):
            copy[place - start :][: rows.stop - rows.start] = self._values[rows]
        return copy

    def missing(self, samples: int) -> int:
        """How many of the newest `samples` have not come."""
        rows = self._rows(self.head - samples, self.head)
        return samples - sum(int(np.count_nonzero(self._known[held])) for held, _ in rows)
