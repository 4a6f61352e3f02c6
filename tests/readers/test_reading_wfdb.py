"""WFDB in its formats and dialects: as the reference library reads it, or refused."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
import wfdb
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]


def changed(files: dict[str, bytes], pattern: str, by: str) -> dict[str, bytes]:
    """The files with every match of `pattern` in the header replaced."""
    header, *others = files.items()
    text, count = re.subn(pattern, by, header[1].decode())
    assert count
    return {header[0]: text.encode(), **dict(others)}


@pytest.mark.parametrize("format", ["16", "24", "32", "80", "212"])
def test_formats_as_the_reference_library_reads_them(format: str, ecg: Signal, tmp_path: Path) -> None:
    gain, baseline = (40.0, 5) if format == "80" else (500.0, -20)
    wfdb.wrsamp(
        "r", 500, ["mV"] * 12, list(LEADS), p_signal=ecg / 1000.0, fmt=[format] * 12,
        adc_gain=[gain] * 12, baseline=[baseline] * 12, write_dir=str(tmp_path), comments=["Age: 63  Sex: F"],
    )  # fmt: skip
    theirs = wfdb.rdrecord(str(tmp_path / "r")).p_signal
    ours = einthoven.read(tmp_path / "r")
    np.testing.assert_allclose(ours.signal, theirs.T, atol=1e-5)
    np.testing.assert_allclose(ours.signal, ecg.T / 1000, atol=1.01 / gain)
    assert (ours.patient.age, ours.patient.sex) == (63, "female")


@pytest.mark.parametrize("path", ["r", "r.hea", "r.dat"])
def test_a_record_by_its_stem_or_any_of_its_files(path: str, ecg: Signal, tmp_path: Path) -> None:
    for name, data in writers.wfdb(ecg, 500).items():
        (tmp_path / name).write_bytes(data)
    assert einthoven.read(str(tmp_path / path)).leads == LEADS


def test_several_signal_files(ecg: Signal) -> None:
    files = changed(writers.wfdb(ecg, 500), r"r\.dat( .* V\d\n)", r"chest.dat\1")
    files["r.dat"], files["chest.dat"] = (part.astype("<i2").tobytes() for part in (ecg[:, :6], ecg[:, 6:]))
    np.testing.assert_allclose(einthoven.read(files).signal, ecg.T / 1000, atol=1e-6)


def test_names_of_given_files_may_have_folders(ecg: Signal) -> None:
    files = {f"upload/{name}": data for name, data in writers.wfdb(ecg, 500).items()}
    assert einthoven.read(files).source == "r.hea"


def test_records_of_several_segments(ecg: Signal, tmp_path: Path) -> None:
    for number in range(2):
        wfdb.wrsamp(
            f"r_{number}", 500, ["mV"] * 12, list(LEADS), p_signal=ecg[2500 * number : 2500 * (number + 1)] / 1000.0,
            fmt=["16"] * 12, adc_gain=[1000.0] * 12, baseline=[0] * 12, write_dir=str(tmp_path),
        )  # fmt: skip
    (tmp_path / "r.hea").write_text("r/3 12 500 6000\nr_0 2500\n~ 1000\nr_1 2500\n")
    recording = einthoven.read(tmp_path / "r")
    whole = np.concatenate([ecg[:2500], np.zeros((1000, 12)), ecg[2500:]])
    np.testing.assert_allclose(recording.signal, whole.T / 1000, atol=1e-5)
    assert "from 5.00 to 7.00 s" in recording.warnings[0].text
    assert einthoven.read({path.name: path.read_bytes() for path in tmp_path.iterdir()}).seconds == 12


def test_samples_marked_invalid_are_gaps(ecg: Signal) -> None:
    ecg = ecg.copy()
    ecg[1000:1500, 6] = -32768
    recording = einthoven.read(writers.wfdb(ecg, 500))
    assert not recording.signal[6, 1000:1500].any()
    assert "V1 from 2.00 to 3.00 s" in recording.warnings[0].text


def test_gain_baseline_and_units(ecg: Signal) -> None:
    files = changed(writers.wfdb(ecg + 100, 500), r"1000\(0\)/mV", "0.5(100)/uV")
    np.testing.assert_allclose(einthoven.read(files).signal, ecg.T * 2 / 1000, atol=1e-5)


def test_a_header_in_latin_1(ecg: Signal) -> None:
    files = writers.wfdb(ecg, 500)
    files["r.hea"] = files["r.hea"].replace(b"1000(0)/mV", b"1(0)/\xb5V")
    np.testing.assert_allclose(einthoven.read(files).signal, ecg.T / 1000, atol=1e-6)


def test_signals_sampled_faster_than_the_frame(ecg: Signal, tmp_path: Path) -> None:
    """Twelve leads with two samples a frame beside a channel with one."""
    fast = ecg.reshape(2500, 2, 12).transpose(0, 2, 1).reshape(2500, 24)
    frames = np.concatenate([fast, np.zeros((2500, 1), np.int16)], axis=1)
    lines = ["r 13 250 2500", *(f"r.dat 16x2 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS)]
    files = {
        "r.hea": "\n".join([*lines, "r.dat 16 1000/mV 16 0 0 0 0 RESP"]).encode(),
        "r.dat": frames.astype("<i2").tobytes(),
    }
    recording = einthoven.read(files)
    assert recording.rate == 500
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


@pytest.mark.parametrize(
    ("comments", "age", "sex"),
    [
        ("#Age: 63\n#Sex: Male\n", 63, "male"),
        ("# age: 81\n# sex: female\n", 81, "female"),
        ("#<age>: 51\n#<sex>: M\n", 51, "male"),
        ("# 69 M 1085 1629 x1\n# Aldomet, Inderal\n", 69, "male"),
        ("#Age: NaN\n#Sex: Unknown\n", None, None),
        ("#Age: 300\n", None, None),
    ],
)
def test_age_and_sex_in_comments(comments: str, age: float | None, sex: str | None, ecg: Signal) -> None:
    patient = einthoven.read(writers.wfdb(ecg, 500, comments=comments)).patient
    assert (patient.age, patient.sex) == (age, sex)


def test_the_challenges_header_without_offset_is_mended(ecg: Signal) -> None:
    files = changed(writers.challenge(ecg, 500), r"16\+24", "16")
    np.testing.assert_allclose(einthoven.read(files).signal, ecg.T / 1000, atol=1e-6)


def test_a_wrong_checksum_is_refused_but_reported_in_the_challenge(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=r"r\.hea: the checksum of its file r\.dat is wrong in V1"):
        einthoven.read(changed(writers.wfdb(ecg, 500), r"-?\d+ 0 V1\n", "7 0 V1\n"))
    (warning,) = einthoven.read(changed(writers.challenge(ecg, 500), r"-?\d+ 0 V1\n", "7 0 V1\n")).warnings
    assert warning == ("wrong-checksum", "The header's checksum is wrong in V1.")


def test_a_wrong_checksum_of_another_format_is_refused(ecg: Signal, tmp_path: Path) -> None:
    wfdb.wrsamp("r", 500, ["mV"] * 12, list(LEADS), p_signal=ecg / 1000.0, fmt=["212"] * 12, write_dir=str(tmp_path))
    data = bytearray((tmp_path / "r.dat").read_bytes())
    data[3000] ^= 1
    (tmp_path / "r.dat").write_bytes(data)
    with pytest.raises(RecordingError, match="checksum"):
        einthoven.read(tmp_path / "r")


def test_checksums_that_the_writer_left_at_0_are_not_held_against_it(ecg: Signal) -> None:
    files = changed(writers.wfdb(ecg, 500), r"-?\d+ -?\d+ 0 (\S+)\n", r"0 0 0 \1\n")
    np.testing.assert_allclose(einthoven.read(files).signal, ecg.T / 1000, atol=1e-6)
    files["r.dat"] += b"\0" * 24
    with pytest.raises(RecordingError, match="holds 5001 samples"):
        einthoven.read(files)


@pytest.mark.parametrize(
    ("pattern", "by", "reason"),
    [
        (r"1000\(0\)/mV", "0(0)/mV", "no amplitude scale"),
        (r" 1000\(0\)/mV .*", "", "none of the standard leads"),
        (r"/mV", "/mmHg", "unit 'mmHg'"),
        (r"500 5000", "500 5001", "cut short: it has 120000 of 120024 bytes"),
        (r"500 5000", "500 999999999999", "has more than"),
        (r"r 12", "r 14", "declares 14 signals and describes 12"),
        (r"r 12", "r 0", "declares 0 signals"),
        (r"r\.dat 16 ", "r.dat 16x0 ", "samples for each frame"),
        (r"r\.dat 16 ", f"r.dat 16x{10**4000} ", "damaged header"),
        (r"r\.dat 16 ", f"r.dat 16:{10**4000} ", "damaged header"),
        (r"(?s)r\.dat 16 .* I\n", "~ 0x0 1/mV 16 0 0 0 0 I\n", "samples for each frame"),
        (r"r\.dat 16 ", "r.dat 516 ", "FLAC"),
        (r"r\.dat 16 ", "r.dat 99 ", "Unknown WFDB storage format 99"),
        (r"r\.dat", "missing.dat", "a file that its header names is missing"),
        (r"r\.dat", "../r.dat", "more than a plain name"),
        (r"r\.dat", "/etc/passwd", "more than a plain name"),
        (r"r\.dat", r"..\\r.dat", "more than a plain name"),
        (r" 500 ", " 50 ", "sampling rate is 50 Hz"),
        (r" 500 ", " 0 ", "sampling rate is not a number over 0 Hz"),
        (r" 500 ", " -500 ", "sampling rate is not a number over 0 Hz"),
        (r" 500 ", " nan ", "its sampling rate is not a number"),
        (r" 500 ", " abc ", "its sampling rate is not a number"),
        (r" 500 ", " Hz500 ", "its sampling rate is not a number"),
        (r" 500 ", " 5oo ", "its sampling rate is not a number"),
        (r"16 1000\(0\)/mV", "16 1e400/mV", "no amplitude scale"),
    ],
)
def test_what_is_refused_and_why(pattern: str, by: str, reason: str, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(changed(writers.wfdb(ecg, 500), pattern, by))


def test_without_a_rate_wfdbs_default_holds_and_is_said(ecg: Signal) -> None:
    recording = einthoven.read(changed(writers.wfdb(ecg, 500), r"r 12 500 5000", "r 12"))
    assert recording.rate == 250
    assert "default of 250 Hz" in recording.warnings[0].text


@pytest.mark.parametrize("rate", ["500/360", "500/360(0)", "500(0)", "500Hz", "500.0", "5e2", "+500"])
def test_a_rate_in_other_words(rate: str, ecg: Signal) -> None:
    assert einthoven.read(changed(writers.wfdb(ecg, 500), " 500 ", f" {rate} ")).rate == 500


@pytest.mark.parametrize("cut", [0, 1, 60000, 119999])
def test_a_cut_signal_file_is_refused(cut: int, ecg: Signal) -> None:
    for files, name in ((writers.wfdb(ecg, 500), "r.dat"), (writers.challenge(ecg, 500), "A0001.mat")):
        with pytest.raises(RecordingError, match="cut short"):
            einthoven.read({**files, name: files[name][:cut]})


def test_a_mat_file_that_is_none_is_refused(ecg: Signal) -> None:
    files = writers.challenge(ecg, 500)
    for wrong in (
        b"MATLAB 5.0 MAT-file" + bytes(200),
        struct.pack("<5i", 30, 11, 5000, 0, 4) + files["A0001.mat"][20:],
    ):
        with pytest.raises(RecordingError, match="not a MATLAB 4 file with an int16 matrix of 12 rows"):
            einthoven.read({**files, "A0001.mat": wrong})


def test_a_link_out_of_the_folder_is_refused(ecg: Signal, tmp_path: Path) -> None:
    files = writers.wfdb(ecg, 500)
    (tmp_path / "record").mkdir()
    (tmp_path / "secret.dat").write_bytes(files["r.dat"])
    (tmp_path / "record" / "r.hea").write_bytes(files["r.hea"])
    (tmp_path / "record" / "r.dat").symlink_to(tmp_path / "secret.dat")
    with pytest.raises(RecordingError, match="link to another folder"):
        einthoven.read(tmp_path / "record" / "r.hea")


def test_a_header_alone_names_what_is_missing(ecg: Signal, tmp_path: Path) -> None:
    header = writers.wfdb(ecg, 500)["r.hea"]
    with pytest.raises(RecordingError, match="a file that its header names is missing; give it too"):
        einthoven.read(header)
    with pytest.raises(RecordingError, match=r"its file r\.dat is missing; give it too"):  # a name that the user has
        einthoven.read({"r.hea": header})
    (tmp_path / "r.hea").write_bytes(header)
    with pytest.raises(RecordingError, match=r"r\.dat is not found"):
        einthoven.read(tmp_path / "r")


def test_two_records_at_once_are_refused(ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="one record at a time"):
        einthoven.read({**writers.wfdb(ecg, 500), **writers.challenge(ecg, 500)})


def test_null_signals_that_no_file_holds_cost_no_memory(ecg: Signal) -> None:
    lines = ["r 12 500 8000000", *(f"~ 0 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS)]
    with pytest.raises(RecordingError, match="far more samples than its files hold"):
        einthoven.read("\n".join(lines).encode())


def test_real_records(test_data: Path) -> None:
    for name in ("records100/00000/00001_lr", "records500/00000/00100_hr"):
        theirs, fields = wfdb.rdsamp(str(test_data / "ptbxl" / name))
        ours = einthoven.read(test_data / "ptbxl" / name)
        np.testing.assert_allclose(ours.signal, theirs.T, atol=1e-5)
        assert (ours.rate, ours.leads, ours.warnings) == (fields["fs"], LEADS, ())


def test_names_that_no_file_system_takes(ecg: Signal, tmp_path: Path) -> None:
    for name in ("é" * 150, "\ufffd" * 190, "a" * 300):
        header = writers.wfdb(ecg, 500)["r.hea"].decode().replace("r.dat", f"{name}.dat")
        (tmp_path / "r.hea").write_text(header, encoding="utf-8")
        with pytest.raises(RecordingError, match="a file by more than a plain name"):
            einthoven.read(tmp_path / "r.hea")


@pytest.mark.parametrize("length", ["-5000", "1_000", "x", "", "١٢"])
def test_segments_of_no_length(length: str, ecg: Signal) -> None:
    files = writers.wfdb(ecg, 500)
    with pytest.raises(RecordingError, match="line of segment 2 cannot be parsed"):
        einthoven.read({**files, "m.hea": f"m/2 12 500\nr 5000\nr {length}\n".encode()})
