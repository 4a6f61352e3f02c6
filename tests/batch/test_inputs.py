"""Standard input, addresses, archives and links on the command line."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven import examples
from einthoven.batch.sources import find_sources

Einthoven = Callable[..., tuple[int, str, str]]
NORMAL = Path(examples.path("normal"))


class Stdin(io.TextIOWrapper):
    """Standard input with content, or a terminal."""

    def __init__(self, content: bytes, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.isatty = lambda: terminal  # type: ignore[method-assign]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".hea", ".dat"):
            archive.write(NORMAL.with_suffix(suffix), f"normal{suffix}")
    return out.getvalue()


def test_a_pipe_is_interpreted_as_the_file_is(einthoven: Einthoven, tmp_path: Path) -> None:
    (tmp_path / "normal.zip").write_bytes(zipped())
    _, expected, _ = einthoven("interpret", tmp_path / "normal.zip", "--format", "json")
    command = [sys.executable, "-m", "einthoven", "interpret", "-", "--format", "json"]
    result = subprocess.run(command, input=zipped(), capture_output=True, check=True)
    found, same = json.loads(result.stdout), json.loads(expected)
    assert found["recording"].pop("source") == "stdin"
    assert same["recording"].pop("source") == str(tmp_path / "normal.zip")
    assert found == same


def test_standard_input_next_to_files_and_with_an_output(
    einthoven: Einthoven, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(zipped()))
    out = tmp_path / "answers.csv"
    assert einthoven("interpret", "-", NORMAL, "-", "--out", out)[0] == 0
    assert [line.split(",")[0] for line in out.read_text().splitlines()[1:]] == ["stdin", str(NORMAL)]


@pytest.mark.parametrize(
    ("content", "terminal", "words"),
    [
        (b"", False, "stdin: is empty."),
        (b"", True, "Standard input is a terminal"),
        (b"%PDF", False, "stdin: is a PDF"),
    ],
)
def test_what_is_wrong_with_standard_input_is_said(
    content: bytes, terminal: bool, words: str, einthoven: Einthoven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(content, terminal))
    code, _, error = einthoven("interpret", "-")
    assert code == 2
    assert words in error


def test_an_address_is_shown_without_its_secrets(einthoven: Einthoven) -> None:
    url = "http://127.0.0.1:9/ecg.dcm"
    code, _, error = einthoven("interpret", f"{url}?token=abc")
    assert (code, error.strip()) == (
        2,
        f"Error: {url}: cannot be reached; check the host in the address, and the network.",
    )


def test_archives_in_a_folder_are_recordings_if_their_names_say_so(tmp_path: Path) -> None:
    for name in ("a.dcm.gz", "b.zip", "c.xml.gz", "notes.txt.gz", "table.csv.gz", "d.gz", "e.tar.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"x"))
    found = find_sources([str(tmp_path)])
    assert [Path(file).name for file in found.files] == ["a.dcm.gz", "b.zip", "c.xml.gz"]
    assert sum(found.skipped.values()) == 4


def test_addresses_and_standard_input_are_no_patterns() -> None:
    sources = ["https://host/ecg.dcm?a=[1]*", "-", "s3://bucket/r", "-"]
    assert find_sources(sources).files == ["https://host/ecg.dcm?a=[1]*", "-", "s3://bucket/r"]


def test_links_need_the_option(einthoven: Einthoven, tmp_path: Path) -> None:
    (tmp_path / "normal.hea").symlink_to(NORMAL.with_suffix(".hea"))
    (tmp_path / "normal.dat").symlink_to(NORMAL.with_suffix(".dat"))
    code, _, error = einthoven("interpret", tmp_path)
    assert code == 2
    assert "--follow-links" in error
    assert einthoven("interpret", tmp_path, "--follow-links")[0] == 0
