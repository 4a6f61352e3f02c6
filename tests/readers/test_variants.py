"""Variants of the kinds of files in `test_kinds`, as other recorders, programs and languages write them."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers.lead_names import known_lead, millivolts, split_unit
from einthoven.recording import LEADS, Recording

Signal = NDArray[np.int16]


@pytest.fixture
def short(ecg: Signal) -> Signal:
    return ecg[:1500]


def assert_same(recording: Recording, signal: NDArray[Any]) -> None:
    columns = [LEADS.index(lead) for lead in recording.leads]
    np.testing.assert_allclose(recording.signal, signal[:, columns].T / 1000, atol=1e-4)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Kanal {}", "Canal {}", "Ch. {}", "signal_{}", "Waveform {}", "Afleiding {}", "Derivazione {}", "Avledning {}",
        "Odprowadzenie {}", "Отведение {}", "ЭКГ {}", "导联{}", "{}导联", "第{}誘導", "Lead ({})", "ECG[{}]", "[{}]",
        "{}_raw", "{}_filtered", "ECG {}, filtered", "lead {}, 16 bit", "12 bit, lead {}",
    ],
)  # fmt: skip
def test_names_in_other_words(name: str) -> None:
    for lead in LEADS:
        assert known_lead(name.format(lead)) == (lead, 1)


@pytest.mark.parametrize(("name", "lead"), [("V-1", "V1"), ("V01", "V1"), ("Lead V.3", "V3"), ("Lead V-3R", "V3R")])
def test_numbers_of_chest_leads_in_other_forms(name: str, lead: str) -> None:
    assert known_lead(name) == (lead, 1)


@pytest.mark.parametrize("name", ["I, II", "V1, V2", "inverted, aVR", "a, b", "chi", "V010"])
def test_names_of_no_one_lead(name: str) -> None:
    assert known_lead(name) is None


def test_an_inversion_after_a_comma_is_one() -> None:
    assert known_lead("aVR, inverted") == ("aVR", -1)


@pytest.mark.parametrize(("name", "unit"), [("aVR:mV", "mV"), ("aVR in uV", "uV"), ("aVR [ns]", "ns")])
def test_units_in_other_forms(name: str, unit: str) -> None:
    assert split_unit(name) == ("aVR", unit)


@pytest.mark.parametrize("unit", ["мкВ", "ÂµV", "µV"])
def test_microvolts_in_other_letters(unit: str) -> None:
    assert millivolts(unit) == 1e-3


# Tables


def rows(signal: Signal) -> list[list[str]]:
    return [[str(value) for value in row] for row in signal]


def text(header: list[str], body: list[list[str]], separator: str = ",", of_header: str | None = None) -> str:
    lines = [(of_header or separator).join(header), *map(separator.join, body)]
    return "\n".join(lines)


@pytest.mark.parametrize(("of_header", "separator"), [(",", " "), (" ", ","), ("\t", ";"), (",", "\t")])
def test_a_header_with_another_separator_than_the_rows(of_header: str, separator: str, short: Signal) -> None:
    data = text([f"Lead_{lead}" for lead in LEADS], rows(short), separator, of_header)
    for start in ("", "# "):  # as NumPy writes it
        assert_same(einthoven.read((start + data).encode(), rate=500, unit="uV"), short)


@pytest.mark.parametrize("separator", [" ", "  ", "\t"])
def test_decimal_commas_between_blanks(separator: str, short: Signal) -> None:
    body = [[f"{value / 1000:.3f}".replace(".", ",") for value in row] for row in short]
    assert_same(einthoven.read(text(list(LEADS), body, separator).encode(), rate=500, unit="mV"), short)
    title = "Rhythm\n" + text(body[0], body[1:], separator)
    assert_same(einthoven.read(title.encode(), rate=500, unit="mV", leads=LEADS), short)


def test_a_header_of_two_lines_in_quotes(short: Signal) -> None:
    data = text([f'"{lead}\n(uV)"' for lead in LEADS], rows(short))
    assert_same(einthoven.read(data.encode(), rate=500), short)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("datetime", "2024-05-01T12:00:{:06.3f}"), ("Date_Time", "2024-05-01 12:00:{:06.3f}Z"),
        ("Time stamp", "12:00:{:06.3f}"), ("Uhrzeit", "12:00:{:06.3f}"), ("unix_time", "{:.3f}"),
        ("relative time (s)", "{:.3f}"), ("Sekunden", "{:.3f}"),
    ],
)  # fmt: skip
def test_times_in_other_words(name: str, step: str, short: Signal) -> None:
    data = text([name, *LEADS], [[step.format(k / 500), *row] for k, row in enumerate(rows(short))])
    recording = einthoven.read(data.encode(), unit="uV")
    assert recording.rate == 500
    assert_same(recording, short)


@pytest.mark.parametrize(("name", "factor"), [("time_ns", 1e9), ("time (ns)", 1e9), ("time_µs", 1e6), ("t (ms)", 1e3)])
def test_units_of_time(name: str, factor: float, short: Signal) -> None:
    data = text([name, *LEADS], [[f"{k / 500 * factor:.0f}", *row] for k, row in enumerate(rows(short))])
    assert einthoven.read(data.encode(), unit="uV").rate == 500


@pytest.mark.parametrize("name", ["Datei", "mrn", "hash", "Aufnahme", "fname"])
def test_recordings_of_unequal_length_by_a_key_are_refused(name: str, short: Signal) -> None:
    body = [["a.x" if k < 1000 else "b.x", *row] for k, row in enumerate(rows(short))]
    with pytest.raises(RecordingError, match="several recordings"):
        einthoven.read(text([name, *LEADS], body).encode(), rate=500, unit="uV")


def test_recordings_with_an_empty_line_between_them_are_refused(short: Signal) -> None:
    lines = text(list(LEADS), rows(short)).split("\n")
    with pytest.raises(RecordingError, match="an empty line follows the rows in row 801; save each in a file"):
        einthoven.read("\n".join([*lines[:800], "", *lines[800:]]).encode(), rate=500, unit="uV")
    assert_same(einthoven.read("\n\n".join(lines).encode(), rate=500, unit="uV"), short)


@pytest.mark.parametrize(
    "keys",
    [
        'Abtastrate,"512,5 Hertz"\nAbleitung,Ableitung I\nEinheit,µV',
        "Frecuencia de muestreo,512.5 hercios\nDerivación,Derivación I\nUnidad,µV",
        "Frequenza di campionamento,512.5 hertz\nDerivazione,Derivazione I\nUnità,µV",
        "Samplefrequentie,512.5 Hz\nAfleiding,Afleiding I\nEenheid,µV",
        "サンプルレート,512.5ヘルツ\n誘導,第I誘導\n単位,µV",
        "采样率,512.5赫兹\n导联,导联I\n单位,µV",
        "Частота дискретизации,512.5 Гц\nОтведение,Отведение I\nЕдиница,мкВ",
    ],
)
def test_watches_in_other_languages(keys: str, short: Signal) -> None:
    numbers = "\n".join(map(str, short[:, 0]))
    recording = einthoven.read(f"Name,X\n{keys}\n\n{numbers}\n".encode())
    assert (recording.leads, recording.rate) == (("I",), 512.5)
    assert_same(recording, short)


# XML


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('unit="uV"', 'unit="MDC_DIM_MICRO_VOLT"'), ('unit="uV"', 'unit="microvolts"'),
        ('<scale value="1" unit="uV"/>', '<scale unit="mV" value="1.0E-3"/>'),
        ('<scale value="1" unit="uV"/>', '<scale unit="nV" value="1e+3"/>'),
    ],
)  # fmt: skip
def test_aecg_units_in_other_words(old: str, new: str, short: Signal) -> None:
    data = writers.aecg(short, 500)
    assert old.encode() in data
    assert_same(einthoven.read(data.replace(old.encode(), new.encode())), short)


@pytest.mark.parametrize("form", ["{},", "{}, ", "{},0 "])
def test_aecg_samples_with_commas(form: str, short: Signal) -> None:
    data = writers.aecg(short, 500).decode()
    start, *parts = data.split("<digits>")
    for k, part in enumerate(parts):
        digits, rest = part.split("</digits>", 1)
        parts[k] = "".join(map(form.format, digits.split())).rstrip(", ") + "</digits>" + rest
    assert_same(einthoven.read("<digits>".join([start, *parts]).encode()), short)


@pytest.mark.parametrize(
    ("old", "new"),
    [("units=", "unit="), ("units=", "Units="), (" lead=", " Lead="), (" lead=", " name="), ("uVper", "µVper")],
)
def test_cardiosoft_with_other_attributes(old: str, new: str, short: Signal) -> None:
    data = writers.cardiosoft(short, 500)
    assert old.encode() in data
    assert_same(einthoven.read(data.replace(old.encode(), new.encode())), short)


def test_schiller_with_the_unit_as_an_attribute(short: Signal) -> None:
    data = writers.schiller(short, 500)
    changed = data.replace(b"<units>UV</units>", b"").replace(b"<unitperbit>", b'<unitperbit Unit="UV">')
    assert changed.count(b"UV") == 2  # of the rhythm and the average beats
    assert_same(einthoven.read(changed), short)


# MATLAB, DICOM, MFER, EDF, WFDB


@pytest.mark.parametrize("shape", [(1, 12), (12, 1)])
def test_matlab_cells_of_one_lead_each(shape: tuple[int, int], short: Signal) -> None:
    cells = np.empty(12, object)
    for k in range(12):
        cells[k] = short[:, k].astype(float)
    data = writers.matlab({"ECG": {"data": cells.reshape(shape)}})
    assert_same(einthoven.read(data, rate=500, unit="uV"), short)


@pytest.mark.parametrize(("length", "samples"), [(1400, 1400), (1500, 1500)])
def test_dicom_groups_of_one_start_and_other_lengths(length: int, samples: int, short: Signal) -> None:
    def change(dataset: Any) -> None:
        dataset.WaveformSequence = []
        for columns, end in ((LEADS[:6], 1500), (LEADS[6:], length)):
            group = writers.dicom_group(short[:end, [LEADS.index(name) for name in columns]], 500, columns)
            group.MultiplexGroupTimeOffset = 0.0
            dataset.WaveformSequence.append(group)

    recording = einthoven.read(writers.dicom(short, 500, change=change))
    assert recording.leads == LEADS
    assert_same(recording, short[:samples])


@pytest.mark.parametrize(("width", "value"), [("<i1", 100), ("<u1", 200), ("<u4", 70_000)])
def test_mfer_offsets_of_another_width_than_the_samples(width: str, value: int, short: Signal) -> None:
    head = writers.mfer(short[:0], 500)
    head = head[: head.index(b"\x1e\x00")]
    at = head.index(b"\x04\x04") + 2
    head = head[:at] + struct.pack("<I", len(short)) + head[at + 4 :]
    is_wide = value > 2**15
    number = np.array(value).astype(width).tobytes()
    head += b"\x0a\x01" + (b"\x02" if is_wide else b"\x00")
    body = (short.astype("<i4") + value).T.astype("<i4" if is_wide else "<i2").tobytes()
    if width == "<u1":
        number = np.array(value).astype("<i4").tobytes()
    data = head + b"\x0d" + bytes([len(number)]) + number
    assert_same(einthoven.read(data + b"\x1e\x84" + struct.pack(">I", len(body)) + body + b"\x80\x00"), short)


def test_an_edf_lead_without_a_range_has_one_warning(short: Signal) -> None:
    data = bytearray(writers.edf(short, 500))
    at = 256 + 104 * 12 + 8 * 7
    data[at : at + 8] = b" " * 8
    (warning,) = einthoven.read(bytes(data)).warnings
    assert "without a range of amplitudes are left out: V2" in warning.text


@pytest.mark.parametrize("name", ["r.hea", "r", "r.dat", "r.dat.gz"])
@pytest.mark.parametrize("packed", [("r.dat",), ("r.hea", "r.dat")])
def test_wfdb_with_compressed_files(name: str, packed: tuple[str, ...], short: Signal, tmp_path: Path) -> None:
    files = writers.wfdb(short, 500)
    files = {f"{file}.gz" if file in packed else file: data for file, data in files.items()}
    for file, data in files.items():
        tmp_path.joinpath(file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
    source = tmp_path / ("r.hea.gz" if name == "r.hea" and "r.hea" in packed else name)
    assert_same(einthoven.read(source), short)
    if "r.hea" not in packed:
        part = einthoven.read(source, start_s=0.5, end_s=3)
        assert_same(part, short[250:])
        assert_same(einthoven.read({"r.hea": files["r.hea"], "r.dat.gz": gzip.compress(short.tobytes())}), short)


def test_a_compressed_signal_file_is_no_bomb(short: Signal, tmp_path: Path) -> None:
    tmp_path.joinpath("r.hea").write_bytes(writers.wfdb(short, 500)["r.hea"])
    tmp_path.joinpath("r.dat.gz").write_bytes(gzip.compress(bytes(50 << 20)))
    with pytest.raises(RecordingError, match="decompresses to more than"):
        einthoven.read(tmp_path / "r.hea")
