"""Lines keep their peaks, and rows their distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.report.page.font import fitted, text_width, wrapped
from einthoven.report.page.trace import baselines, polyline


@given(st.integers(1, 4000), st.sampled_from([501.0, 800.0, 1000.0, 2000.0]))
def test_a_line_keeps_its_extremes(samples: int, rate: float) -> None:
    values = np.random.default_rng(samples).standard_normal(samples)
    times, drawn = polyline(values, rate)
    assert np.all(np.diff(times) > 0)
    assert drawn.max() == values.max()
    assert drawn.min() == values.min()
    assert np.array_equal(values[np.round(times * rate).astype(int)], drawn)
    assert len(times) <= 500 * samples / rate + 4


def test_equal_rows_are_equally_far_apart() -> None:
    rows = baselines(np.full((4, 50), 12.0), np.full((4, 50), 8.0), 125)
    assert np.ptp(np.diff(rows)) <= 1
    assert rows[0] >= 12
    assert rows[-1] <= 125 - 8


def test_a_tall_row_gets_more_room() -> None:
    above, below = np.full((4, 50), 8.0), np.full((4, 50), 5.0)
    above[1, 10] = 45
    rows = baselines(above, below, 125)
    assert rows[1] - rows[0] >= 50 - 1
    assert rows[0] >= 8
    assert rows[3] <= 120


@given(st.integers(1, 12), st.floats(0, 1e6), st.integers(0, 1000))
def test_rows_stay_on_the_paper(count: int, loudness: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = baselines(rng.random((count, 5)) * loudness, rng.random((count, 5)) * loudness, 115)
    assert rows.shape == (count,)
    assert np.all((rows >= 0) & (rows <= 115))
    assert np.all(np.diff(rows) > 0)


def test_text_is_measured_in_its_font() -> None:
    tools = pytest.importorskip("fontTools.ttLib")
    from einthoven.report.page.font import font_file

    for bold in (False, True):
        font = tools.TTFont(font_file(bold))
        text = "Infarct pattern ≥ 31 %, Жозефина Ångström ● …"
        expected = sum(font["hmtx"][font.getBestCmap()[ord(sign)]][0] for sign in text) / font["head"].unitsPerEm
        assert text_width(text, 1, bold) == pytest.approx(expected)


def test_text_fits() -> None:
    assert fitted("short", 3, 100) == "short"
    cut = fitted("a name that is far too long for its column", 3, 30)
    assert cut.endswith("…")
    assert text_width(cut, 3) <= 30
    lines = wrapped("several words and a wooooooooooooooooooooooooooooord", 3, 20)
    assert all(text_width(line, 3) <= 20 for line in lines)


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    text = "thresholds: rule-in 19 %, rule-out 0.5 %. QTcF 474 ms (limit 460 ms); 2 premature complexes at 72 bpm"
    for width in range(20, 60):
        lines = wrapped(text, 3, width)
        assert " ".join(lines) == text
        assert not any(line.startswith(("%", "ms", "bpm")) for line in lines)
