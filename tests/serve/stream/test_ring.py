"""The ring buffer against a dictionary that keeps everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from einthoven.serve.stream.frames import NO_SAMPLE
from einthoven.serve.stream.ring import Ring

CAPACITY = 20
_FRAMES = st.lists(st.tuples(st.integers(-40, 60), st.integers(1, CAPACITY)), max_size=40)


@given(st.integers(0, 2**32 - 1), _FRAMES)
def test_gaps_duplicates_and_disorder(first: int, steps: list[tuple[int, int]]) -> None:
    """Each frame begins some samples after or before the end of the previous one, and has a value of its own."""
    ring, known, head = Ring(CAPACITY, 2), dict[int, float](), 0
    place = 0
    for number, (step, length) in enumerate(steps):
        place = place + step if number else 0
        samples = np.full((length, 2), number, np.float32)
        assert ring.place((first + place) % 2**32) == place
        new = 0
        head = max(head, place + length)
        for k in range(place, place + length):
            if k >= max(0, head - CAPACITY) and k not in known:
                known[k] = number
                new += 1
        assert ring.put(place, samples) == new
        place += length
        known = {k: value for k, value in known.items() if k >= head - CAPACITY}
        assert ring.head == head
        assert ring.next_sequence == (first + head) % 2**32
        expected = [known.get(k, np.nan) for k in range(head - CAPACITY, head)]
        assert np.array_equal(ring.between(head - CAPACITY, head)[:, 0], expected, equal_nan=True)
        size = min(head, CAPACITY)
        assert ring.missing(size) == size - len(known)


def test_integers_have_a_value_for_missing_samples() -> None:
    ring = Ring(CAPACITY, 1, np.int16)
    ring.put(0, np.ones((3, 1), np.int16))
    ring.put(5, np.ones((3, 1), np.int16))
    assert ring.between(0, 8)[:, 0].tolist() == [1, 1, 1, NO_SAMPLE, NO_SAMPLE, 1, 1, 1]


def test_a_jump_of_days_costs_nothing() -> None:
    ring = Ring(CAPACITY, 1)
    ring.put(ring.place(5), np.ones((3, 1), np.float32))
    assert ring.put(ring.place(2**31), np.ones((3, 1), np.float32)) == 3
    assert ring.head == 2**31 - 2
    assert ring.missing(CAPACITY) == CAPACITY - 3


def test_samples_before_the_ring_are_nan() -> None:
    ring = Ring(CAPACITY, 1)
    ring.put(0, np.ones((30, 1), np.float32))
    assert np.isnan(ring.between(0, 10)).all()
    assert not np.isnan(ring.between(10, 30)).any()
    assert np.isnan(ring.between(30, 31)).all()
