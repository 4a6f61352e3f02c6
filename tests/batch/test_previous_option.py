"""`einthoven interpret NEW --previous OLD`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven import examples

Einthoven = Callable[..., tuple[int, str, str]]
NEW, OLD = examples.path("left-bundle-branch-block"), examples.path("normal")


def test_text_has_a_section(einthoven: Einthoven) -> None:
    code, out, _ = einthoven("interpret", NEW, "--previous", OLD, "--model", "edge")
    assert code == 0
    section = out[out.index("Compared with ") :]
    assert "New: complete left bundle branch block." in section
    assert max(map(len, section.splitlines()[1:])) <= 90


def test_json_and_the_json_of_the_previous(einthoven: Einthoven, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    assert einthoven("interpret", OLD, "--model", "edge", "--out", old)[0] == 0
    with_file = einthoven("interpret", NEW, "--previous", OLD, "--model", "edge", "--format", "jsonl")
    with_json = einthoven("interpret", NEW, "--previous", old, "--model", "edge", "--format", "jsonl")
    assert with_file == with_json
    comparison = json.loads(with_file[1])["comparison"]
    assert comparison["with"] == str(OLD)
    assert {"CLBBB"} <= {change["code"] for change in comparison["changes"] if change["significant"]}


def test_a_file_that_resumes_and_a_page(einthoven: Einthoven, tmp_path: Path) -> None:
    out, page = tmp_path / "new.json", tmp_path / "new.svg"
    options = ("--previous", OLD, "--model", "edge", "--out", out, "--report", page)
    assert einthoven("interpret", NEW, *options)[0] == 0
    assert json.loads(out.read_text())["comparison"]["in_words"]
    assert page.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((NEW, OLD, "--previous", OLD), "--previous compares one recording with an earlier one, not 2; give one."),
        ((NEW, "--previous", OLD, "--format", "csv"), "csv cannot hold a comparison; choose --format text, json"),
        ((NEW, "--previous", "missing.dcm"), "missing.dcm: cannot be used as the previous ECG: "),
        ((NEW, "--previous", __file__), "cannot be used as the previous ECG: "),
    ],
)
def test_what_cannot_be_compared(einthoven: Einthoven, arguments: tuple[object, ...], words: str) -> None:
    code, _, err = einthoven("interpret", *arguments, "--model", "edge")
    assert code == 2
    assert words in err


def test_the_previous_file_is_not_overwritten(einthoven: Einthoven, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    einthoven("interpret", OLD, "--model", "edge", "--out", old)
    before = old.read_bytes()
    code, _, err = einthoven("interpret", NEW, "--previous", old, "--model", "edge", "--out", old)
    assert code == 2
    assert "would overwrite" in err
    assert old.read_bytes() == before
