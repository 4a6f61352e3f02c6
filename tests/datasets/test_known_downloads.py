"""Known sets from a real server with a few records."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.datasets.known import known_names
from einthoven.ptbxl import fetch
from ptbxl.server import Server, contents, write_sums

Run = Callable[..., tuple[int, str, str]]
PART = "training/georgia"


@pytest.fixture
def published(challenge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The Challenge's tree with two sources."""
    monkeypatch.setattr(fetch, "BACKOFF_S", 0.001)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "published"
    for source in ("georgia", "ningbo"):
        folder = root / "training" / source / "g1"
        folder.mkdir(parents=True)
        for name in ("E00000", "E00001"):
            for ending in (".hea", ".dat"):
                shutil.copy(challenge / "g1" / f"{name}{ending}", folder)
    (root / "LICENSE.txt").write_text("CC BY 4.0\n")
    write_sums(root)
    server = Server(root)
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def test_one_source_is_downloaded_checked_and_imported(einthoven: Run, published: Server, tmp_path: Path) -> None:
    folder, out = tmp_path / "georgia", tmp_path / "set"
    code, text, err = einthoven("data", "get", "georgia", folder, "--base-url", published.url)
    assert (code, err) == (0, "")
    assert "Georgia 12-Lead ECG Challenge Database" in text
    assert "2 records; 5 files" in text
    names = set(contents(folder)) - {".einthoven-georgia"}
    assert names == {"LICENSE.txt", "SHA256SUMS.txt"} | {
        f"{PART}/g1/{name}{ending}" for name in ("E00000", "E00001") for ending in (".hea", ".dat")
    }
    damaged = folder / PART / "g1" / "E00001.dat"
    damaged.write_bytes(b"x")
    assert "1 downloaded now" in einthoven("data", "get", "georgia", folder, "--base-url", published.url)[1]
    code, text, err = einthoven("data", "import", folder, "--set", "georgia", "--out", out, "--workers", 1)
    assert (code, err) == (0, "")
    facts = Annotations.read(out).facts
    assert facts.source.startswith("Georgia 12-Lead ECG Challenge Database, Perez Alday et al. 2020")
    assert facts.licence == "CC BY 4.0"


def test_folders_of_other_data_are_refused(einthoven: Run, published: Server, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert einthoven("data", "get", "georgia", folder, "--base-url", published.url)[0] == 0
    for name in ("ningbo", "ptb-xl"):
        code, _, err = einthoven("data", "get", name, folder, "--base-url", published.url)
        assert code == 2
        assert "is not empty and holds no files of" in err
    other = tmp_path / "other"
    other.mkdir()
    (other / "RECORDS").write_text("mine")
    assert einthoven("data", "get", "georgia", other, "--base-url", published.url)[0] == 2
    assert contents(other) == {"RECORDS": b"mine"}


def test_a_server_without_the_part(einthoven: Run, published: Server, tmp_path: Path) -> None:
    code, _, err = einthoven("data", "get", "cpsc-2018", tmp_path / "x", "--base-url", published.url)
    assert code == 2
    assert "lists no records; check that this is the address of China Physiological Signal Challenge 2018." in err


def test_names(einthoven: Run, tmp_path: Path) -> None:
    code, text, _ = einthoven("data", "get", "--list")
    assert code == 0
    assert [line.split(":")[0] for line in text.splitlines()] == ["ptb-xl", *known_names()]
    assert "There is no data set 'georgai'; choose one of ptb-xl, chapman" in einthoven("data", "get", "georgai")[2]
    assert "Give the name of a data set" in einthoven("data", "get")[2]
    assert "cannot be downloaded here: it is published on figshare" in einthoven("data", "get", "sph")[2]
    assert "--rate is for ptb-xl" in einthoven("data", "get", "georgia", tmp_path, "--rate", 100)[2]
