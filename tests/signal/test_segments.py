import subprocess
import sys

import numpy as np
import pytest

from einthoven.recording import LEADS, Recording
from einthoven.signal.segments import Segment, segments


def cut(seconds: float, rate: float = 100) -> list[Segment]:
    time = np.arange(round(seconds * rate)) / rate
    return list(segments(Recording(np.tile(time.astype(np.float32), (12, 1)), rate, LEADS), 100))


@pytest.mark.parametrize(
    ("seconds", "spans"),
    [
        (2.5, [(0, 2.5)]),
        (9.99, [(0, 9.99)]),
        (10, [(0, 10)]),
        (10.4, [(0, 10)]),  # what is left is too short to say anything
        (11, [(0, 10), (1, 11)]),
        (20, [(0, 10), (10, 20)]),
        (47.3, [(0, 10), (9.33, 19.33), (18.65, 28.65), (27.98, 37.98), (37.3, 47.3)]),
    ],
)
def test_spans(seconds: float, spans: list[tuple[float, float]]) -> None:
    assert [(part.start_s, part.end_s) for part in cut(seconds)] == [pytest.approx(span, abs=0.011) for span in spans]


@pytest.mark.parametrize("rate", [100, 128.3, 257, 500, 1000])
def test_recorded_and_resampled_are_the_same_time(rate: float) -> None:
    for part in cut(47.3, rate):
        assert part.resampled.shape == (12, 1000)
        assert part.signal.shape[1] == pytest.approx(10 * rate, abs=1)
        assert part.signal[0, 0] == pytest.approx(part.start_s, abs=1 / rate)
        assert part.resampled[0, 500] == pytest.approx(part.start_s + 5, abs=0.02)


@pytest.mark.parametrize("rate", [100, 333, 500])
def test_a_sample_short_of_the_shortest_is_enough(rate: int) -> None:
    (part,) = cut(2.5 - 1 / rate, rate)
    assert part.resampled.shape[1] >= 250
    assert part.signal.shape[1] >= 2.5 * rate


def test_bundles_and_results_are_read_without_scipy() -> None:
    """It takes a quarter of a second, which the process that distributes files would lose for nothing."""
    code = "import sys, einthoven.model.bundle, einthoven.interpret.interpretation, einthoven.report.formats; "
    assert (
        subprocess.run([sys.executable, "-c", code + "sys.exit('scipy' in sys.modules)"], check=False).returncode == 0
    )
