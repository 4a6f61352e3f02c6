"""Tables: read when they say what a recording needs, or the caller does."""

import builtins
import io
from typing import Any

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]


def same(recording: einthoven.Recording, ecg: Signal) -> None:
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert (recording.rate, recording.leads) == (500, LEADS)


@pytest.mark.parametrize(
    ("header", "separator"),
    [
        ("\t".join(LEADS), "\t"),
        (";".join(f'"{lead}"' for lead in LEADS), ";"),
        (" ".join(lead.lower() for lead in LEADS), " "),
        (", ".join(f"ECG {lead.upper()}" for lead in LEADS), ","),
    ],
)
def test_headers_and_separators(header: str, separator: str, ecg: Signal) -> None:
    same(einthoven.read(writers.csv(ecg, 500, header, separator), rate=500, unit="uV"), ecg)


@pytest.mark.parametrize("separator", [" ", "\t"])
def test_a_header_that_ends_with_a_separator(separator: str, ecg: Signal) -> None:
    header = separator.join(LEADS) + separator
    for before in ("", "Recorded on a ward\n"):
        same(einthoven.read(writers.csv(ecg, 500, before + header, separator), rate=500, unit="uV"), ecg)


def test_a_header_that_numpy_made_a_comment(ecg: Signal) -> None:
    header = "# recorded on a ward\n# " + ",".join(f"{lead} [uV]" for lead in LEADS)
    same(einthoven.read(writers.csv(ecg, 500, header), rate=500), ecg)


@pytest.mark.parametrize("nothing", ["#N/A", "#NV", "#DIV/0!"])
def test_what_excel_writes_for_no_value_is_a_gap(nothing: str, ecg: Signal) -> None:
    lines = writers.csv(ecg, 500, ",".join(LEADS)).decode().splitlines()
    lines[1001:1501] = [",".join([nothing, *line.split(",")[1:]]) for line in lines[1001:1501]]
    recording = einthoven.read("\n".join(lines).encode(), rate=500, unit="uV")
    assert recording.warnings == (("signal-gap", "There is no signal in I from 2.00 to 3.00 s; it is 0 mV there."),)
    np.testing.assert_allclose(recording.signal[1:], ecg.T[1:] / 1000, atol=1e-5)


@pytest.mark.parametrize("before", ["SamplingRate: 500\nSamples: 5000", "Fs 500\nN 5000", "Age 63\nHR 72"])
def test_lines_of_a_word_and_a_number_are_no_wfdb_header(before: str, ecg: Signal) -> None:
    for separator in (",", "\t", " "):
        data = writers.csv(ecg, 500, f"{before}\n{separator.join(LEADS)}", separator)
        same(einthoven.read(data, rate=500, unit="uV"), ecg)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(encoding: str, ecg: Signal) -> None:
    data = writers.csv(ecg, 500, ",".join(f"{lead} (\xb5V)" for lead in LEADS)).decode()
    same(einthoven.read(data.encode(encoding), rate=500), ecg)


def test_columns_in_another_order_with_comments_and_others_between(ecg: Signal) -> None:
    order = list(reversed(range(12)))
    header = "sample,respiration," + ",".join(f"{LEADS[place]} [uV]" for place in order)
    rows = [f"{n},0.5,{','.join(str(row[place]) for place in order)}" for n, row in enumerate(ecg)]
    recording = einthoven.read("\n".join(["# made by a test", header, *rows]).encode(), rate=500)
    same(recording, ecg)
    assert "sample, respiration" in recording.warnings[0].text


def test_decimal_commas(ecg: Signal) -> None:
    rows = [";".join(f"{value / 1000:.3f}".replace(".", ",") for value in row) for row in ecg]
    same(einthoven.read("\n".join([";".join(LEADS), *rows]).encode(), rate=500, unit="mV"), ecg)


def test_empty_fields_are_gaps(ecg: Signal) -> None:
    lines = writers.csv(ecg, 500).decode().splitlines()
    lines[1000:1100] = [",".join(["NA", *line.split(",")[1:]]) for line in lines[1000:1100]]
    lines[2000] = ",".join([*lines[2000].split(",")[:3], "", "", *lines[2000].split(",")[5:]])
    recording = einthoven.read("\n".join(lines).encode(), rate=500)
    assert not recording.signal[0, 999:1099].any()
    assert recording.signal[3:5, 1999].any()


@pytest.mark.parametrize(
    "name", ["time", "Time (s)", "t", "seconds", "elapsed_time", "time_s", "Time/s", "Zeit [sec]", "Time in s"]
)
def test_the_time_column_gives_the_rate(name: str, ecg: Signal) -> None:
    header = ",".join(["time", *LEADS])
    data = writers.csv(ecg, 500, header).replace(b"time", name.encode(), 1)
    same(einthoven.read(data, unit="uV"), ecg)


def test_time_in_ms_and_rounded_times(ecg: Signal) -> None:
    rows = [",".join(map(str, [2 * n, *row])) for n, row in enumerate(ecg)]
    same(einthoven.read("\n".join([",".join(["time [ms]", *LEADS]), *rows]).encode(), unit="uV"), ecg)
    rows = [",".join(map(str, [f"{n / 360:.3f}", *row])) for n, row in enumerate(ecg)]
    assert einthoven.read("\n".join([",".join(["time", *LEADS]), *rows]).encode(), unit="uV").rate == 360


@pytest.mark.parametrize("zone", ["Z", "+00:00", "+0100", " -05:00"])
def test_times_with_a_zone(zone: str, ecg: Signal) -> None:
    rows = [[f"2020-01-01T00:00:{k / 500:06.3f}{zone}", *map(str, row)] for k, row in enumerate(ecg.tolist())]
    same(einthoven.read("\n".join(map(",".join, [["timestamp", *LEADS], *rows])).encode(), unit="uV"), ecg)


@pytest.mark.parametrize("kind", ["timestamp", "duration"])
@pytest.mark.parametrize("step_ns", [2_000_000, 3_906_250])
def test_times_of_parquet(kind: str, step_ns: int, ecg: Signal) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {lead: ecg[:, k] for k, lead in enumerate(LEADS)}
    times = pyarrow.array(np.arange(len(ecg)) * step_ns, getattr(pyarrow, kind)("ns"))
    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"time": times, **columns}), file)
    recording = einthoven.read(file.getvalue(), unit="uV")
    assert recording.rate == 1e9 / step_ns
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


def test_a_time_column_with_a_gap_or_without_unit_is_refused(ecg: Signal) -> None:
    header = ",".join(["time", *LEADS])
    lines = writers.csv(ecg, 500, header).decode().splitlines()
    with pytest.raises(RecordingError, match="gaps or uneven steps"):
        einthoven.read("\n".join(lines[:1000] + lines[1500:]).encode(), unit="uV")
    rows = [",".join(map(str, [n, *row])) for n, row in enumerate(ecg)]
    with pytest.raises(RecordingError, match="steps of 1 without a unit; give rate="):
        einthoven.read("\n".join([header, *rows]).encode(), unit="uV")


def test_a_second_line_of_units(ecg: Signal) -> None:
    """As PhysioNet's rdsamp writes it."""
    head = ["'Elapsed time'," + ",".join(f"'{lead}'" for lead in LEADS), "'hh:mm:ss.mmm'," + ",".join(["'uV'"] * 12)]
    rows = [f"'0:{n / 500:06.3f}',{','.join(map(str, row))}" for n, row in enumerate(ecg)]
    same(einthoven.read("\n".join([*head, *rows]).encode(), rate=500), ecg)


def test_without_a_header_the_caller_names_the_leads(ecg: Signal) -> None:
    data = writers.csv(ecg, 500).split(b"\n", 1)[1]
    same(einthoven.read(data, rate=500, unit="uV", leads=LEADS), ecg)
    with pytest.raises(RecordingError, match=r"give leads=\('I', 'II', ...\)"):
        einthoven.read(data, rate=500, unit="uV")
    with pytest.raises(RecordingError, match="has 12 columns but"):
        einthoven.read(data, rate=500, unit="uV", leads=LEADS[:8])


def test_a_table_of_whole_numbers_is_no_wfdb_header(ecg: Signal) -> None:
    ecg = np.abs(ecg)
    data = writers.csv(ecg, 500, separator=" ").split(b"\n", 1)[1]
    same(einthoven.read(data, rate=500, unit="uV", leads=LEADS), ecg)


def test_named_leads_of_arrays(ecg: Signal) -> None:
    eight = [0, 1, *range(6, 12)]
    names = [LEADS[place] for place in eight]
    recording = einthoven.read(writers.npy(ecg[:, eight]), rate=500, unit="uV", leads=names)
    assert recording.derived_leads == ("III", "aVR", "aVL", "aVF")
    np.testing.assert_allclose(recording.signal[eight], ecg.T[eight] / 1000, atol=1e-5)
    same(einthoven.read(writers.npy(np.asfortranarray(ecg.T.astype(">f8"))), rate=500, unit="uV"), ecg)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"unit": "uV"}, "without a sampling rate; give rate="),
        ({"rate": 500}, "without a unit; give unit="),
        ({"rate": -5, "unit": "uV"}, "without a sampling rate"),
        ({"rate": 500, "unit": "furlong"}, "unit='furlong' is not a voltage"),
    ],
)
def test_what_is_missing_is_named(options: dict[str, Any], reason: str, ecg: Signal) -> None:
    for data in (writers.npy(ecg), writers.csv(ecg, 500, ",".join(LEADS)), writers.parquet(ecg)):
        with pytest.raises(RecordingError, match=reason):
            einthoven.read(data, **options)


def test_options_that_contradict_the_file_are_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="states uV for I but unit='mV' was given"):
        einthoven.read(writers.csv(ecg, 500), rate=500, unit="mV")
    with pytest.raises(RecordingError, match="is DICOM, which states its rate itself"):
        einthoven.read(writers.dicom(ecg, 500), rate=500)
    with pytest.raises(RecordingError, match="WFDB record, which states its unit and leads itself"):
        einthoven.read(writers.wfdb(ecg, 500), unit="mV", leads=LEADS)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((5000, 11)), r"array \(5000, 11\)"),
        (np.zeros(5000), r"array \(5000,\)"),
        (np.zeros((12, 5000), complex), "complex128"),
        (np.zeros((12, 5000), bool), "bool"),
        (np.array([["a"] * 12] * 5000), "<U1"),
        (np.zeros((12, 5000), [("a", "f4")]), "of records"),
        (np.array([[{}] * 12] * 5), "of object"),
    ],
)
def test_other_arrays_are_refused(array: NDArray[np.generic], reason: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(writers.npy(array), rate=500, unit="uV")


def test_an_array_cut_short_or_gigantic_is_refused(ecg: Signal) -> None:
    data = writers.npy(ecg)
    gigantic = data.replace(b"(5000, 12)", b"(5e9, 12) "), data.replace(b"(5000, 12), ", b"(9999999999, 12),")
    for wrong in (data[:-2], data + b"xx", *gigantic, data[:50], data[:8]):
        with pytest.raises(RecordingError, match=r"NPY|cut short"):
            einthoven.read(wrong, rate=500, unit="uV")


def test_text_that_is_no_table_of_leads_is_refused() -> None:
    for text in (b"Dear colleague,\nthank you\n", b"a,b\n1,2\n", b"I,II\nx,y\nz,z\n", b"I,II\n1,2\n3\n"):
        with pytest.raises(RecordingError, match="table"):
            einthoven.read(text, rate=500, unit="uV")


def test_parquet_without_its_library_says_what_to_install(ecg: Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    data, real = writers.parquet(ecg), builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RecordingError, match=r"pip install '\.\[parquet\]'"):
        einthoven.read(data, rate=500, unit="uV")


def test_parquet_that_is_damaged_or_without_numbers_is_refused(ecg: Signal) -> None:
    data = writers.parquet(ecg)
    for wrong in (data[:-100], data[:4] + data[100:], b"PAR1"):
        with pytest.raises(RecordingError, match="damaged Parquet"):
            einthoven.read(wrong, rate=500, unit="uV")
