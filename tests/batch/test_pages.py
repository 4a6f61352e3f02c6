"""`einthoven interpret --report` as a user meets it."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

Interpret = Callable[..., tuple[int, str]]


@pytest.fixture(name="interpret")
def interpret_command(einthoven: Callable[..., tuple[int, str, str]]) -> Interpret:
    """Run `einthoven interpret`: exit code, standard error."""

    def run(*arguments: object) -> tuple[int, str]:
        code, _, err = einthoven("interpret", *arguments)
        return code, err

    return run


@pytest.fixture
def archive(simulated: Path, tmp_path: Path) -> Path:
    """Three records, two of them of the same name, and a file that is none."""
    folder = tmp_path / "archive"
    for number, place in ((1, "a"), (2, "a"), (1, "b")):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for file in simulated.rglob(f"0000{number}_lr.*"):
            shutil.copy(file, folder / place / file.name)
    (folder / "b" / "nothing.edf").write_text("no recording")
    return folder


@pytest.mark.parametrize(("ending", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("SVG", b"<svg")])
def test_one_page(interpret: Interpret, archive: Path, tmp_path: Path, ending: str, start: bytes) -> None:
    page = tmp_path / "new" / f"page.{ending}"
    code, err = interpret(archive / "a" / "00001_lr.hea", "--report", page, "--layout", "6x2", "--gain", 5)
    assert (code, err) == (0, "")
    assert page.read_bytes().startswith(start)
    assert [file.name for file in page.parent.iterdir()] == [page.name]


def test_a_folder_of_pages(interpret: Interpret, archive: Path, tmp_path: Path) -> None:
    code, _ = interpret(archive, "--out", tmp_path / "out.csv", "--report", tmp_path / "pages", "--workers", 1)
    assert code == 1, "one file is no recording"
    pages = sorted(tmp_path.joinpath("pages").rglob("*.*"))
    names = ["a/00001_lr.hea.pdf", "a/00002_lr.hea.pdf", "b/00001_lr.hea.pdf"]
    assert [str(page.relative_to(tmp_path / "pages")) for page in pages if page.is_file()] == names
    assert all(len(pdfium.PdfDocument(tmp_path / "pages" / name)) == 2 for name in names)


def test_wrong_options_are_refused_at_once(interpret: Interpret, archive: Path, tmp_path: Path) -> None:
    one = archive / "a" / "00001_lr.hea"
    for arguments, words in (
        ((one, "--report", tmp_path / "page.jpg"), ".pdf, .png, .svg or .dcm"),
        ((archive, "--report", tmp_path / "page.pdf"), "4 recordings"),
        ((one, "--report", tmp_path / "page.pdf", "--report-format", "png"), "--report-format"),
        ((one, "--speed", 50), "--report PATH"),
        ((one, "--explain", "MI", "--format", "csv"), "--report PATH"),
        ((one, "--explain", "XYZ"), "no such label; it has NORM, "),
        ((one, "--report", tmp_path / "page.pdf", "--speed", 30), "--speed"),
        ((archive, "--report", one / "pages"), "folder is needed"),
    ):
        code, err = interpret(*arguments)
        assert code == 2
        assert words in err
        assert "Traceback" not in err
    assert not list(tmp_path.glob("page*"))


def test_without_the_extra(
    interpret: Interpret, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "reportlab", None)
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    monkeypatch.delitem(sys.modules, "einthoven.report.page.pdf", raising=False)
    one = archive / "a" / "00001_lr.hea"
    code, err = interpret(one, "--report", tmp_path / "page.pdf")
    assert code == 2
    assert "pip install '.[report]'" in err
    assert interpret(one, "--report", tmp_path / "page.svg")[0] == 0


def test_names_in_a_file_stay_there(interpret: Interpret, tmp_path: Path, test_data: Path) -> None:
    text = (test_data / "formats" / "ge-muse" / "cvrg-250hz.xml").read_text(encoding="latin-1")
    assert "RESTING" in text
    (tmp_path / "ecg.xml").write_text(text.replace("RESTING", "Quizzleby"), encoding="latin-1")
    for options in ((), ("--identify",)):
        assert interpret(tmp_path / "ecg.xml", "--report", tmp_path / "page.svg", *options)[0] == 0
        page = (tmp_path / "page.svg").read_text()
        assert ("Quizzleby" in page) == bool(options)
        assert interpret(tmp_path / "ecg.xml", "--report", tmp_path / "page.pdf", *options)[0] == 0
        page = pdfium.PdfDocument(tmp_path / "page.pdf")[0].get_textpage().get_text_range()
        assert ("Quizzleby" in page) == bool(options)
