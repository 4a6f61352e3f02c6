"""Files made to harm: refused before they cost memory, time or a look outside the folder."""

import base64
import os
import re
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers import sources
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
XML: list[Callable[..., bytes]] = [writers.aecg, writers.muse, writers.sierra, writers.mortara]


def lol(data: bytes) -> bytes:
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    start = re.search(rb"<(AnnotatedECG|RestingECG|restingecgdata|ECG)[ >]", data)
    assert start
    body = re.sub(rb"<!DOCTYPE[^>]*>", b"", data[: start.start()]) + b"<!DOCTYPE x [" + entities.encode() + b"]>"
    return body + data[start.start() :].replace(b"><", b">&a9;<", 1)


@pytest.mark.parametrize("write", XML)
def test_entity_bombs_are_refused(write: Callable[..., bytes], ecg: Signal) -> None:
    with pytest.raises(RecordingError, match="declares XML entities"):
        einthoven.read(lol(write(ecg, 500)))


@pytest.mark.parametrize("write", XML)
def test_deep_nesting_is_refused(write: Callable[..., bytes], ecg: Signal) -> None:
    data = write(ecg, 500)
    place = data.rindex(b"</")
    deep = data[:place] + b"<a>" * 200_000 + b"</a>" * 200_000 + data[place:]
    with pytest.raises(RecordingError, match="more than 100 levels"):
        einthoven.read(deep)


def test_too_many_elements_are_refused(ecg: Signal) -> None:
    data = writers.sierra(ecg, 500)
    with pytest.raises(RecordingError, match="100,000 elements"):
        einthoven.read(data.replace(b"</restingecgdata>", b"<a/>" * 600_000 + b"</restingecgdata>"))


def test_a_compressed_sierra_bomb_is_refused(ecg: Signal) -> None:
    """LZW codes that each stand for a string one byte longer than the one before."""
    codes = [65, *range(256, 1022)] + [1021] * 60_001
    bits = "".join(f"{code:010b}" for code in codes)
    chunk = int(bits, 2).to_bytes(len(bits) // 8, "big")
    data = base64.b64encode(struct.pack("<I4x", len(chunk)) + chunk)
    sierra = re.sub(
        rb'(dataencoding="Base64")(.*?)>[^<]*<',
        rb'\1 compression="XLI"\2>' + data + b"<",
        writers.sierra(ecg, 500),
        count=1,
    )
    with pytest.raises(RecordingError, match="decompresses to more than 1 MiB"):
        einthoven.read(sierra)


def test_large_files_are_refused_before_they_are_read(ecg: Signal, tmp_path: Path) -> None:
    with (tmp_path / "r.edf").open("wb") as file:
        file.truncate(sources.MAX_BYTES + 1)  # takes no room on the disk
    with pytest.raises(RecordingError, match="more than 512 MiB"):
        einthoven.read(tmp_path / "r.edf")
    files = writers.wfdb(ecg, 500)
    (tmp_path / "r.hea").write_bytes(files["r.hea"])
    (tmp_path / "r.edf").rename(tmp_path / "r.dat")
    with pytest.raises(RecordingError, match=r"r\.dat has more than 512 MiB"):
        einthoven.read(tmp_path / "r")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordingError, match="is not a file"):
        einthoven.read(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("", "is a folder"), ("absent.dcm", "not found"), ("x\0y", "not found"), ("x" * 5000, "cannot")],
)
def test_paths_that_are_no_files(path: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(f"{tmp_path}/{path}")


def test_a_deflated_dicom_bomb_is_refused_and_a_good_one_read(ecg: Signal) -> None:
    plain = writers.dicom(ecg, 500)
    start = 144 + struct.unpack_from("<I", plain, 140)[0]
    old, new = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"
    place = plain.index(old)
    head = plain[: place - 2] + struct.pack("<H", len(new)) + new + plain[place + len(old) : start]
    head = head[:140] + struct.pack("<I", len(head) - 144) + head[144:]

    def deflated(content: bytes) -> bytes:
        return head + zlib.compress(content, wbits=-15)

    np.testing.assert_allclose(einthoven.read(deflated(plain[start:])).signal, ecg.T / 1000, atol=1e-6)
    with pytest.raises(RecordingError, match="grows beyond"):
        einthoven.read(deflated(plain[start:] + bytes(20 << 20)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"%PDF-1.4 report", "is a PDF"),
        (b"\x89PNG\r\n", "is a PNG image"),
        (b"PK\x03\x04" + bytes(100), "is a damaged ZIP archive"),
        (b"\x1f\x8b" + bytes(100), "gzip"),
        (bytes(1000), "in an unknown format"),
        (b"<html><body></body></html>", "is a web page, not an ECG"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>", "is a web page, not an ECG"),
        (b"<?xml version='1.0'?><note/>", "XML of an unknown kind"),
        (b'{"a": 1}', "is JSON"),
    ],
)
def test_what_is_no_ecg_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(data)


def test_an_scp_that_would_take_long_to_decode_is_refused(ecg: Signal) -> None:
    section_3 = bytes([200, 1]) + struct.pack("<IIB", 1, 400_000, 2) * 200
    section_6 = struct.pack("<HHBB200H", 1000, 2000, 0, 0, *[50_000] * 200) + bytes(10_000_000)
    began = time.monotonic()
    with pytest.raises(RecordingError, match="200 leads"):
        einthoven.read(writers.scp_record({2: struct.pack("<H", 19999), 3: section_3, 6: section_6}))
    assert time.monotonic() - began < 60


def test_the_error_names_the_file(ecg: Signal, tmp_path: Path) -> None:
    path = tmp_path / "broken.dcm"
    path.write_bytes(writers.dicom(ecg, 500)[:3000])
    with pytest.raises(RecordingError) as caught:
        einthoven.read(path)
    assert str(caught.value).startswith(f"{path}: is damaged: ")
    assert "\n" not in str(caught.value)


def test_threads_do_not_take_each_others_warnings(ecg: Signal) -> None:
    """ecgdatakit speaks through Python's warnings, which belong to the process."""
    good, bad = writers.edf(ecg, 500), bytearray(writers.scp(ecg, 500))
    bad[6 + 56 + 16 + 3] ^= 1
    results: list[tuple[str, ...]] = []

    def work(data: bytes) -> None:
        results.extend(einthoven.read(data).warnings for _ in range(3))

    threads = [threading.Thread(target=work, args=(data,)) for data in (good, bytes(bad), good)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, results)) == [0] * 6 + [1] * 3


def test_reading_leaves_nothing_behind(ecg: Signal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert einthoven.read(writers.edf(ecg, 500)).leads == LEADS
    with pytest.raises(RecordingError):
        einthoven.read(writers.edf(ecg, 500)[:-9000])
    assert list(tmp_path.iterdir()) == []
