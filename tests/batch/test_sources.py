import os
from pathlib import Path

import pytest

from einthoven.batch.sources import find_sources
from einthoven.errors import EinthovenError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "b.hea",
        "b.dat",
        "a.dcm",
        "deep/c.XML",
        "deep/IM0001",
        "t.csv",
        "notes.txt",
        ".hidden.hea",
        "x.dat",
        "RECORDS",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> list[str]:
    return [path.replace(os.sep, "/") for path in find_sources(arguments).files]


def test_a_folder(folder: Path) -> None:
    assert names(".") == ["a.dcm", "b.hea", "deep/IM0001", "deep/c.XML"]
    assert names(str(folder))[0] == str(folder / "a.dcm").replace(os.sep, "/")


def test_patterns(folder: Path) -> None:
    assert names("*.csv") == ["t.csv"]
    assert names("**/*.XML") == ["deep/c.XML"]
    assert names("*.dat") == ["x.dat"]  # b.dat belongs to b.hea
    assert names("b.*") == ["b.hea"]


def test_files_in_the_order_given_each_once(folder: Path) -> None:
    assert names("t.csv", "a.dcm", "deep", "a.dcm", "b") == ["t.csv", "a.dcm", "deep/IM0001", "deep/c.XML", "b"]


def test_a_file_whose_name_looks_like_a_pattern(folder: Path) -> None:
    (folder / "e[1].dcm").touch()
    assert names("e[1].dcm") == ["e[1].dcm"]


def test_what_means_nothing(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(EinthovenError, match="holds no recordings"):
        names("empty")
    with pytest.raises(EinthovenError, match="matches no file"):
        names("*.scp")


def test_segments_are_no_recordings_of_their_own(folder: Path) -> None:
    (folder / "m.hea").write_text("m/4 12 500 3000\nm_layout 0\nm_1 1500\n~ 500\nm_2 1000\n")
    for name in ("m_layout.hea", "m_1.hea", "m_1.dat", "m_2.hea", "m_2.dat", "n.hea"):
        (folder / name).write_text("damaged")
    assert names(".") == ["a.dcm", "b.hea", "deep/IM0001", "deep/c.XML", "m.hea", "n.hea"]
    assert names("m*.hea") == ["m.hea"]
    assert names("m_1.hea") == ["m_1.hea"]  # asked for by its name
