"""How recordings and results show themselves in Python and in a notebook."""

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import einthoven
from einthoven import Interpretation, Interpreter, Recording, examples
from einthoven.interpret.interpretation import Failure
from einthoven.recording import LEADS, Patient
from einthoven.report.text import as_text

HOSTILE = "a\n\x1b[2J<script>alert('1')</script>\\'\"&\u202e" * 40
SVG = "{http://www.w3.org/2000/svg}"


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags, self.texts = set[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.load("edge")


@pytest.fixture(scope="module")
def interpretation(interpreter: Interpreter) -> Interpretation:
    return interpreter(examples.recording("inferior-infarct"))


def hostile(interpretation: Interpretation) -> Interpretation:
    return replace(interpretation, recording=replace(interpretation.recording, source=HOSTILE))


def test_printing_shows_the_text_of_the_command_line(interpretation: Interpretation) -> None:
    assert f"{interpretation}\n" == as_text(interpretation)
    path = examples.path("inferior-infarct")
    command = [sys.executable, "-m", "einthoven", "interpret", "--sample", "inferior-infarct", "--model", "edge"]
    shown = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert str(Interpreter.load("edge")(einthoven.read(path))) + "\n" == shown


def test_reprs_fit_on_a_line(interpreter: Interpreter, interpretation: Interpretation) -> None:
    recording = examples.recording("normal")
    values = [
        recording,
        replace(recording, source=HOSTILE, format=HOSTILE),
        replace(recording, source="\udcff" * 100),
        Recording(np.zeros((12, 5), np.float32), 1 / 3, LEADS),
        interpretation,
        hostile(interpretation),
        replace(interpretation, mi=None),
        replace(interpretation, mi=None, findings=interpretation.statements * 9),
        replace(interpretation, abstained_because=(HOSTILE,)),
        interpreter(examples.recording("leads-off")),
        Failure("ecg.dcm", "is empty."),
        Failure(HOSTILE, HOSTILE),
    ]
    for value in values:
        assert len(repr(value)) <= 120
        assert repr(value).isprintable()
    assert repr(recording) == "<Recording einthoven.examples: normal (simulated): WFDB, 12 leads, 10 s at 500 Hz>"
    assert repr(Failure("ecg.dcm", "is empty.")) == "<Failure of ecg.dcm: is empty.>"


def test_a_notebook_shows_an_interpretation_as_a_table(interpretation: Interpretation) -> None:
    parser = _Texts()
    parser.feed(interpretation._repr_html_())
    assert parser.tags == {"table", "tr", "th", "td"}
    assert "Infarct pattern? Infarct pattern, acute or old: inferior." in parser.texts
    assert "● inferior myocardial infarction" in parser.texts
    assert "The recording is simulated; it is not the ECG of a patient." in parser.texts
    assert any("not a medical device" in text for text in parser.texts)


@pytest.mark.parametrize("abstained", [True, False])
def test_texts_in_the_table_are_escaped(interpretation: Interpretation, abstained: bool) -> None:
    shown = hostile(replace(interpretation, abstained_because=(HOSTILE,)) if abstained else interpretation)
    parser = _Texts()
    parser.feed(shown._repr_html_())
    assert parser.tags == {"table", "tr", "th", "td"}
    assert shown._repr_html_().isprintable()
    assert ("infarct pattern at" in " ".join(parser.texts)) != abstained  # no probability without an answer


@pytest.mark.parametrize("name", ["normal", "minute", "leads-off"])
def test_a_notebook_shows_a_recording_on_paper(name: str) -> None:
    recording = replace(examples.recording(name), source=HOSTILE, patient=Patient(name="Doe", id="4711"))
    text = recording._repr_svg_()
    svg = ElementTree.fromstring(text)
    texts = [element.text for element in svg.iter(f"{SVG}text")]
    assert set(LEADS) <= set(texts)
    assert texts[-1] == f"SIMULATED, 25 mm/s, 10 mm/mV, 10 s{' of 60 s' * (name == 'minute')}"
    assert len(text) < 100_000
    assert "Doe" not in text
    assert "script" not in text


@pytest.mark.parametrize(
    ("leads", "rate", "samples"), [(LEADS, 100, 1000), (LEADS[:3], 250, 800), (("V4",), 1000, 2500), (LEADS, 100, 1)]
)
def test_any_recording_is_drawn(leads: tuple[str, ...], rate: float, samples: int) -> None:
    signal = np.random.default_rng(0).normal(0, 0.3, (len(leads), samples)).astype(np.float32)
    svg = ElementTree.fromstring(Recording(signal, rate, leads)._repr_svg_())
    assert set(leads) <= {element.text for element in svg.iter(f"{SVG}text")}


def test_the_light_install_suffices(tmp_path: Path) -> None:
    """No library of an extra is imported to show a recording and its interpretation."""
    program = """
import sys
import einthoven
recording = einthoven.examples.recording("inferior-infarct")
interpretation = einthoven.Interpreter.load("edge")(recording)
assert recording._repr_svg_() and interpretation._repr_html_() and str(interpretation)
extras = {"torch", "pandas", "matplotlib", "reportlab", "PIL", "pypdfium2", "fastapi", "pyarrow", "jinja2", "sklearn"}
assert not extras & sys.modules.keys(), extras & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
