"""Texts made to stall a reader: CPU time and memory stay in proportion to their size."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest
import writers
from numpy.typing import NDArray
from oracle import TABLE, Source, check

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers.lead_names import MAX_NAME_LENGTH, is_chest, millivolts, split_unit, standard_lead
from einthoven.readers.redact import list_labels, redact_library_text, show_label
from einthoven.recording import LEADS
from einthoven.text import printable

Signal = NDArray[np.int16]
PUMPS = [" ", "\n", "0", ".", "_", "-", "'", '"', "a", "(", "[", ",", ";", "#", "1 ", "1,", "1:", "é", "\u2028", "\x0b"]
LONG = 100_000


def texts(signal: Signal, text: str) -> Iterator[Source]:
    """Tables, headers and JSON with `text` in each place where a reader looks for words or numbers."""
    table = writers.csv(signal, 500).decode()
    for old, new in [
        ("V1 [uV]", f"V1{text}x [uV]"),
        ("V1 [uV]", f"V1 [{text}uV"),
        ("V1 [uV]", f'"V1{text}x [uV]"'),
        ("\n", f"\n{text}!,"),
        ("\n", f"\n1:{text}!,"),
        ("I [uV]", f"{text}!\nI [uV]"),
        ("I [uV]", f"#{text}\nI [uV]"),
    ]:
        yield table.replace(old, new, 1).encode()
    yield text.encode()
    yield f"time,{text}\n1,2\n".encode()

    files = writers.wfdb(signal, 500)
    header = files["r.hea"].decode()
    for old, new in [
        (" V1\n", f" V1{text}x\n"),
        ("1000(0)/mV", f"1000{text}/mV"),
        ("r 12 500", f"r 12 500{text}"),
        ("r 12 500", f"r{text} 12 500"),
        ("r.dat 16", f"r{text}.dat {text}16"),
        ("r 12", f"# age: {text}\nr 12"),
    ]:
        yield {**files, "r.hea": header.replace(old, new, 1).encode()}

    facts = {"rate_hz": 500, "leads": list(LEADS), "unit": "uV", "signal": signal.T.tolist()}
    yield json.dumps({**facts, "leads": [f"V1{text}x", *LEADS[1:]]}).encode()
    yield json.dumps({**facts, "unit": text}).encode()
    yield b'{"rate_hz": 500, "leads": ' + text.encode()
    yield b'{"rate_hz": 500, "leads": ["I"], "unit": "mV", "signal": [[' + text.encode() + b"]]}"


def devices(signal: Signal, text: str) -> Iterator[Source]:
    """XML, EDF and DICOM with `text` in their words."""
    plain = escape("".join(character for character in text if character >= " " or character == "\n"), {'"': "&quot;"})
    for data, old, new in [
        (writers.aecg(signal, 500), "MDC_ECG_LEAD_V1", f"MDC_ECG_LEAD_V1{plain}x"),
        (writers.aecg(signal, 500), 'unit="uV"', f'unit="{plain}uV"'),
        (writers.aecg(signal, 500), "20200101120000", f"2020{plain}"),
        (writers.aecg(signal, 500), "<digits>", f"<digits>{plain}"),
        (writers.muse(signal, 500), "<LeadID>V1", f"<LeadID>V1{plain}x"),
        (writers.muse(signal, 500), "MICROVOLTS", f"{plain}MICROVOLTS"),
        (writers.muse(signal, 500), "<WaveFormData>", f"<WaveFormData>{plain}"),
        (writers.sierra(signal, 500), 'leadlabels="I', f'leadlabels="{plain}I'),
        (writers.sierra(signal, 500), 'V6">', f'V6">{plain}'),
        (writers.mortara(signal, 500), 'NAME="V1"', f'NAME="V1{plain}x"'),
    ]:
        yield data.decode().replace(old, new, 1).encode()
    edf = writers.edf(signal, 500)
    yield edf[:256] + text.encode()[: 16 * 12].ljust(16 * 12) + edf[256 + 16 * 12 :]
    yield re.sub(rb"Lead V1 \(Einthoven\)", b"Lead V1 " + text.encode()[:10], writers.dicom(signal, 500))


@pytest.mark.parametrize("pump", PUMPS)
def test_texts_that_repeat_one_character(pump: str, ecg: Signal) -> None:
    for source in texts(ecg[:1500], pump * (LONG // len(pump))):
        check(source, {} if isinstance(source, dict) or source.startswith(b"{") else TABLE)
    for source in devices(ecg[:1500], pump * (LONG // len(pump))):
        check(source, {})


@pytest.mark.parametrize(
    "function", [standard_lead, millivolts, split_unit, is_chest, printable, show_label, redact_library_text]
)
def test_words_of_any_length(function: Callable[[str], object]) -> None:
    for pump in PUMPS:
        function(f"V1{pump * (10**6 // len(pump))}x")


def test_what_is_too_long_for_a_name_is_none() -> None:
    assert standard_lead("I" + " " * (MAX_NAME_LENGTH - 1)) == ("I", 1)
    assert standard_lead("I" + " " * MAX_NAME_LENGTH) is None
    assert millivolts("mV" + " " * MAX_NAME_LENGTH) is None
    assert split_unit("I" * MAX_NAME_LENGTH + " [mV]") == ("I" * MAX_NAME_LENGTH + " [mV]", "")
    assert len(printable("I " * 10**6)) <= 800
    assert len(list_labels(["V1"] * 10**5)) < 200


def test_many_names_cost_no_more_than_their_length(ecg: Signal) -> None:
    """100,000 leads in JSON, and a table of 100,000 columns."""
    names = [f"V1{'_ ' * 40}{n}" for n in range(10_000)]
    check(json.dumps({"rate_hz": 500, "leads": names, "unit": "uV", "signal": [[0]] * len(names)}).encode(), {})
    check(f"{','.join(names)}\n{','.join('1' * len(names))}".encode(), TABLE)


@pytest.mark.parametrize("name", ["redos-csv-blanks.bin", "redos-csv-digits.bin", "redos-json-lead.bin"])
def test_what_stalled_a_command(name: str, test_data: Path) -> None:
    data = (test_data / "cases" / "reliability" / name).read_bytes()
    check(data, {} if "json" in name else TABLE)


def test_what_stalled_the_event_loop(test_data: Path) -> None:
    opening = json.loads((test_data / "cases" / "reliability" / "stream-opening-30kB-lead-name.json").read_bytes())
    assert not any(map(standard_lead, [max(opening["leads"], key=len)]))


@pytest.mark.parametrize("number", ["1_000", "١٢", "0x10", "1e", "--1", "+-1", "1 000", "\u00bd", "²", "1d5"])
def test_what_is_no_number_in_a_table(number: str, ecg: Signal) -> None:
    """Python and numpy take some of these for numbers."""
    data = writers.csv(ecg[:1500], 500).decode().splitlines()
    data[700] = f'"{number}",' + data[700].split(",", 1)[1]
    with pytest.raises(RecordingError, match=r"not all values are numbers in row 700, column 1"):
        einthoven.read("\n".join(data).encode(), rate=500)


@pytest.mark.parametrize("word", ["inf", "-Infinity", "nan", "NaN", "1e999"])
def test_what_is_no_sample_in_a_table(word: str, ecg: Signal) -> None:
    """Infinity is an overflow, and no sample, as nan is."""
    data = writers.csv(ecg[:1500], 500).decode().splitlines()
    data[700] = f"{word}," + data[700].split(",", 1)[1]
    recording = einthoven.read("\n".join(data).encode(), rate=500)
    assert recording.seconds == 3
    assert np.isfinite(recording.signal).all()
    headless = [f"{word}," + data[1].split(",", 1)[1], *data[2:]]
    assert einthoven.read("\n".join(headless).encode(), rate=500, unit="uV", leads=LEADS).seconds == 3


@pytest.mark.parametrize("samples", [["1_000"], ["1"], [True], [1, "nan"]])
def test_what_is_no_number_in_json(samples: list[object]) -> None:
    data = {"rate_hz": 500, "leads": ["I", "II"], "unit": "mV", "signal": [samples, samples]}
    with pytest.raises(RecordingError, match="not a list of numbers"):
        einthoven.read(json.dumps(data).encode())


def test_many_headers_that_name_each_other() -> None:
    names = [f"r{n}" for n in range(1000)]
    header = "\n".join(names).encode()
    check({f"{name}.hea": header for name in names}, {})


@pytest.mark.parametrize(
    ("write", "before", "many"),
    [
        (writers.muse, b"<Waveform>", b"<Waveform/>"),
        (writers.muse, b"<Waveform>", b"<Diagnosis/>"),
        (writers.muse, b"<LeadData>", b"<LeadData/>"),
        (writers.sierra, b"<parsedwaveforms", b"<repbeats/>"),
        (writers.aecg, b"<component><sequence>", b"<component/>"),
    ],
)
def test_many_elements_that_are_left_out(write: Callable[..., bytes], before: bytes, many: bytes, ecg: Signal) -> None:
    seconds = []
    for count in (100_000, 400_000):
        began = time.thread_time()
        check(write(ecg[:1500], 500).replace(before, many * count + before, 1), {})
        seconds.append(time.thread_time() - began)
    assert seconds[1] < 8 * seconds[0] + 1  # sixteen times, if each is removed by itself


def test_a_segment_that_is_named_again_and_again(ecg: Signal) -> None:
    segment = b"x 1 500 100\nx.dat 16 1000 16 0 1 1 0 I\n" + b"#\n" * 20_000
    master = b"m/10000 1 500 1000000\n" + b"x 100\n" * 10_000
    check({"m.hea": master, "x.hea": segment, "x.dat": np.array([1] + [0] * 99, "<i2").tobytes()}, {})
