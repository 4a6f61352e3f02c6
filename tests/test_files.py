"""Files are there whole or not at all, and the system's errors become sentences."""

import errno
import os
from pathlib import Path

import pytest

from einthoven.errors import EinthovenError
from einthoven.files import atomic_write, explain, staging_folder, write_text


def test_a_file_and_a_folder_appear_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a.txt", "α\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "α\n".encode()
    with atomic_write(tmp_path / "folder") as part:
        part.mkdir()
        (part / "b.txt").write_text("b")
        assert not (tmp_path / "folder").exists()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["b.txt"]


def test_files_move_in_together_and_leave_others_alone(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "notes.txt").write_text("mine")
    (tmp_path / "results" / "a.txt").write_text("old")
    with pytest.raises(ValueError, match="halfway"), staging_folder(tmp_path / "results") as part:
        (part / "a.txt").write_text("new")
        raise ValueError("halfway")
    assert (tmp_path / "results" / "a.txt").read_text() == "old"
    with staging_folder(tmp_path / "results") as part:
        (part / "a.txt").write_text("new")
        (part / "b.txt").write_text("b")
    assert {path.name: path.read_text() for path in (tmp_path / "results").iterdir()} == {
        "notes.txt": "mine",
        "a.txt": "new",
        "b.txt": "b",
    }


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_halfway() -> None:
        with atomic_write(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises((type(error), EinthovenError)):
        fail_halfway()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EinthovenError, match="is a file where a folder is needed"):
        write_text(tmp_path / "file" / "a.txt", "")


def test_a_folder_where_a_file_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a.txt" / "inside").mkdir(parents=True)
    with pytest.raises(EinthovenError, match="is a folder where a file is needed"):
        write_text(tmp_path / "a.txt", "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EROFS, errno.EIO])
def test_every_error_names_the_file(number: int) -> None:
    sentence = str(explain(OSError(number, "what the system says", "data/a.txt")))
    assert sentence.startswith("data/a.txt: ")
    assert sentence.endswith(".")


def test_a_link_keeps_pointing_to_what_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real" / "a.csv", tmp_path / "a.csv"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EinthovenError, match="a pipe or a device"):
        write_text(tmp_path / "pipe", "new")
    assert (tmp_path / "pipe").is_fifo()
