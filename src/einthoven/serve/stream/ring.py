"""The last 10 s of a stream, assembled from frames that may be late, repeated, out of order or lost."""

from collections.abc import Iterator

import numpy as np

from einthoven.serve.stream.frames import NO_SAMPLE, Raw

_SEQUENCE_NUMBERS = 2**32


class Ring:
    """The newest samples. A place is a count of samples; the first frame starts at place 0.

    Parameters
    ----------
    capacity
        Samples of each channel.
    channels
        Number of channels.
    dtype
        Type of the samples.

    Attributes
    ----------
    head : int
        The place after the newest sample.
    """

    def __init__(self, capacity: int, channels: int, dtype: type[np.int16 | np.float32] = np.float32) -> None:
        self.capacity = capacity
        self._no_sample = NO_SAMPLE if dtype is np.int16 else np.nan
        self._values: Raw = np.full((capacity, channels), self._no_sample, dtype)
        self._known = np.zeros(capacity, np.bool_)
        self._first: int | None = None  # sequence number of place 0
        self.head = 0

    def place(self, sequence: int) -> int:
        """Return the place of a sequence number, the one nearest to `head`.

        Parameters
        ----------
        sequence
            Sequence number, which counts modulo 2**32.

        Returns
        -------
        int
            Place of the sequence number; negative for samples before the first frame.
        """
        if self._first is None:
            self._first = sequence
        ahead = (sequence - self._first - self.head) % _SEQUENCE_NUMBERS
        return self.head + (ahead if ahead < _SEQUENCE_NUMBERS // 2 else ahead - _SEQUENCE_NUMBERS)

    @property
    def next_sequence(self) -> int:
        """The sequence number that `head` will have."""
        return ((self._first or 0) + self.head) % _SEQUENCE_NUMBERS

    def put(self, place: int, samples: Raw) -> int:
        """Put samples in their place; a sample that is there already stays as it is.

        Samples before the oldest in the ring are dropped. Samples between `head` and `place` stay unknown for now.

        Parameters
        ----------
        place
            Place of the first sample.
        samples
            Samples of shape (samples, channels).

        Returns
        -------
        int
            Number of samples that were new.
        """
        before, end = self.head, place + len(samples)
        self.head = max(before, end)
        for rows, _ in self._rows(before, place):
            self._known[rows] = False
            self._values[rows] = self._no_sample
        new = 0
        for rows, start in self._rows(place, min(end, before)):  # late, or repeated
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
        """Yield slices of rows for the places from `start` to `end` in the ring, each with its first place."""
        place = max(start, 0, self.head - self.capacity)
        while place < end:
            row = place % self.capacity
            count = min(end - place, self.capacity - row)
            yield slice(row, row + count), place
            place += count

    def between(self, start: int, end: int) -> Raw:
        """Return a copy of samples.

        Parameters
        ----------
        start, end
            Places; `end` is not included.

        Returns
        -------
        Raw
            Samples of shape (end - start, channels); NaN or NO_SAMPLE for samples that are unknown or no longer in the
            ring.
        """
        copy: Raw = np.full((end - start, self._values.shape[1]), self._no_sample, self._values.dtype)
        for rows, place in self._rows(start, min(end, self.head)):
            copy[place - start :][: rows.stop - rows.start] = self._values[rows]
        return copy

    def missing(self, samples: int) -> int:
        """Return the number of unknown samples among the newest ones.

        Parameters
        ----------
        samples
            Number of the newest samples to examine.

        Returns
        -------
        int
            Number of unknown samples, at most `samples`.
        """
        rows = self._rows(self.head - samples, self.head)
        return samples - sum(int(np.count_nonzero(self._known[row])) for row, _ in rows)
