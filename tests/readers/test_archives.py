"""A gzip file, or a ZIP archive of one recording, is read as what is inside; others are refused with the reason."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers import gunzip

Signal = NDArray[np.int16]
MIB = 1 << 20


def same(source: object, ecg: Signal, **options: object) -> None:
    recording = einthoven.read(source, **options)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


def test_a_gzip_file_is_read_as_its_content(ecg: Signal, tmp_path: Path) -> None:
    for name, data, options in [
        ("ecg.dcm.gz", writers.dicom(ecg, 500), {}),
        ("ecg.xml.gz", writers.aecg(ecg, 500), {}),
        ("ecg.csv.gz", writers.csv(ecg, 500), {"rate": 500}),
    ]:
        (tmp_path / name).write_bytes(gzip.compress(data))
        same(tmp_path / name, ecg, **options)
    two_parts = gzip.compress(data[:1000]) + gzip.compress(data[1000:]) + bytes(512)  # padded, as on tapes
    same(two_parts, ecg, rate=500)


def test_a_header_in_gzip_finds_its_signals(ecg: Signal, tmp_path: Path) -> None:
    files = writers.wfdb(ecg, 500)
    (tmp_path / "r.hea.gz").write_bytes(gzip.compress(files["r.hea"]))
    (tmp_path / "r.dat").write_bytes(files["r.dat"])
    same(tmp_path / "r.hea.gz", ecg)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_one_record_is_read_whatever_lies_around(method: int, ecg: Signal) -> None:
    files = writers.wfdb(ecg, 500)
    extra = {"r.atr": b"x", "r.qrs": b"x", "README.txt": b"x", "__MACOSX/._r.hea": b"x", ".DS_Store": b"x"}
    same(writers.zipped(files, method), ecg)
    same(writers.zipped({**files, **extra, "RECORDS": b"r"}, method), ecg)
    same(writers.zipped({"a/": b"", **{f"a/b/{name}": data for name, data in files.items()}}, method), ecg)
    same(writers.zipped({f"a\\{name}": data for name, data in files.items()}, method), ecg)
    segments = {"m.hea": b"m/2 12 500 10000\nr 5000\nr 5000\n", **files}
    assert einthoven.read(writers.zipped(segments, method)).seconds == 20


def test_a_zip_of_one_file_of_any_format_is_read(ecg: Signal) -> None:
    same(writers.zipped({"IM0001": writers.dicom(ecg, 500), "DICOMDIR": b"x", "report.pdf": b"%PDF"}), ecg)
    same(writers.zipped({"ecg.dcm": writers.dicom(ecg, 500), "labels.csv": b"a,b"}), ecg)
    same(writers.zipped({"ecg.txt": writers.csv(ecg, 500)}), ecg, rate=500)
    out = io.BytesIO()
    np.savez_compressed(out, ecg=ecg)
    same(out.getvalue(), ecg, rate=500, unit="uV")


def test_several_recordings_are_refused_by_name(ecg: Signal) -> None:
    dicom = writers.dicom(ecg, 500)
    with pytest.raises(RecordingError, match=r"2 recordings \(a/one\.dcm, b/two\.dcm\)"):
        einthoven.read(writers.zipped({"a/one.dcm": dicom, "b/two.dcm": dicom}))
    with pytest.raises(RecordingError, match=r"4 recordings \(0\.dcm, 1\.dcm, 2\.dcm, \.\.\.\)"):
        einthoven.read(writers.zipped({f"{k}.dcm": dicom for k in range(4)}))
    with pytest.raises(RecordingError, match="2 recordings"):
        einthoven.read(writers.zipped({**writers.wfdb(ecg, 500), "ecg.dcm": dicom}))


def encrypted() -> bytes:
    data = bytearray(writers.zipped({"ecg.dcm": b"x" * 100}))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + place] |= 1
    return bytes(data)


def lying() -> bytes:
    """An entry that declares less than it decompresses to."""
    data = bytearray(writers.zipped({"ecg.csv": bytes(12 * MIB)}))
    for start, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(start) + place, 1000)
    return bytes(data)


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("ecg.dcm"))
    return out.getvalue()


HOSTILE = {
    "gzip bomb": (lambda: gzip.compress(bytes(12 * MIB)), "decompresses to more than 8 MiB"),
    "gzip bomb of parts": (lambda: gzip.compress(bytes(MIB)) * 20, "decompresses to more than"),
    "zip bomb": (lambda: writers.zipped({"ecg.csv": bytes(12 * MIB)}), "decompresses to more than 8 MiB"),
    "zip bomb of files": (lambda: writers.zipped({f"{k}.hea": bytes(MIB) for k in range(12)}), "decompresses to more"),
    "zip that lies": (lying, "is a damaged ZIP archive"),
    "many entries": (lambda: writers.zipped({f"{k}": b"" for k in range(2001)}), "more than 2,000 files"),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(b"x")), "an archive within an archive"),
    "zip in zip": (lambda: writers.zipped({"a.zip": writers.zipped({"b": b"x"})}), "an archive within an archive"),
    "zip in gzip": (lambda: gzip.compress(writers.zipped({"b": b"x"})), "an archive within an archive"),
    "tar": (tar, "is a compressed tar archive"),
    "encrypted": (encrypted, "is an encrypted ZIP archive"),
    "lzma": (lambda: writers.zipped({"ecg.csv": b"x"}, zipfile.ZIP_LZMA), "unusual compression"),
    "office": (lambda: writers.zipped({"[Content_Types].xml": b"x", "xl/a.xml": b"x"}), "office document"),
    "empty zip": (lambda: writers.zipped({}), "without a recording"),
    "nothing but notes": (lambda: writers.zipped({"__MACOSX/x": b"", ".DS_Store": b""}), "without a recording"),
    "empty gzip": (lambda: gzip.compress(b""), "is empty"),
    "gzip cut": (lambda: gzip.compress(b"x" * 999)[:-6], "is a gzip file that is cut short"),
    "gzip damaged": (lambda: gzip.compress(b"x" * 999)[:-6] + b"\1" * 6, "is a damaged gzip file"),
    "zip cut": (lambda: writers.zipped({"ecg.csv": b"x" * 999})[:-30], "is a damaged ZIP archive"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_with_the_reason(name: str) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(make())


def test_entries_cannot_point_outside(ecg: Signal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is extracted, so that the names of entries are only compared."""
    monkeypatch.chdir(tmp_path)
    same(writers.zipped({f"../../{name}": data for name, data in writers.wfdb(ecg, 500).items()}), ecg)
    assert list(tmp_path.iterdir()) == []


def test_the_limit_grows_with_the_archive(ecg: Signal) -> None:
    array = writers.npy(np.tile(ecg, (20, 1)).astype(np.float64))
    assert len(array) > gunzip.FREE_BYTES
    assert einthoven.read(gzip.compress(array, 1), rate=500, unit="uV").seconds == 200
