"""Records in a content store (git-annex, DataLad): followed if the user allows it, else a clear refusal."""

import os
from pathlib import Path

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError

Signal = NDArray[np.int16]


@pytest.fixture
def record(ecg: Signal, tmp_path: Path) -> Path:
    """A record as git-annex stores it: links to files named by their content."""
    store, folder = tmp_path / ".git" / "annex" / "objects" / "Xx" / "9k", tmp_path / "data"
    folder.mkdir()
    for name, data in writers.wfdb(ecg, 500).items():
        key = f"MD5E-s{len(data)}--{name.encode().hex()}{Path(name).suffix}"
        (store / key).mkdir(parents=True)
        (store / key / key).write_bytes(data)
        (folder / name).symlink_to(os.path.relpath(store / key / key, folder))
    return folder / "r"


def test_links_are_followed_if_the_user_allows_it(record: Path, ecg: Signal) -> None:
    with pytest.raises(RecordingError, match=r"r\.dat is a link to another folder; .*--follow-links"):
        einthoven.read(record)
    for source in (record, record.with_suffix(".hea"), record.with_suffix(".dat")):
        np.testing.assert_allclose(einthoven.read(source, follow_links=True).signal, ecg.T / 1000, atol=1e-5)


@pytest.mark.parametrize("name", ["r.dat", "r.hea"])
def test_content_that_was_not_fetched_is_named_with_the_command(name: str, record: Path) -> None:
    (record.parent / name).resolve().unlink()
    with pytest.raises(RecordingError, match=r"a link to content that is not present; fetch it: `datalad get`"):
        einthoven.read(record.with_suffix(".hea"), follow_links=True)


def test_other_links_to_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "ecg.dcm").symlink_to(tmp_path / "absent")
    with pytest.raises(RecordingError, match="is a link to a file that does not exist"):
        einthoven.read(tmp_path / "ecg.dcm")


@pytest.mark.parametrize(
    ("pointer", "command"),
    [
        (b"/annex/objects/MD5E-s60000--0123.dat\n", "`datalad get` or `git annex get`"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 60000\n", "`git lfs pull`"),
    ],
)
def test_pointers_are_named_with_the_command(pointer: bytes, command: str, ecg: Signal, tmp_path: Path) -> None:
    (tmp_path / "r.hea").write_bytes(writers.wfdb(ecg, 500)["r.hea"])
    (tmp_path / "r.dat").write_bytes(pointer)
    with pytest.raises(RecordingError, match=f"its file r.dat holds only a pointer .*{command}"):
        einthoven.read(tmp_path / "r")
