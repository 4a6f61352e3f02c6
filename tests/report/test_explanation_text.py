"""An explanation in words: the leads that hold half, and the strongest moments."""

from dataclasses import replace

import numpy as np
import pytest
from example_results import answered

from einthoven.interpret.segment_results import Explanation
from einthoven.recording import LEADS
from einthoven.report.explanation_text import explanation_basis, explanation_text
from einthoven.report.text import as_text


def explanation(pieces: dict[tuple[str, int], float], start_s: float = 20.0) -> Explanation:
    values = np.zeros((12, 40))
    for (lead, k), value in pieces.items():
        values[LEADS.index(lead), k] = value
    return Explanation("AFIB", start_s, 0.25, LEADS, tuple(map(tuple, values.tolist())))


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ({("V2", 4): 4.0, ("V3", 4): 1, ("V3", 20): 1, ("II", 30): 1}, "rests on V2 (57 %), most at 21-21.25, "),
        ({("V2", 4): 2.0, ("V3", 5): 2, ("V4", 6): 2, ("V5", 7): 2, ("V6", 8): 1}, "rests on V2-V4 (67 %), "),
        (
            {("II", 0): 2.0, ("aVF", 1): 2, ("V6", 39): 2, ("I", 9): -9},
            "II and aVF (67 %), most at 20-20.5 and 29.75-30 s",
        ),
        ({("V1", 0): 1.0, ("V2", 0): 1, ("III", 0): 1, ("I", 0): 1}, "rests on I and III (50 %), most at 20-20.25"),
        ({("V1", 3): -1.0}, "rests on no particular lead"),
    ],
)
def test_where(pieces: dict[tuple[str, int], float], words: str) -> None:
    assert words in explanation_basis(explanation(pieces))


def test_a_sentence_of_the_text() -> None:
    answer = replace(answered(), explanations=(explanation({("V2", 4): 4.0}),))
    sentence = explanation_text(answer, answer.explanations[0])
    assert sentence.startswith("AFIB (atrial fibrillation) rests on V2 (100 %), most at ")
    text = as_text(answer)
    assert "\nWhy\n  - AFIB (atrial fibrillation) rests on V2 " in text
    assert max(map(len, text.splitlines())) <= 90
