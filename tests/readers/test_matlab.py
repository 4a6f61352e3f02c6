"""MATLAB files as public data sets and laboratories write them; scipy is the foreign writer."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import writers
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.io import loadmat

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers.matlab_file import read_variables
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
UV: dict[str, Any] = {"rate": 500, "unit": "uV"}
NAMES = np.array(LEADS, dtype=object)


def read(variables: dict[str, Any], options: dict[str, Any] | None = None, **how: Any) -> einthoven.Recording:
    return einthoven.read(writers.matlab(variables, **how), **(options or {}))


@pytest.mark.parametrize("how", [{}, {"do_compression": True}, {"format": "4"}])
def test_a_matrix_is_read_with_rate_and_unit_by_option(how: dict[str, Any], ecg: Signal) -> None:
    for matrix in (ecg, ecg.T, ecg.astype(float)):
        np.testing.assert_allclose(read({"val": matrix}, UV, **how).signal, ecg.T / 1000, atol=1e-5)
    eight = ecg[:, [0, 1, *range(6, 12)]]
    recording = read({"x": eight}, {**UV, "leads": ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")}, **how)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=0.0011)


def test_the_structure_of_cpsc_2018_is_read(ecg: Signal) -> None:
    data = writers.matlab({"ECG": {"sex": "Female", "age": 63, "data": ecg.T / 1000}})
    recording = einthoven.read(data, rate=500, unit="mV")
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert (recording.patient.sex, recording.patient.age) == ("female", 63)
    with pytest.raises(RecordingError, match="without a sampling rate"):
        einthoven.read(data, unit="mV")
    with pytest.raises(RecordingError, match="without a unit"):
        einthoven.read(data, rate=500)


def test_what_a_file_states_is_taken(ecg: Signal) -> None:
    for variables in (
        {"signal": ecg, "Fs": 500.0, "units": "uV", "sig_name": NAMES},
        {"record": {"p_signal": ecg.T, "fs": 500, "unit": "µV", "leads": list(LEADS)}},
        {"fs": 500, "unit": "uV", "ecg": dict(zip(LEADS, ecg.T, strict=True))},
        {"data": {"a": {"ecg": ecg}}, "sampling_frequency": 500, "units": np.array(["uV"] * 12, dtype=object)},
    ):
        np.testing.assert_allclose(read(variables).signal, ecg.T / 1000, atol=1e-5)
    order = NAMES[::-1].copy()
    np.testing.assert_allclose(read({"x": ecg[:, ::-1], "leads": order}, UV).signal, ecg.T / 1000, atol=1e-5)


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"a": np.zeros((12, 5000)), "b": np.zeros((12, 5000))}, "2 arrays of 12 leads"),
        ({"a": np.zeros((8, 5000))}, r"without an array \(12, samples\)"),
        ({"a": 1j * np.ones((12, 5000))}, "without an array"),
        ({"ECG": np.array([{"data": np.zeros((12, 9))}] * 2, dtype=object)}, "2 structures"),
        ({"val": np.zeros((12, 5000)), "fs": 250}, "states 250 Hz but rate=500"),
        ({"val": np.zeros((12, 5000)), "unit": "mV"}, "states mV for I but unit='uV'"),
        ({"I": np.zeros(5000), "II": np.zeros(4000)}, "different lengths"),
        ({}, "without an array"),
    ],
)
def test_what_is_no_single_ecg_is_refused(variables: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        read(variables, UV)


def test_a_challenge_record_stays_wfdb_and_its_matrix_alone_needs_options(ecg: Signal) -> None:
    files = writers.challenge(ecg, 500)
    assert einthoven.read(files).format == "WFDB"
    recording = einthoven.read(files["A0001.mat"], **UV)
    assert recording.format == "MATLAB"
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


values = st.recursive(
    st.one_of(
        st.floats(-1e9, 1e9),
        st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("C",)), min_size=1, max_size=9),
        st.integers(1, 4).map(lambda n: np.arange(6.0 * n).reshape(2, 3, n)),
        st.integers(1, 5).map(lambda n: np.arange(n, dtype=np.int16)),
    ),
    lambda inner: st.dictionaries(st.sampled_from(["a", "bc", "d_e"]), inner, min_size=1, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, derandomize=True)
@given(
    variables=st.dictionaries(st.sampled_from(["x", "val", "longer_name"]), values, max_size=3), packed=st.booleans()
)
def test_scipys_files_hold_what_scipy_reads(variables: dict[str, Any], packed: bool) -> None:
    data = writers.matlab(variables, do_compression=packed)
    expected = {name: value for name, value in loadmat_of(data).items() if not name.startswith("__")}
    found = read_variables(data)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        same(found[name], value)


def loadmat_of(data: bytes) -> dict[str, Any]:
    return loadmat(io.BytesIO(data), chars_as_strings=True)


def same(found: Any, expected: Any) -> None:
    if isinstance(found, dict):
        assert expected.dtype.names == tuple(found)
        for name in found:
            same(found[name], expected[name][0, 0])
    elif isinstance(found, str):
        assert [found] == list(expected)
    else:
        np.testing.assert_array_equal(found, expected)


def element(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, len(body)) + body + bytes(-len(body) % 8)


def matrix(kind: int, shape: tuple[int, ...], *parts: bytes) -> bytes:
    flags, sizes = struct.pack("<II", kind, 0), struct.pack(f"<{len(shape)}i", *shape)
    return element(14, element(6, flags) + element(5, sizes) + element(1, b"x") + b"".join(parts))


def file(*elements: bytes) -> bytes:
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + b"".join(elements)


def nested(depth: int) -> bytes:
    inner = matrix(6, (1, 1), element(9, bytes(8)))
    for _ in range(depth):
        inner = matrix(1, (1, 1), inner)
    return inner


def packed(content: bytes) -> bytes:
    body = zlib.compress(content)
    return struct.pack("<II", 15, len(body)) + body


HOSTILE = {
    "bomb": (lambda: file(packed(matrix(6, (12, 1 << 20), element(1, bytes(12 << 20))))), "decompresses to far more"),
    "bombs": (lambda: file(*[packed(matrix(6, (1, 1 << 20), element(1, bytes(1 << 20))))] * 12), "decompresses to far"),
    "values": (lambda: file(packed(matrix(6, (12, 600_000), element(2, bytes(7_200_000))))), "far more samples"),
    "deep": (lambda: file(nested(9)), "more than 8 levels"),
    "many": (lambda: file(matrix(1, (1, 30_000), element(14, b"") * 30_000)), "20,000 arrays"),
    "declared cells": (lambda: file(matrix(1, (1 << 30, 1 << 30))), "without an array"),
    "declared numbers": (lambda: file(matrix(6, (12, 1 << 30), element(9, bytes(80)))), "is a damaged MATLAB file"),
    "packed in packed": (lambda: file(packed(packed(matrix(6, (1, 1), element(9, bytes(8)))))), "without an array"),
    "cut": (lambda: writers.matlab({"val": np.zeros((12, 999))})[:-900], "is a damaged MATLAB file"),
    "function": (lambda: file(matrix(16, (1, 1))), "without an array"),
    "7.3": (lambda: b"MATLAB 7.3 MAT-file, ".ljust(512) + b"\x89HDF", r"save it again with save\(file, '-v7'\)"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_the_reason(name: str) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(make(), **UV)


def test_big_endian_files_are_read(ecg: Signal) -> None:
    """As MATLAB wrote them on Suns and Macs."""
    flags, sizes = struct.pack(">II", 6, 0), struct.pack(">2i", *ecg.shape)
    parts = ((6, flags), (5, sizes), (1, b"val".ljust(3)), (3, ecg.T.astype(">i2").tobytes()))
    body = b"".join(struct.pack(">II", kind, len(part)) + part + bytes(-len(part) % 8) for kind, part in parts)
    data = b"MATLAB 5.0 MAT-file".ljust(124) + b"\1\0MI" + struct.pack(">II", 14, len(body)) + body
    np.testing.assert_allclose(einthoven.read(data, **UV).signal, ecg.T / 1000, atol=1e-5)
    old = struct.pack(">5i", 1030, *ecg.shape, 0, 4) + b"val\0" + ecg.T.astype(">i2").tobytes()
    np.testing.assert_allclose(einthoven.read(old, **UV).signal, ecg.T / 1000, atol=1e-5)
