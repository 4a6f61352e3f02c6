"""Reading needs memory in proportion to the file, and writes nothing to a disk."""

import multiprocessing
import os
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import writers
from bombs import BOMBS, MIB, Source, dictionary_pages, lying_parquet
from memory import LOADED, cost
from numpy.typing import NDArray
from test_formats import WRITERS

import einthoven
from einthoven.errors import RecordingError
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
FREE = 64 * MIB
PER_BYTE = 14
"""Bytes of memory for each byte of a file, beyond those that are free; docs/reference/reading.md promises these two."""
REASONS = {
    "wfdb frames": "more than 100,000,000 values",
    "wfdb repeated segment": "far more samples than its files hold",
    "wfdb spellings": "one file in several spellings",
    "edf gap": "too far apart",
    "dicom deflated, no length": "grows beyond",
    "dicom deflated, long meta": "grows beyond",
    "dicom items of zeros": "too many elements",
    "parquet strings": "neither numbers nor times",
    "parquet page": "decompresses to far more bytes",
    "xml attributes": "more than 100,000 attributes",
    "aecg gap": "pieces that overlap or do not fit",
    "mfer blocks": "shorter than one block",
    "json objects": "more than 100,000 objects",
    "zip": "decompresses to more than",
    "zip entries": "more than 2,000 files",
    "flac zeros": "far more samples than its files hold",
    "matlab zeros": "decompresses to far more",
    "matlab cells": "20,000 arrays",
    "cardiosoft numbers": "4 MiB of numbers",
    "csv lines": "lines; give it as NPY or Parquet",
}
"""Part of the message that refuses some of the bombs."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="the system's numbers are read as Linux gives them")


@linux
@pytest.mark.parametrize("name", BOMBS)
def test_no_file_takes_much_more_memory_than_it_has_bytes(name: str) -> None:
    make, options = BOMBS[name]
    source = make()
    size = sum(map(len, source.values())) if isinstance(source, dict) else len(source)
    taken = cost(source, **options)
    assert taken.peak <= FREE + PER_BYTE * size, f"{taken} for {size} bytes"
    assert "too large for the memory" not in taken.outcome
    assert REASONS.get(name, "") in taken.outcome


def test_a_reason_is_known_for_each_kind_of_bomb() -> None:
    assert REASONS.keys() <= BOMBS.keys()


@linux
@pytest.mark.parametrize("name", WRITERS)
def test_real_recordings_of_minutes_are_read_within_the_limit(name: str, ecg: Signal) -> None:
    _, write, options = WRITERS[name]
    source = write(np.tile(ecg, (1 if name in ("edf+", "scp") else 20, 1)))
    size = sum(map(len, source.values())) if isinstance(source, dict) else len(source)
    taken = cost(source, **options)
    assert not taken.outcome
    assert taken.peak <= FREE + PER_BYTE * size


def test_a_dictionary_of_the_size_of_its_numbers_is_read() -> None:
    recording = einthoven.read(lying_parquet(lambda: dictionary_pages(5000)), rate=500, unit="uV")
    assert recording.seconds == 10


def test_segments_may_repeat_and_have_gaps_within_reason(ecg: Signal) -> None:
    """What is refused above by its amount: one segment thrice, with minutes of nothing in between."""
    files = {f"s.{kind}": data for kind, data in zip(("hea", "dat"), writers.wfdb(ecg, 500).values(), strict=True)}
    files["r.dat"] = files.pop("s.dat")
    files["s.hea"] = files["s.hea"].replace(b"r.dat", b"./r.dat")
    master = "m/5 12 500 95000\ns 5000\n~ 40000\ns 5000\n~ 40000\ns 5000\n"
    recording = einthoven.read({"m.hea": master.encode(), **files})
    assert recording.seconds == 190
    for start in (0, 45000, 90000):
        np.testing.assert_allclose(recording.signal[:, start : start + 5000], ecg.T / 1000, atol=1e-6)


@pytest.mark.parametrize("without", ["memory", "descriptors"])
def test_where_a_system_lacks_files_in_memory_others_are_read_and_gone(
    without: str, ecg: Signal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS, and on Windows."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if without == "memory":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    else:
        monkeypatch.setattr("einthoven.readers.ecgdatakit_adapter._DESCRIPTORS", ("/nowhere",))
    for name in ("edf", "ishne", "mfer", "scp", "aecg", "muse", "sierra", "mortara"):
        assert einthoven.read(WRITERS[name][1](ecg)).leads == LEADS
    with pytest.raises(RecordingError):
        einthoven.read(writers.edf(ecg, 500)[:-9000])
    assert list(tmp_path.iterdir()) == []


@linux
def test_reading_opens_nothing_for_writing(ecg: Signal) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    ours, theirs = context.Pipe()
    process = context.Process(target=_watch, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    ours.send([(name, write(ecg), options) for name, (_, write, options) in WRITERS.items()])
    assert ours.recv() == []
    process.join()


def _watch(connection: Connection) -> None:
    """Read what comes through `connection`, and send back each attempt to write."""
    attempts: list[str] = []
    changes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not isinstance(arguments[0], int) and arguments[2] & changes:
            attempts.append(f"open {arguments}")
        elif event.startswith(("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "tempfile.", "shutil.")):
            attempts.append(f"{event} {arguments}")

    sys.dont_write_bytecode = True
    recordings: list[tuple[str, Source, dict[str, Any]]] = connection.recv()
    tempfile.tempdir = "/nowhere"
    sys.addaudithook(note)
    for _, source, options in recordings:
        einthoven.read(source, **options)
    connection.send(attempts)
