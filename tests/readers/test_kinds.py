"""Kinds of files that readers commonly take for something else: read rightly, or refused in words that say what it is.

One tracing is written in each kind and read back.
"""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import writers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracle import check
from pydicom.dataset import Dataset

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS, Recording

Signal = NDArray[np.int16]
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture(scope="module")
def short(ecg: Signal) -> Signal:
    """Three seconds at 500 Hz."""
    return ecg[:1500]


def assert_same(recording: Recording, signal: Signal, atol: float = 1e-4) -> None:
    """`recording` holds the leads of `signal` (samples, 12) in uV, as far as it has them."""
    for lead, values in zip(recording.leads, recording.signal, strict=True):
        if lead not in recording.derived_leads:
            np.testing.assert_allclose(values, signal[:, LEADS.index(lead)] / 1000, atol=atol, err_msg=lead)


def codes(recording: Recording) -> set[str]:
    return {warning.code for warning in recording.warnings}


# HL7 aECG


@pytest.mark.parametrize(("number", "factor"), [("4,88", 4.88), ("4.88", 4.88), ("0,0488E+2", 4.88), (" 1 ", 1)])
def test_aecg_scale_in_any_locale(number: str, factor: float, short: Signal) -> None:
    data = writers.aecg(short, 500).replace(b'scale value="1"', f'scale value="{number}"'.encode())
    assert_same(einthoven.read(data), short * factor, atol=1e-3)


@pytest.mark.parametrize("element", ["scale", "origin"])
@pytest.mark.parametrize(
    "number", ['value=""', "", 'value="one"', 'value="NaN"', 'value="1.000,5"', 'value="1_0"', None]
)
def test_aecg_without_a_number_has_no_amplitude_scale(element: str, number: str | None, short: Signal) -> None:
    old = f'<{element} value="{1 if element == "scale" else 0}" unit="uV"/>'
    new = "" if number is None else f'<{element} {number} unit="uV"/>'
    with pytest.raises(RecordingError, match="no amplitude scale"):
        einthoven.read(writers.aecg(short, 500).replace(old.encode(), new.encode()))


def test_aecg_origin_and_increment_with_a_decimal_comma(short: Signal) -> None:
    data = writers.aecg(short, 500).replace(b'origin value="0"', b'origin value="12,5"')
    assert_same(einthoven.read(data.replace(b'value="0.002"', b'value="0,002"')), short + 12.5)


# Tables


def rows(signal: Signal) -> list[list[str]]:
    return [list(map(str, row)) for row in signal.tolist()]


def table(header: list[str], body: list[list[str]], separator: str = ",") -> bytes:
    return "\n".join(separator.join(line) for line in [header, *body]).encode()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("last", ["0", "x", "1.5", ""])
def test_an_unnamed_last_column_stays_the_last(separator: str, last: str, short: Signal) -> None:
    body = [[*row, last] for row in rows(short)]
    assert_same(einthoven.read(table(list(LEADS), body, separator), rate=500, unit="uV"), short)


@pytest.mark.parametrize("quote", ["", '"'])
def test_row_numbers_before_a_time_or_a_lead(quote: str, short: Signal) -> None:
    numbered = [[f"{quote}{k}{quote}", *row] for k, row in enumerate(rows(short), 1)]
    assert_same(einthoven.read(table(list(LEADS), numbered), rate=500, unit="uV"), short)
    timed = [[number, f"{k / 500:.3f}", *row] for k, (number, *row) in enumerate(numbered)]
    assert_same(einthoven.read(table(["time (s)", *LEADS], timed), unit="uV"), short)


def test_a_time_that_counts_is_no_row_number(ecg: Signal) -> None:
    body = [[str(k), *row, "0"] for k, row in enumerate(rows(ecg[:2600]))]
    recording = einthoven.read(table(["time (ms)", *LEADS], body), unit="uV")
    assert recording.rate == 1000
    assert_same(recording, ecg[:2600])


def test_unnamed_columns_inside(short: Signal) -> None:
    header = [*LEADS[:3], "", *LEADS[3:], ""]
    body = [[*row[:3], "7", *row[3:], "8"] for row in rows(short)]
    assert_same(einthoven.read(table(header, body), rate=500, unit="uV"), short)


KEYS = [
    ("ecg_id", ["17", "18"]), ("record", ["a", "b"]), ("Patient ID", ["p1", "p2"]), ("filename", ["a.csv", "b.csv"]),
    ("recordId", ["9", "1"]), ("Study", ["x", "y"]), ("block", ["4", "5"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values"), KEYS)
@pytest.mark.parametrize("place", [0, 12])
def test_two_recordings_told_apart_by_a_key_are_refused(
    name: str, values: list[str], place: int, short: Signal
) -> None:
    body = [[*row[:place], value, *row[place:]] for value in values for row in rows(short)]
    header = [*LEADS[:place], name, *LEADS[place:]]
    with pytest.raises(RecordingError, match=r"several recordings.* in row 1,501"):
        einthoven.read(table(header, body), rate=500, unit="uV")


@pytest.mark.parametrize(("name", "values"), KEYS)
def test_the_same_in_parquet(name: str, values: list[str], short: Signal) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns: dict[str, Any] = dict(zip(LEADS, np.concatenate([short] * len(values)).T, strict=True))
    columns[name] = np.repeat(np.array(values), len(short))
    for kind in (columns, columns | {name: pyarrow.array(columns[name]).dictionary_encode()}):
        out = io.BytesIO()
        parquet.write_table(pyarrow.table(kind), out)
        with pytest.raises(RecordingError, match="several recordings"):
            einthoven.read(out.getvalue(), rate=500, unit="uV")


@pytest.mark.parametrize("rate", [None, 500])
def test_a_time_that_starts_again_is_refused(rate: float | None, short: Signal) -> None:
    body = [[f"{k / 500:.3f}", *row] for _ in range(2) for k, row in enumerate(rows(short))]
    with pytest.raises(RecordingError, match=r"several recordings.*time starts again in row 1,501"):
        einthoven.read(table(["time (s)", *LEADS], body), rate=rate, unit="uV")


def test_a_clock_that_passes_midnight_does_not_start_again(ecg: Signal) -> None:
    body = [[f"{(86395 + k / 500) % 86400:.3f}", *row] for k, row in enumerate(rows(ecg[:4000]))]
    assert_same(einthoven.read(table(["time", *LEADS], body), rate=500, unit="uV"), ecg[:4000])


def test_a_count_that_starts_again_is_refused(short: Signal) -> None:
    body = [[str(k), *row] for _ in range(2) for k, row in enumerate(rows(short))]
    with pytest.raises(RecordingError, match=r"several recordings.*counts the rows"):
        einthoven.read(table(["", *LEADS], body), rate=500, unit="uV")


def test_columns_that_tell_nothing_apart(short: Signal) -> None:
    """A constant key, a row number, a comment, a beat counter and a lead-off flag belong to one recording."""
    others = {
        "ecg_id": ["17"] * 1500, "id": list(map(str, range(1500))), "remark": ["sinus, regular"] * 1500,
        "beat": [str(k // 400) for k in range(1500)], "off": [str(int(k > 1000)) for k in range(1500)],
    }  # fmt: skip
    for name, values in others.items():
        body = [[*row, f'"{value}"'] for row, value in zip(rows(short), values, strict=True)]
        assert_same(einthoven.read(table([*LEADS, name], body), rate=500, unit="uV"), short)


def test_quoted_texts_and_decimal_commas(short: Signal) -> None:
    body = [[f'"{value / 1000:.3f}"'.replace(".", ",") for value in row] for row in short.tolist()]
    body = [[*row, '"a, ""b"" c"' if k else '"over\ntwo lines, and more"'] for k, row in enumerate(body)]
    header = [f'"{lead}, mV"' for lead in LEADS]
    assert_same(einthoven.read(table([*header, "note"], body), rate=500), short)


def test_commas_between_thousands(short: Signal) -> None:
    large = short.astype(np.int32) * 20
    body = [[f'"{value:,}"' if abs(value) > 999 else str(value) for value in row] for row in large.tolist()]
    assert_same(einthoven.read(table(list(LEADS), body), rate=500, unit="uV"), large, atol=1e-2)


@pytest.mark.parametrize("titles", ["Rhythm signal: 1500 X 12\n", "\n\nA\n\nB, C\n", "one two three four\n"])
@pytest.mark.parametrize("separator", [" ", ",", "\t"])
def test_titles_before_rows_of_numbers(titles: str, separator: str, short: Signal) -> None:
    data = (titles + "\n".join(separator.join(row) for row in rows(short))).encode()
    assert_same(einthoven.read(data, rate=500, unit="uV", leads=LEADS), short)


@pytest.mark.parametrize(
    ("keys", "number"),
    [
        ("Name,X\nSample Rate,500.0 hertz\n\nLead,Lead I\nUnit,µV\n\n", "{}.000"),
        ("Name;X\nGerät;Uhr 4,1\nMessrate;500 Hertz\nAbleitung;Ableitung I\nEinheit;µV\n", "{},000"),
        ("Rate: 500 Hz\nChannel: I\nUnit: uV\n", "{}"),
    ],
)
def test_a_watch_records_one_lead(keys: str, number: str, short: Signal) -> None:
    data = (keys + "\n".join(number.format(value) for value in short[:, 0].tolist())).encode()
    recording = einthoven.read(data)
    assert (recording.leads, recording.rate) == (("I",), 500)
    assert_same(recording, short)
    with pytest.raises(RecordingError, match="holds only lead I; the model"):
        einthoven.Interpreter.load("edge")(recording)


# DICOM


def coded(short: Signal, stored_codes: NDArray[Any], bits: int, meaning: str, stored: Any) -> bytes:
    """A DICOM file of these codes (samples, 12); `stored` bits of each channel."""

    def change(dataset: Dataset) -> None:
        group = dataset.WaveformSequence[0]
        group.WaveformBitsAllocated, group.WaveformSampleInterpretation = bits, meaning
        group.WaveformData = stored_codes.tobytes()
        for k, channel in enumerate(group.ChannelDefinitionSequence):
            channel.WaveformBitsStored = stored[k] if isinstance(stored, list) else stored

    return writers.dicom(short, 500, change=change)


@pytest.mark.parametrize("bits_stored", [12, 14, [12, 14] * 6])
def test_dicom_takes_the_sign_from_the_stored_bits(bits_stored: Any, short: Signal) -> None:
    bits = np.array(bits_stored if isinstance(bits_stored, list) else [bits_stored] * 12)
    bare = short.astype(np.int32) & (2**bits - 1)
    for upper in (0, 0b11 << 14):  # nothing, or marks of something else, beyond the stored bits
        marked = (bare | upper).astype("<u2")
        assert_same(einthoven.read(coded(short, marked, 16, "SS", bits_stored)), short)


def test_dicom_believes_values_beyond_the_stored_bits_that_are_extended(short: Signal) -> None:
    assert short.max() >= 2**9
    assert_same(einthoven.read(coded(short, short.astype("<i2"), 16, "SS", 10)), short)


@pytest.mark.parametrize(("kind", "bits", "meaning"), [("<u2", 16, "US"), ("u1", 8, "UB"), ("i1", 8, "SB")])
def test_dicom_of_other_widths(kind: str, bits: int, meaning: str, short: Signal) -> None:
    step = 1 if bits == 16 else 20
    levels = np.round(short / step) + (0 if meaning == "SB" else 2 ** (bits - 1))
    data = coded(short, levels.astype(kind), bits, meaning, bits)
    recording = einthoven.read(data)
    middle = 0 if meaning == "SB" else 2 ** (bits - 1)
    assert_same(recording, np.round(short / step) + middle, atol=1e-3)


def test_dicom_padding_of_few_bits_is_a_gap(short: Signal) -> None:
    stored = (short & 0xFFF).astype("<u2")
    stored[500:600] = 0x800

    def change(dataset: Dataset) -> None:
        group = dataset.WaveformSequence[0]
        group.WaveformData, group.WaveformPaddingValue = stored.tobytes(), b"\x00\xf8"  # -2048, with its sign extended
        for channel in group.ChannelDefinitionSequence:
            channel.WaveformBitsStored = 12

    recording = einthoven.read(writers.dicom(short, 500, change=change))
    assert "signal-gap" in codes(recording)
    assert not recording.signal[:, 500:600].any()


def groups(*parts: tuple[Signal, float, tuple[str, ...], float | None]) -> bytes:
    def change(dataset: Dataset) -> None:
        dataset.WaveformSequence = []
        for signal, rate, names, offset_ms in parts:
            columns = signal[:, [LEADS.index(name) for name in names]]
            group = writers.dicom_group(columns, rate, names)
            if offset_ms is not None:
                group.MultiplexGroupTimeOffset = offset_ms
            dataset.WaveformSequence.append(group)

    return writers.dicom(parts[0][0], parts[0][1], change=change)


def test_dicom_groups_of_two_rates_become_one_recording(ecg: Signal) -> None:
    fast = ecg[:4000]  # taken to be 4 s at 1000 Hz
    data = groups((fast[::2], 500, LEADS[:6], 0.0), (fast, 1000, LEADS[6:], 0.0))
    recording = einthoven.read(data)
    assert (recording.rate, recording.leads, recording.seconds) == (1000, LEADS, 4)
    assert "resampled" in codes(recording)
    np.testing.assert_allclose(recording.signal[6:], fast[:, 6:].T / 1000, atol=1e-4)
    np.testing.assert_allclose(recording.signal[:6, ::2], fast[::2, :6].T / 1000, atol=0.02)  # smooth below 250 Hz


def test_dicom_leads_of_another_time_are_named(ecg: Signal) -> None:
    recording = einthoven.read(groups((ecg[:2000], 500, LEADS[:6], 0.0), (ecg[:2500], 500, LEADS[6:10], 9000.0)))
    assert recording.leads == LEADS[:6]
    assert any("V1, V2, V3, V4" in warning.text for warning in recording.warnings)


def test_rates_that_do_not_fit_are_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="different sampling rates"):
        einthoven.read(groups((ecg[:2000], 500, LEADS[:6], 0.0), (ecg[:1989], 497.3, LEADS[6:], 0.0)))


# MFER, ISHNE, EDF, WFDB


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("dtp", "kind", "middle", "offset"),
    [
        (1, "u2", 32768, 32768), (3, "u1", 128, 128), (6, "u4", 2**31, 2**31),
        (0, "i2", 100, 100), (0, "i2", 100, -100), (2, "i4", -32768, -32768), (2, "i4", -32768, 32768),
    ],
)  # fmt: skip
def test_mfer_of_any_width_around_an_offset_of_either_sign(
    order: str, dtp: int, kind: str, middle: int, offset: int, short: Signal
) -> None:
    step = 20 if kind == "u1" else 1
    values = np.round(short / step)
    typed = np.dtype(order + kind)

    def define(tag: int, value: bytes) -> bytes:
        return bytes([tag, len(value)]) + value

    def number(value: int, kind: str) -> bytes:
        return np.array(value).astype(np.dtype(order + kind)).tobytes()

    head = writers.mfer(short[:0], 500)
    head = head[: head.index(b"\x1e\x00")]
    if order == ">":
        head = head.replace(b"\x01\x01\x01", b"\x01\x01\x00", 1)
        for tag in (0x04, 0x05, 0x06):
            at = head.index(bytes([tag, 4]))
            head = head[: at + 2] + head[at + 2 : at + 6][::-1] + head[at + 6 :]
        at = head.index(b"\x0b\x04")
        head = head[: at + 4] + head[at + 4 : at + 6][::-1] + head[at + 6 :]
        at = head.index(b"\x08\x02")
        head = head[: at + 2] + head[at + 2 : at + 4][::-1] + head[at + 4 :]
        parts = head.split(b"\x09\x02")
        head = parts[0] + b"".join(b"\x09\x02" + part[:2][::-1] + part[2:] for part in parts[1:])
    at = head.index(b"\x04\x04") + 2
    head = head[:at] + number(len(short), "u4") + head[at + 4 :]
    body = (values + middle).T.astype(typed).tobytes()
    head += define(0x0A, bytes([dtp])) + define(0x0D, number(offset, kind))
    data = head + b"\x1e\x84" + struct.pack(">I", len(body)) + body + b"\x80\x00"
    assert_same(einthoven.read(data), values, atol=1e-3)


@pytest.mark.parametrize("extra", [b"", b"\x01", b"\x01\x02"])
def test_ishne_of_a_nominal_size(extra: bytes, short: Signal) -> None:
    data = bytearray(writers.ishne(short, 500))
    struct.pack_into("<H", data, 8, 0)
    struct.pack_into("<i", data, 14, 43_200_000)
    recording = einthoven.read(bytes(data) + extra)
    assert "samples-missing" in codes(recording)
    assert_same(recording, short)


def edf_field(data: bytes, first: int, length: int, k: int, value: bytes, signals: int = 12) -> bytes:
    at = 256 + first * signals + length * k
    return data[:at] + value.ljust(length) + data[at + length :]


@pytest.mark.parametrize("place", [104, 112, 120, 128])
@pytest.mark.parametrize("value", [b"", b"x", b"nan", b"5", b"inf"])
def test_an_edf_lead_without_a_range_costs_that_lead(place: int, value: bytes, short: Signal) -> None:
    data = writers.edf(short, 500)
    if value == b"5":  # minimum and maximum are equal
        data = edf_field(data, {104: 112, 112: 104, 120: 128, 128: 120}[place], 8, 7, value)
    recording = einthoven.read(edf_field(data, place, 8, 7, value))
    assert recording.leads == tuple(lead for lead in LEADS if lead != "V2")
    assert any("V2" in warning.text for warning in recording.warnings)
    assert_same(recording, short)


@pytest.mark.parametrize("label", [b"EDF Annotations", b"Marker"])
def test_edf_signals_without_samples(label: bytes, short: Signal) -> None:
    names = [*LEADS, "x"]
    data = writers.edf(np.hstack([short, short[:, :1]]), 500, names)
    data = edf_field(data, 0, 16, 12, label, 13)
    data = edf_field(data, 216, 8, 12, b"0", 13)
    body = np.hstack([part[:12] for part in np.frombuffer(data[256 * 14 :], "<i2").reshape(3, 13, 500)])
    data = data[: 256 * 14] + body.reshape(12, 3, 500).transpose(1, 0, 2).astype("<i2").tobytes()
    assert_same(einthoven.read(data), short)


def pack(values: NDArray[np.int64], format: int) -> bytes:
    """Ten-bit samples as WFDB stores them, the last group no longer than it must be."""
    rest = len(values) % 3
    v = np.pad(values & 0x3FF, (0, -len(values) % 3)).reshape(-1, 3)
    if format == 310:
        words = np.stack([(v[:, 0] << 1) | ((v[:, 2] & 0x1F) << 11), (v[:, 1] << 1) | ((v[:, 2] >> 5) << 11)], 1)
        data = words.astype("<u2").tobytes()
    else:
        data = (v[:, 0] | v[:, 1] << 10 | v[:, 2] << 20).astype("<u4").tobytes()
    return data[: len(data) - {0: 0, 1: 2, 2: 0 if format == 310 else 1}[rest]]


@pytest.mark.parametrize("format", [310, 311])
@pytest.mark.parametrize("length", [1500, 1501, 1502])
def test_wfdb_with_a_partial_last_group(format: int, length: int, ecg: Signal) -> None:
    values = np.clip(ecg[:length, :8].astype(np.int64) // 4, -511, 511)
    lines = [f"r 8 500 {length}"] + [f"r.dat {format} 250(0)/mV 10 0 0 0 0 {name}" for name in EIGHT]
    recording = einthoven.read({"r.hea": "\n".join(lines).encode(), "r.dat": pack(values.ravel(), format)})
    rows = [recording.leads.index(name) for name in EIGHT]
    np.testing.assert_allclose(recording.signal[rows], values.T / 250, atol=1e-6)


@pytest.mark.parametrize("name", ["ECG, lead I", "lead I, ECG"])
def test_wfdb_with_a_comma_in_the_first_description(name: str, short: Signal) -> None:
    files = writers.wfdb(short, 500, (name, *LEADS[1:]))
    assert_same(einthoven.read(files), short)


@pytest.mark.parametrize(("scale", "factor"), [("uv-per-unit", 1), (2.5, 2.5), ("2.5", 2.5)])
def test_wfdb_with_a_scale_instead_of_gains(scale: str | float, factor: float, short: Signal) -> None:
    """Headers as LUDB's, which make every lead 1 mV from peak to peak."""
    files = writers.wfdb(short, 500)
    for name, height in zip(LEADS, np.ptp(short, axis=0), strict=True):
        old, new = f"r.dat 16 1000(0)/mV 16 0 {short[0, LEADS.index(name)]} ", f"r.dat 16 {height}(0)/mV 16 0 0 "
        files["r.hea"] = files["r.hea"].replace(old.encode(), new.encode())
    stated = einthoven.read(files)
    np.testing.assert_allclose(np.ptp(stated.signal, axis=1), 1, atol=1e-3)
    assert_same(einthoven.read(files, scale=scale), short * factor, atol=1e-3)


def test_a_scale_is_for_wfdb_alone(short: Signal, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="scale='x' is not a scale"):
        einthoven.read(writers.wfdb(short, 500), scale="x")
    with pytest.raises(RecordingError, match="states its scale itself"):
        einthoven.read(writers.edf(short, 500), scale="uv-per-unit")
    with pytest.raises(RecordingError, match="unit='uV'"):
        einthoven.read(writers.npy(short), rate=500, unit="uV", scale="uv-per-unit")


# Any input


@given(
    header=st.lists(st.sampled_from([*LEADS, "time", "", "id", '"a, b"', "x;y", "ECG - I"]), min_size=1, max_size=14),
    cells=st.lists(st.sampled_from(["1", "-2.5", '"3,5"', '"', '""', "x", "", '"a,b"', "1,234", "nan"]), min_size=1),
    separator=st.sampled_from([",", ";", " ", "\t"]),
)
@settings(max_examples=60, deadline=None)
def test_any_table_is_read_or_refused_in_one_line(header: list[str], cells: list[str], separator: str) -> None:
    width = len(header)
    body = [[cells[(row * width + k) % len(cells)] for k in range(width)] for row in range(300)]
    check(table(header, body, separator), {"rate": 100, "unit": "mV"})
