"""A person's name, wherever it stands in a file, is in no refusal, warning, repr or log."""

import logging
import re
from typing import Any

import numpy as np
import pytest
import writers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_formats import WRITERS

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers.redact import HIDDEN, list_labels, redact_library_text, show_label

Signal = NDArray[np.int16]
NAMES = {"SECRETNAME": ("SECRET",), "Doe^Jane": ("Doe", "Jane"), "Möbius": ("bius",), "Do": ("Do",)}
_WORD = re.compile(rb"[A-Za-z0-9.]{1,40}")

plants = st.lists(
    st.tuples(
        st.sampled_from(["over", "insert", "word"]),
        st.one_of(st.floats(0, 1), st.floats(0, 0.02), st.floats(0, 0.002)),
        st.sampled_from(["{}", " {} ", "'{}'", '"{}"', "{}.dat", "{},"]),
    ),
    min_size=1,
    max_size=3,
)


def planted(data: bytes, plan: list[tuple[str, float, str]], name: str, encoding: str) -> bytes:
    out = bytearray(data)
    for kind, where, form in plan:
        new, place = form.format(name).encode(encoding), int(where * len(out))
        if kind == "word" and (word := _WORD.search(out, place)):
            out[word.start() : word.end()] = new
        elif kind == "insert":
            out[place:place] = new
        else:
            out[place : place + len(new)] = new
    return bytes(out)


def check_silence(source: Any, options: dict[str, Any], name: str, log: pytest.LogCaptureFixture) -> None:
    log.clear()
    try:
        recording = einthoven.read(source, **options)
    except RecordingError as error:
        said = str(error)
    else:
        said = repr(recording) + " ".join(warning.text for warning in recording.warnings)
    said += log.text
    assert not any(part in said for part in NAMES[name]), said


@pytest.mark.parametrize("format", WRITERS)
@settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=plants,
    name=st.sampled_from(list(NAMES)),
    encoding=st.sampled_from(["utf-8", "latin-1", "utf-16-le"]),
    which=st.integers(0, 1),
)
def test_a_planted_name_is_not_shown(
    format: str, plan: Any, name: str, encoding: str, which: int, ecg: Signal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, write, options = WRITERS[format]
    source = write(ecg[:1500])
    if isinstance(source, dict):
        file = list(source)[which]
        source = {**source, file: planted(source[file], plan, name, encoding)}
    else:
        source = planted(source, plan, name, encoding)
    check_silence(source, dict(options), name, caplog)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "write",
    [
        lambda ecg, names: writers.wfdb(ecg, 500, names),
        lambda ecg, names: writers.dicom(ecg, 500, names),
        lambda ecg, names: writers.aecg(ecg, 500, names),
        lambda ecg, names: writers.edf(ecg, 500, [name[:12].encode("ascii", "replace").decode() for name in names]),
        lambda ecg, names: writers.parquet(ecg, names),
        lambda ecg, names: writers.csv(ecg, 500, ",".join(f"{lead} [uV]" for lead in names)),
        lambda ecg, names: writers.csv(ecg, 500, ";".join(names), ";"),
    ],
)
def test_a_name_as_a_channel_is_not_shown(write: Any, name: str, ecg: Signal, caplog: pytest.LogCaptureFixture) -> None:
    leads = writers.LEADS
    for names in ([*leads[:11], name], [name] * 12, [f"V7 {name}", *leads[1:]], [f"-{name}", f"{name}V1", *leads[2:]]):
        for options in ({}, {"rate": 500}, {"rate": 500, "unit": "uV"}):
            check_silence(write(ecg[:1500], names), options, name, caplog)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_cell_is_not_shown(name: str, ecg: Signal, caplog: pytest.LogCaptureFixture) -> None:
    rows = writers.csv(ecg[:1500], 500).decode().splitlines()
    for cell in (name, f'"{name}"', f"'{name}'", f"1:{name}", f"{name}, {name}", f"{name}\t{name}", f"# {name}"):
        for place in (1, 2, 700):
            row = rows[place].split(",")
            for changed in (",".join([cell, *row[1:]]), ",".join([*row[:11], cell]), f"{rows[place]},{cell}"):
                data = "\n".join([*rows[:place], changed, *rows[place + 1 :]]).encode()
                check_silence(data, {"rate": 500}, name, caplog)


def test_only_labels_of_channels_are_shown() -> None:
    for label in ("V7", "MLII", "ECG 1", "MDC_ECG_LEAD_V3R", "RESP", "-aVR", "V1 (uV)", "SpO2", "mmHg", "CM5"):
        assert show_label(label) == label
    for label in ("", "Doe", "V1 Doe", "Li", "4711", "1.1.1960", "I" * 17, "Müller", "a" * 10**6, "MLⅡx"):
        assert show_label(label) == HIDDEN
    assert list_labels(["V7", "Doe", "RESP", "Jane"]) == "V7, RESP, 2 channels whose names are not shown"
    assert list_labels([]) == "none"


def test_a_librarys_sentence_is_kept_without_the_words_of_the_file() -> None:
    assert redact_library_text("SCP Section 2 truncated in table 1") == "SCP Section 2 truncated in table 1"
    assert redact_library_text("EDF signal 'Doe^Jane': invalid range") == "EDF signal …: invalid range"
    assert redact_library_text("Lead Doe has no digits, born 19600101") == "Lead … has no digits, … …"
    assert len(redact_library_text("a " * 10**6)) <= 300
