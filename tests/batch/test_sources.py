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
    return [path.replace(os.sep, "/") for path in find_sources(arguments)]


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
