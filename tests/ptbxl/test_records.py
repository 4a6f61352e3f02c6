"""Records are read exactly or refused by name."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ptbxl.records import DamagedRecordError, read_record, write_record
from einthoven.recording import LEADS


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    signal = np.random.default_rng(0).integers(-2000, 2000, (1000, 12)).astype(np.int16)
    write_record(tmp_path / "00001_lr", signal, 100)
    return tmp_path / "00001_lr"


def test_what_is_written_is_read_and_wfdb_agrees(tmp_path: Path) -> None:
    signal = np.random.default_rng(1).integers(-32768, 32767, (5000, 12)).astype(np.int16)
    write_record(tmp_path / "00001_hr", signal, 500)
    assert np.array_equal(read_record(tmp_path / "00001_hr", 500), signal)
    theirs = wfdb.rdrecord(str(tmp_path / "00001_hr"), physical=False)
    assert theirs.fs == 500
    assert np.array_equal(theirs.d_signal, signal)
    assert [name.lower() for name in theirs.sig_name] == [lead.lower() for lead in LEADS]


def test_real_records_are_read_as_wfdb_reads_them(test_data: Path) -> None:
    for name, rate in (("records100/00000/00001_lr", 100), ("records500/00000/00100_hr", 500)):
        ours = read_record(test_data / "ptbxl" / name, rate) / 1000
        theirs, _ = wfdb.rdsamp(str(test_data / "ptbxl" / name))
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize(
    ("suffix", "damage", "sentence"),
    [
        (".dat", lambda raw: raw[:-2], "has 23998 bytes instead of 24000"),
        (".dat", lambda raw: raw + b"\0\0", "has 24002 bytes"),
        (".dat", lambda raw: bytes([raw[0] ^ 1]) + raw[1:], "checksum differs from the header's in lead I;"),
        (".hea", lambda raw: b"", "an empty file"),
        (".hea", lambda raw: raw.replace(b" 100 1000", b" 500 1000"), "not '00001_lr 12 100 1000'"),
        (".hea", lambda raw: raw.replace(b"1000.0(0)/mV", b"200/mV"), "1000 units/mV"),
        (".hea", lambda raw: raw.replace(b"AVR", b"AVX"), "each of the twelve leads"),
        (".hea", lambda raw: raw.replace(b"00001_lr.dat", b"../../etc/passwd"), "each of the twelve leads"),
        (".hea", lambda raw: raw[:-40], "each of the twelve leads"),
        (".hea", lambda raw: b"\xff\x00" + raw, "damaged header"),
    ],
)
def test_damage_is_named(stem: Path, suffix: str, damage, sentence: str) -> None:
    path = stem.with_suffix(suffix)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedRecordError) as error:
        read_record(stem, 100)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("suffix", [".dat", ".hea"])
def test_a_missing_file_is_named(stem: Path, suffix: str) -> None:
    stem.with_suffix(suffix).unlink()
    with pytest.raises(DamagedRecordError, match=rf"00001_lr\{suffix}: missing"):
        read_record(stem, 100)


@given(at=st.integers(0, 700), junk=st.binary(max_size=20))
def test_a_header_is_read_or_refused_whatever_it_holds(tmp_path_factory, at: int, junk: bytes) -> None:
    stem = tmp_path_factory.mktemp("fuzz") / "00001_lr"
    signal = np.arange(12_000, dtype=np.int16).reshape(1000, 12)
    write_record(stem, signal, 100)
    header = stem.with_suffix(".hea")
    raw = header.read_bytes()
    header.write_bytes(raw[:at] + junk + raw[at + len(junk) :])
    with suppress(DamagedRecordError):
        assert np.array_equal(read_record(stem, 100), signal)
