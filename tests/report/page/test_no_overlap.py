"""Whatever an answer says, no two texts of a page overlap, none leaves it, and no label hides a tracing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Decision, Finding, FindingSource, InfarctPattern
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Context, evaluate_criteria
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.recording_info import LeadProblems
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import LEADS, Filters, Patient, Recording, RecordingWarning
from einthoven.report.page.compose import compose_page, compose_pages
from einthoven.report.page.drawing import Clipped, Drawing, Item, Lines, Text
from einthoven.report.page.ecg_grid import Scale, fitting_scale
from einthoven.report.page.font import text_width
from einthoven.report.page.layout import Window, strips
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.quality.gate import PROBLEM_TEXTS

Box = tuple[float, float, float, float]
_ASCENT, _TOUCH = 0.72, 0.05
"""Height of capitals and digits in sizes of the font; mm by which boxes may touch."""

CRITERIA = evaluate_criteria(Measurements(), Patient(), Context())
WORDS = ["ST", "elevation", "of", "0.24", "mV", "in", "V2,", "left", "ventricular"]


def texts(items: Iterator[Item] | list[Item]) -> Iterator[Text]:
    for item in items:
        if isinstance(item, Text):
            yield item
        elif isinstance(item, Clipped):
            yield from texts(list(item.items))


def box(text: Text) -> Box:
    width = text_width(text.text, text.size, text.bold)
    left = text.x - width if text.right else text.x
    return left, text.y - _ASCENT * text.size, left + width, text.y


def overlap(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > _TOUCH and min(a[3], b[3]) - max(a[1], b[1]) > _TOUCH


def assert_texts_are_apart(page: Drawing) -> None:
    boxes = [(text, box(text)) for text in texts(page.items) if text.text.strip()]
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not overlap(a, b), (one, other)
    for text, (left, top, right, bottom) in boxes:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= page.width, text
        assert bottom <= page.height, text


def assert_labels_are_off_the_lines(page: Drawing) -> None:
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    traces = [item for item in paper.items if isinstance(item, Lines)][-1].paths
    x, y = (np.concatenate(parts) for parts in zip(*map(_dense, traces), strict=True))
    for text in texts(list(paper.items)):
        left, top, right, bottom = box(text)
        assert not np.any((x > left) & (x < right) & (y > top) & (y < bottom)), text


def _dense(trace: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A line with points so near that none jumps over a label."""
    clipped = np.column_stack([trace[:, 0], np.clip(trace[:, 1], -50, 300)])
    steps = np.ceil(np.abs(np.diff(clipped, axis=0)).max(axis=1, initial=0.1) / 0.5).astype(int)
    share = np.concatenate([np.arange(n) / n for n in np.maximum(steps, 1)] or [np.zeros(1)])
    start = np.repeat(np.arange(len(steps)), np.maximum(steps, 1))
    step = np.diff(clipped, axis=0)[start]
    points = clipped[start] + share[:, None] * step
    return points[:, 0], points[:, 1]


class Draw(Random):
    """Draws parts of an answer."""

    def words(self, least: int = 0) -> str:
        return " ".join(self.choices(WORDS, k=self.randint(least, 25)))

    def sentences(self) -> tuple[str, ...]:
        return tuple(self.words() for _ in range(self.randint(0, 4)))

    def share(self) -> float | None:
        return self.choice([None, 0.0, 1.0, self.random()])

    def decision(self) -> Decision:
        return self.choice(["rule-in", "undecided", "rule-out"])

    def walls(self) -> tuple[str, ...]:
        return self.choice([(), ("inferior",), ("septal", "anterior", "lateral")])

    def finding(self, label: str) -> Finding:
        present, possible = self.choice([(True, False), (False, True), (False, False)])
        source: FindingSource = self.choice(["model", "measurement", "criteria"])
        reason = None if source == "model" else self.words()
        name = STATEMENTS[label].name
        return Finding(label, name, self.share(), present, self.share(), possible, source, reason)

    def findings(self, most: int) -> tuple[Finding, ...]:
        return tuple(map(self.finding, self.sample(sorted(STATEMENTS), self.randint(0, most))))

    def answer(self, base: Interpretation) -> Interpretation:
        acute = AcutePattern(
            probability=self.share(),
            decision=self.decision(),
            territory=self.walls(),
            in_words=self.words(),
            prevalence=self.share(),
            advice=self.sentences(),
            reasons=self.sentences(),
            withheld_because=self.choice([None, self.words()]),
        )
        shares = self.random(), self.decision(), self.random(), self.random(), self.random()
        mi = InfarctPattern(*shares, self.walls(), self.sentences(), self.choice([None, self.words()]))
        problems = [self.sample(sorted(PROBLEM_TEXTS), self.randint(0, 2)) for _ in LEADS]
        device = "Shenzhen Mindray Bio-Medical Electronics Co., Ltd. BeneHeart R12"
        return replace(
            base,
            abstained_because=self.choice([(), (), self.sentences()]),
            critical=tuple(
                CriticalValue("X", "wide-complex tachycardia", self.words()) for _ in range(self.randint(0, 6))
            ),
            acute=self.choice([None, acute, acute]),
            mi=self.choice([None, mi, mi]),
            rhythm=Rhythm("SR", "sinus rhythm", 75.1, True, self.words(), premature_ventricular=3),
            conclusion=self.choice(["normal", "borderline", "abnormal"]),
            conclusion_reasons=self.sentences(),
            findings=self.findings(5),
            statements=self.findings(30),
            criteria=tuple(c._replace(met=self.choice([True, False, None]), reason=self.words()) for c in CRITERIA),
            warnings=tuple(RecordingWarning("parser", self.words(1)) for _ in range(self.randint(0, 6))),
            quality=replace(base.quality, leads=tuple(map(LeadProblems, LEADS, map(tuple, problems)))),
            recording=replace(
                base.recording,
                recorded_at=self.choice([None, datetime(2026, 11, 28, 10, 42)]),
                device=self.choice([None, device]),
                filters=self.choice([None, Filters(0.05, 150, 50)]),
            ),
        )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    layout=st.sampled_from(["3x4", "6x2", "12x1"]),
    size=st.sampled_from(["A4", "letter"]),
    identify=st.booleans(),
)
def test_no_two_texts_overlap(
    recording: Recording, answer: Interpretation, seed: int, layout: Any, size: Any, identify: bool
) -> None:
    patient = Patient(age=61, sex="female", id="QX-7781", name="Josephine Quizzleby-Angstrom the Younger of Somewhere")
    shown = Draw(seed).answer(answer)
    pages = compose_pages(
        replace(recording, patient=patient), shown, layout=layout, size=size, identify=identify, model_rate=100
    )
    assert len(pages) == 2
    for page in pages:
        assert_texts_are_apart(page)
    assert_labels_are_off_the_lines(pages[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1000),
    noise=st.sampled_from([0.0, 0.1, 1.0, 10.0]),
    loudness=st.sampled_from([0.3, 1.0, 3.0]),
    layout=st.sampled_from(["3x4", "6x2", "12x1"]),
    speed=st.sampled_from([25.0, 50.0]),
    gain=st.sampled_from([None, 5.0, 10.0, 20.0]),
)
def test_labels_are_off_the_lines_of_any_signal(
    recording: Recording,
    answer: Interpretation,
    seed: int,
    noise: float,
    loudness: float,
    layout: Any,
    speed: float,
    gain: float | None,
) -> None:
    rng = np.random.default_rng(seed)
    signal = loudness * recording.signal + noise * rng.standard_normal(recording.signal.shape).astype(np.float32)
    noisy = replace(recording, signal=signal.astype(np.float32))
    quality = replace(answer.quality, leads=tuple(LeadProblems(lead, ("noise",)) for lead in LEADS))
    page = compose_page(noisy, replace(answer, quality=quality), layout=layout, speed=speed, gain=gain)
    assert_labels_are_off_the_lines(page)
    assert_texts_are_apart(page)
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    assert set(LEADS) <= {text.text for text in texts(list(paper.items))}, "every lead has its name"


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
@pytest.mark.parametrize("loudness", [1.0, 2.0])
def test_rows_do_not_overlap_because_the_gain_is_halved(recording: Recording, layout: str, loudness: float) -> None:
    loud = replace(recording, signal=recording.signal * np.float32(loudness))
    placed, _ = strips(layout, LEADS, Window(0, 10), 25)
    scale = fitting_scale(loud, placed, Scale(25, 10), 115)
    assert scale.gain in (10, 5)
    if layout == "3x4" and loudness == 1.0:
        assert scale == Scale(25, 10)
    assert fitting_scale(loud, placed, Scale(25, 2.5), 115) == Scale(25, 2.5), "what fits is left as it is"


def test_the_gain_of_the_chest_leads_is_printed_and_drawn(recording: Recording, answer: Interpretation) -> None:
    signal = recording.signal.copy()
    signal[6:] *= 2.2
    page = compose_page(replace(recording, signal=signal), answer)
    printed = " ".join(text.text for text in texts(page.items))
    assert "10 mm/mV   chest leads 5 mm/mV" in printed
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    pulse, *_ = next(item for item in paper.items if isinstance(item, Lines)).paths
    heights = sorted({round(pulse[0, 1] - y, 6) for y in pulse[:, 1]})
    assert heights == [0, 5, 10], "a step of both gains"
    v4 = [item for item in paper.items if isinstance(item, Lines)][-1].paths[9]
    strip = signal[9, 3750:5000]
    assert np.median(v4[:, 1]) - v4[:, 1].min() == pytest.approx(5 * (strip.max() - np.median(strip)), abs=0.01)


def test_not_interpreted_is_never_called_fit(recording: Recording, answer: Interpretation) -> None:
    refused = replace(answer, abstained_because=("the signal does not look like an ECG",))
    printed = " ".join(text.text for text in texts(compose_page(recording, refused).items))
    assert "Not interpreted" in printed
    assert "Fit to be" not in printed
    assert "CONCLUSION" not in printed
