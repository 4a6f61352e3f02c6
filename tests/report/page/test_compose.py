"""A page is to scale, says what the answer says, names nobody unasked, and can be made of any recording."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import einthoven.examples
from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import NOTICE, Interpretation
from einthoven.interpret.interpreter import Interpreter
from einthoven.interpret.segment_results import Explanation
from einthoven.recording import LEADS, Filters, Patient, Recording, RecordingWarning
from einthoven.report.page.compose import compose_page
from einthoven.report.page.drawing import Clipped, Drawing, Lines, Text
from einthoven.report.page.ecg_grid import PULSE_MM, WIDTH
from einthoven.report.page.pdf import DPI
from einthoven.report.page.render import render
from einthoven.signal.measurements.values import Measurements

Answered = Callable[[Recording], Interpretation]
A4 = (297.0, 210.0)
LEFT = (A4[0] - WIDTH) / 2 + PULSE_MM  # where the rows begin


def tracings(page: Drawing) -> list[np.ndarray]:
    """The lines (points, 2) of the strips in mm, in the order of the layout."""
    return list(_pens(page)[-1].paths)


def pulses(page: Drawing) -> list[np.ndarray]:
    return list(_pens(page)[0].paths)


def _pens(page: Drawing) -> list[Lines]:
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    return [item for item in paper.items if isinstance(item, Lines)]


def words(page: Drawing) -> str:
    def texts(items: Iterable[object]) -> Iterable[str]:
        for item in items:
            if isinstance(item, Text):
                yield item.text
            elif isinstance(item, Clipped):
                yield from texts(item.items)

    return " ".join(texts(page.items))


def words_of_pdf(content: bytes) -> str:
    return pdfium.PdfDocument(content)[0].get_textpage().get_text_range()


@pytest.mark.parametrize(("speed", "gain"), [(25, 10), (50, 20), (25, 5)])
def test_the_calibration_pulse_is_1_mv_high_and_200_ms_wide(
    recording: Recording, answer: Interpretation, speed: float, gain: float
) -> None:
    page = compose_page(recording, answer, speed=speed, gain=gain)
    for pulse in pulses(page):
        assert pulse[2, 1] == pulse[1, 1] - gain
        assert pulse[3, 0] - pulse[2, 0] == pytest.approx(0.2 * speed)


def spiked(rate: float, mv: float) -> Recording:
    """12 flat leads with one sample of `mv` after 1 s, 3.5 s, 6 s and 8.5 s."""
    signal = np.zeros((12, round(10 * rate)), np.float32)
    signal[:, [round(second * rate) for second in (1, 3.5, 6, 8.5)]] = mv
    return Recording(signal, rate, LEADS, source="spikes", format="WFDB")


@pytest.mark.parametrize("rate", [100.0, 250.0, 500.0, 1000.0, 2000.0])
def test_a_peak_is_drawn_at_its_time_and_height(answered: Answered, rate: float) -> None:
    recording = spiked(rate, 1.5)
    page = compose_page(recording, answered(recording))
    lines = tracings(page)
    assert len(lines) == 13, "twelve leads and the rhythm strip"
    for k, line in enumerate(lines[:12]):
        zero = pulses(page)[k % 3][0, 1]
        x, y = line[line[:, 1].argmin()]
        assert y == pytest.approx(zero - 15, abs=1e-3)
        assert x == pytest.approx(LEFT + k // 3 * 62.5 + 25, abs=1e-3)
    rhythm = lines[12]
    assert np.ptp(rhythm[:, 0]) == pytest.approx(250, abs=0.3)
    peaks = rhythm[rhythm[:, 1] < rhythm[:, 1].min() + 0.01, 0]
    assert peaks == pytest.approx(LEFT + 25 * np.array([1, 3.5, 6, 8.5]), abs=1e-3)


def test_pdf_and_png_are_to_scale(answered: Answered) -> None:
    recording = spiked(500.0, 1.5)
    page = compose_page(recording, answered(recording))
    document = pdfium.PdfDocument(render(page, "pdf"))
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx([side * 72 / 25.4 for side in A4], abs=0.01)
    image = Image.open(io.BytesIO(render(page, "png")))
    assert image.size == (2339, 1654)
    assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    pixels = np.asarray(image.convert("L")).T
    x, y = tracings(page)[0][tracings(page)[0][:, 1].argmin()]
    there = pixels[_pixel(x) - 1 : _pixel(x) + 2, _pixel(y + 3)]  # on the upstroke, which is 0.05 mm wide
    assert there.min() < 90
    assert pixels[_pixel(x) - 1 : _pixel(x) + 2, _pixel(y - 1)].min() > 150, "nothing above the peak"


def _pixel(mm: float) -> int:
    return round(mm / 25.4 * DPI)


def test_when_with_which_recorder_and_through_which_filters(recording: Recording, answer: Interpretation) -> None:
    facts = replace(
        answer.recording,
        recorded_at=datetime(2026, 11, 28, 10, 42),
        device="Shenzhen Mindray Bio-Medical Electronics Co., Ltd. BeneHeart R12",
        filters=Filters(0.56, 35, 50),
    )
    text = words(compose_page(recording, replace(answer, recording=facts)))
    assert "Recorded 2026-11-28 10:42 Source" in text
    assert "Recorder Shenzhen Mindray Bio-Medical" in text
    assert "Recorder" not in words(compose_page(recording, answer))


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
@pytest.mark.parametrize("size", ["A4", "letter"])
@pytest.mark.parametrize("speed", [25, 50])
def test_every_layout_is_well_formed(
    recording: Recording, answer: Interpretation, layout: Any, size: Any, speed: float
) -> None:
    page = compose_page(recording, answer, layout=layout, size=size, speed=speed)
    root = ElementTree.fromstring(render(page, "svg"))
    assert root.attrib["width"] == f"{page.width:g}mm"
    assert root.attrib["viewBox"] == f"0 0 {page.width:g} {page.height:g}"
    assert len(tracings(page)) == 12 + (layout == "3x4")
    assert all(lead in words(page).split() for lead in LEADS)


def test_it_says_what_the_answer_says(recording: Recording, answer: Interpretation) -> None:
    text = words(compose_page(recording, answer, model_rate=100))
    assert answer.mi
    assert answer.mi.in_words.capitalize().split()[0] in text
    assert NOTICE in text
    assert "RESEARCH USE ONLY" in text
    for finding in answer.findings[2:]:
        assert finding.name in text
    assert f"{answer.heart_rate_bpm:.0f} bpm" in text
    assert answer.model.version in text
    assert answer.model.sha256[:12] in text
    assert "25 mm/s   10 mm/mV" in text
    assert "500 Hz (model: 100 Hz)" in text
    assert "normal.hea" in text
    assert "archive" not in text


def test_an_unfit_tracing_has_the_reasons_in_place_of_the_findings(answered: Answered, recording: Recording) -> None:
    signal = recording.signal.copy()
    signal[6:] = 0
    unfit = replace(recording, signal=signal)
    answer = answered(unfit)
    assert answer.abstained
    text = words(compose_page(unfit, answer))
    assert "Not interpreted" in text
    assert "V1, V2, V3, V4, V5 and V6 are off." in text
    assert "FINDINGS" not in text
    assert "nfarct pattern?" not in text


def test_names_are_shown_only_when_asked(recording: Recording, answer: Interpretation) -> None:
    patient = Patient(
        age=61.0, sex="female", id="QX-7781", name="Жозефина Quizzleby-Ångström", birth_date=date(1949, 3, 7)
    )
    named = replace(recording, patient=patient)
    secrets = ("Quizzleby", "QX-7781", "1949")
    page = compose_page(named, answer)
    for text in (render(page, "svg").decode(), words_of_pdf(render(page, "pdf")), repr(page)):
        assert not [secret for secret in secrets if secret in text]
        assert "61 years, female" in text
    page = compose_page(named, answer, identify=True)
    for text in (render(page, "svg").decode(), words_of_pdf(render(page, "pdf"))):
        assert not [secret for secret in (*secrets, "Жозефина", "Ångström") if secret not in text]
    page = compose_page(replace(named, patient=Patient(id="12-山-3")), answer, identify=True)
    assert "12-□-3" in words_of_pdf(render(page, "pdf")), "what cannot be shown does not go missing unseen"


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_the_same_page_gives_the_same_bytes(recording: Recording, answer: Interpretation, ending: str) -> None:
    assert render(compose_page(recording, answer), ending) == render(compose_page(recording, answer), ending)


def test_another_ending_is_refused(recording: Recording, answer: Interpretation) -> None:
    with pytest.raises(EinthovenError, match="pdf, png, svg"):
        render(compose_page(recording, answer), "jpg")


def test_a_short_recording_keeps_the_scale(recording: Recording, answered: Answered) -> None:
    short = replace(recording, signal=recording.signal[:, :1250])
    page = compose_page(short, answered(short))
    assert "all columns begin at the same time" in words(page)
    for line in tracings(page):
        assert np.ptp(line[:, 0]) == pytest.approx(62.5, abs=0.1)


def test_of_a_long_recording_the_least_normal_part_is_shown(recording: Recording) -> None:
    odd = recording.signal.copy()
    odd[6:] *= -1
    long = replace(
        recording, signal=np.concatenate([recording.signal, recording.signal, odd, recording.signal], axis=1)
    )
    answer = Interpreter.load("edge")(long, force=True)  # turned over, it is unlike any ECG
    page = compose_page(long, answer)
    assert "20 to 30 s of 40 s: the least normal part" in words(page)
    assert "medians over 4 segments" in words(page)
    (v4,) = tracings(page)[9:10]
    assert v4[:, 1].max() - np.median(v4[:, 1]) > np.median(v4[:, 1]) - v4[:, 1].min(), "turned over"
    normal = [segment.probabilities["NORM"] for segment in answer.segments]
    assert min(normal) == normal[2]


def test_leads_that_come_off_for_a_while_are_not_called_good_throughout(
    recording: Recording, answered: Answered
) -> None:
    signal = np.tile(recording.signal, 4)
    signal[6:9, 11 * 500 : 19 * 500] = 0
    long = replace(recording, signal=signal)
    text = words(compose_page(long, answered(long)))
    assert "All leads are good in most segments." in text
    assert "The signal quality is poor: V1, V2 and V3 are off (1 of 4 segments)." in text


def test_a_withheld_infarct_answer_is_not_stated_again_in_the_notes(
    recording: Recording, answer: Interpretation
) -> None:
    withheld = RecordingWarning("infarct-withheld", "An infarct pattern is neither ruled in nor out: pacing.")
    other = RecordingWarning("short", "The recording lasts only 5 s.")
    text = words(compose_page(recording, replace(answer, warnings=(withheld, other))))
    assert other.text in text
    assert "neither ruled in nor out" not in text


def explanation(pieces: dict[tuple[str, int], float], bins: int = 10, start_s: float = 0.0) -> Explanation:
    values = np.zeros((12, bins))
    for (lead, k), value in pieces.items():
        values[LEADS.index(lead), k] = value
    return Explanation("MI", start_s, 10 / bins, LEADS, tuple(map(tuple, values.tolist())))


def test_nothing_hides_a_tracing(recording: Recording, answer: Interpretation) -> None:
    everywhere = explanation({(lead, k): 1.0 for lead in LEADS for k in range(10)})
    page = compose_page(recording, replace(answer, explanations=(everywhere,)))
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    assert paper.items[-1] == _pens(page)[-1]
    assert "shaded: what supports myocardial infarction" in words(page)
    assert all(not isinstance(item, Text | Clipped) or item.y < 70 or item.y > 185 for item in page.items[-3:])


def test_shading_lies_where_it_counts(recording: Recording, answer: Interpretation) -> None:
    # 4 to 5 s; aVF is shown from 2.5 to 5 s
    shaded = explanation({("aVF", 4): 2.0, ("aVF", 3): 0.1, ("V1", 6): -3.0})
    page = compose_page(recording, replace(answer, explanations=(shaded,)))
    (paper,) = (item for item in page.items if isinstance(item, Clipped))
    (box,) = (item for item in paper.items if getattr(item, "fill", "") == "#1f77d0")
    assert (box.x, box.width) == pytest.approx((LEFT + 62.5 + 37.5, 25))
    assert box.y < pulses(page)[2][0, 1] < box.y + box.height
    assert "MI (myocardial infarction) rests on aVF" in words(page)


def test_the_part_that_is_explained_is_shown(recording: Recording, answered: Answered) -> None:
    long = replace(recording, signal=np.tile(recording.signal, 4))
    page = compose_page(long, replace(answered(long), explanations=(explanation({("II", 1): 1.0}, start_s=20.0),)))
    assert "20 to 30 s of 40 s: where MI is most probable" in words(page)


def test_intervals_are_shown(recording: Recording, answer: Interpretation) -> None:
    text = words(
        compose_page(
            recording,
            replace(
                answer,
                measurements=Measurements(
                    pr_ms=162, qrs_ms=None, qt_ms=380, qtc_bazett_ms=402, qtc_fridericia_ms=394, qrs_axis_degrees=-32
                ),
            ),
        )
    )
    assert "PR 162 ms" in text
    assert "QTcB 402 ms" in text
    assert "Axis −32°" in text
    assert "QRS unclear" in text


def test_what_has_no_room_is_counted(recording: Recording, answer: Interpretation) -> None:
    texts = [f"Warning number {k} of many, each as long as a sentence may be." for k in range(40)]
    warnings = tuple(RecordingWarning("parser", text) for text in texts)
    text = words(compose_page(recording, replace(answer, warnings=warnings)))
    assert "more, in the JSON result" in text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.floats(2.5, 40),
    rate=st.sampled_from([100.0, 250.0, 799.7, 2000.0]),
    loudness=st.sampled_from([0.0, 1e-6, 1.0, 30.0, 1e4, 3e38]),
    leads=st.sets(st.sampled_from(LEADS), min_size=1),
    layout=st.sampled_from(["3x4", "6x2", "12x1"]),
    speed=st.sampled_from([25, 50]),
    gain=st.sampled_from([5, 10, 20]),
)
def test_odd_signals_have_a_page(
    answer: Interpretation,
    seconds: float,
    rate: float,
    loudness: float,
    leads: set[str],
    layout: Any,
    speed: float,
    gain: float,
) -> None:
    names = tuple(lead for lead in LEADS if lead in leads)
    rng = np.random.default_rng(1)
    signal = np.clip(rng.standard_normal((len(names), round(seconds * rate))), -1, 1).astype(np.float32) * np.float32(
        loudness
    )
    odd = Recording(signal, rate, names, source="odd \udce4\x00<&>", format="CSV")
    facts = replace(answer.recording, duration_s=round(odd.seconds, 3), source=odd.source, leads=names)
    page = compose_page(odd, replace(answer, recording=facts), layout=layout, speed=speed, gain=gain)
    ElementTree.fromstring(render(page, "svg"))
    assert render(page, "pdf").startswith(b"%PDF")


def test_the_page_states_what_changed(recording: Recording) -> None:
    compared = Interpreter.load("edge")(recording, previous=einthoven.examples.recording("left-bundle-branch-block"))
    assert compared.comparison
    shown = " ".join(words(compose_page(recording, compared)).split())
    assert "Compared with the previous ECG" in shown
    assert compared.comparison.in_words.split(".")[0] in shown
