"""WFDB's FLAC formats are read as the reference library reads them."""

import builtins
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import wfdb
import writers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]


@pytest.mark.parametrize(("form", "amplitude", "gain"), [("508", 100, 100), ("516", 3000, 1000), ("524", 300_000, 1e5)])
def test_the_reference_librarys_files_are_read(form: str, amplitude: int, gain: float, tmp_path: Path) -> None:
    names = list(LEADS[:8])
    signal = np.random.default_rng(1).integers(-amplitude, amplitude, (2500, 8))
    options = {"fmt": [form] * 8, "adc_gain": [gain] * 8, "baseline": [7] * 8, "write_dir": str(tmp_path)}
    wfdb.wrsamp("r", 500, ["mV"] * 8, names, d_signal=signal, **options)
    expected = wfdb.rdrecord(str(tmp_path / "r")).p_signal
    np.testing.assert_allclose(einthoven.read(tmp_path / "r.dat").signal, expected.T, rtol=1e-6, atol=1e-6)


def flac(samples: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, 1000, "PCM_16", format="FLAC")
    return out.getvalue()


def test_frames_are_those_of_the_reference_library(ecg: Signal, tmp_path: Path) -> None:
    """The reference library fails at skews and offsets of FLAC files: those are checked below."""
    signals = [f"r.dat 516x2 1000(0)/mV 16 0 0 0 0 {lead}" for lead in ("I", "V2")]
    (tmp_path / "r.hea").write_text("\n".join(["r 2 250 2500", *signals]))
    (tmp_path / "r.dat").write_bytes(flac(ecg[:, [0, 7]]))
    recording = einthoven.read(tmp_path / "r")
    expected = wfdb.rdrecord(str(tmp_path / "r"), smooth_frames=False).e_p_signal
    assert recording.rate == 500
    for lead, values in zip(("I", "V2"), expected, strict=True):
        np.testing.assert_allclose(recording.signal[recording.leads.index(lead)], values, atol=1e-6)


def test_a_skew_is_in_frames(ecg: Signal) -> None:
    signals = [f"r.dat 516x2:{skew} 1000(0)/mV 16 0 0 0 0 {lead}" for skew, lead in ((0, "I"), (3, "V2"))]
    header = "\n".join(["r 2 250 2490", *signals]).encode()
    recording = einthoven.read({"r.hea": header, "r.dat": flac(ecg[:, [0, 7]])})
    for lead, values in (("I", ecg[:4980, 0]), ("V2", ecg[6:4986, 7])):
        np.testing.assert_allclose(recording.signal[recording.leads.index(lead)], values / 1000, atol=1e-6)


def test_an_offset_is_in_samples(ecg: Signal) -> None:
    header = ["r 2 500 4000", *(f"r.dat 516+1000 1000(0)/mV 16 0 0 0 0 {lead}" for lead in ("I", "II"))]
    recording = einthoven.read({"r.hea": "\n".join(header).encode(), "r.dat": flac(ecg[:, :2])})
    np.testing.assert_allclose(recording.signal[:2], ecg[1000:, :2].T / 1000, atol=1e-6)


def test_files_of_several_formats_and_segments_mix(ecg: Signal) -> None:
    files, plain = writers.flac(ecg, 500), writers.wfdb(ecg[:, 8:], 500, LEADS[8:])
    lines = files["r.hea"].splitlines()[:9] + plain["r.hea"].splitlines()[1:]
    mixed = {"s.hea": b"\n".join(lines), "r_0.dat": files["r_0.dat"], "r.dat": plain["r.dat"]}
    np.testing.assert_allclose(einthoven.read(mixed).signal, ecg.T / 1000, atol=1e-6)
    master = {"m.hea": b"m/2 12 500 10000\ns 5000\ns 5000\n", **mixed}
    np.testing.assert_allclose(einthoven.read(master).signal[:, 5000:], ecg.T / 1000, atol=1e-6)


@settings(max_examples=20, derandomize=True)
@given(
    levels=st.lists(st.integers(-4000, 4000), min_size=8, max_size=8),
    bits=st.sampled_from([16, 24]),
    length=st.integers(1250, 20_000),
)
def test_what_is_written_is_read_back_also_if_it_is_mostly_flat(levels: list[int], bits: int, length: int) -> None:
    signal = np.repeat(np.array([levels]), length, axis=0).astype(np.int16)
    signal[:500] += np.random.default_rng(length).integers(-300, 300, (500, 8)).astype(np.int16)
    recording = einthoven.read(writers.flac(signal, 500, LEADS[:8], bits))
    np.testing.assert_allclose(recording.signal, signal.T / 1000, atol=1e-5)


def test_missing_samples_are_gaps(ecg: Signal) -> None:
    signal = ecg.copy()
    signal[1000:2000, 3] = -32768
    warnings = " ".join(warning.text for warning in einthoven.read(writers.flac(signal, 500)).warnings)
    assert "aVR" in warnings


def changed(files: dict[str, bytes], old: bytes, new: bytes, file: str = "r.hea") -> dict[str, bytes]:
    assert old in files[file]
    return files | {file: files[file].replace(old, new)}


def without_md5(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data[:26] + bytes(16) + data[42:] if data[:4] == b"fLaC" else data for name, data in files.items()}


def test_damage_is_refused_with_the_reason(ecg: Signal) -> None:
    files = writers.flac(ecg, 500)
    middle = len(files["r_0.dat"]) // 2
    broken = files["r_0.dat"][:middle] + b"\x55" * 30 + files["r_0.dat"][middle + 30 :]
    unchecked = b"\n".join([b"r 8 500", *(line.rsplit(b" ", 3)[0] for line in files["r.hea"].splitlines()[1:9])])
    first = files["r.hea"].splitlines()[1].split()[6]
    for source, reason in [
        (changed(files, b"fLaC", b"fLaX", "r_0.dat"), "r_0.dat is not FLAC"),
        (changed(files, b" 516 ", b" 508 "), "16 bits, more than"),
        (changed(files, b"r 12 500 5000", b"r 12 500 6000"), "cut short: it has 5000 of 6000 samples"),
        (changed(files, b" " + first + b" 0 I\n", b" 77 0 I\n"), "checksum of its file r_0.dat is wrong"),
        (files | {"r_0.dat": files["r_0.dat"][:middle]}, "damaged"),
        (files | {"r_0.dat": broken}, "damaged"),
        (files | {"r_0.dat": broken, "r.hea": unchecked}, "damaged"),
        (without_md5(files) | {"r_0.dat": without_md5({"x": broken})["x"]}, "damaged|checksum"),
        ({**files, "r.hea": b"r 1 500 5000\nr_0.dat 516 1000/mV 16 0 0 0 0 I"}, "8 channels"),
    ]:
        with pytest.raises(RecordingError, match=reason):
            einthoven.read(source)


def test_a_bomb_is_refused_by_its_header() -> None:
    data = bytearray(flac(np.zeros((5000, 8), np.int16)))
    packed = int.from_bytes(data[18:26], "big") & ~((1 << 36) - 1) | 12_000_000
    data[18:26] = packed.to_bytes(8, "big")
    header = ["r 8 500 12000000", *(f"r.dat 516 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS[:8])]
    with pytest.raises(RecordingError, match="far more samples than its files hold"):
        einthoven.read({"r.hea": "\n".join(header).encode(), "r.dat": bytes(data)})


def test_without_soundfile_the_error_says_how_to_install_it(ecg: Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    original, files = builtins.__import__, writers.flac(ecg, 500)

    def without(name: str, *arguments: Any) -> Any:
        if name == "soundfile":
            raise ImportError
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RecordingError, match=r"needs soundfile, which is not installed.*\[flac\]"):
        einthoven.read(files)
