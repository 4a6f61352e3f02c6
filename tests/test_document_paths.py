"""Every path that the documents name exists in the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "einthoven"
DOCUMENTS = sorted(
    [
        *(path for folder in (".", "benchmarks", "weights") for path in (ROOT / folder).glob("*.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
HISTORY = "CHANGELOG.md"
"""It names paths of earlier releases."""
FOLDERS = "benchmarks|configs|deploy|docs|fuzz|requirements|src|tests|weights"
OF_THE_ROOT = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*-]*[\w/*]")
OF_THE_PACKAGE = re.compile(r"`(\w+/[\w/*]+\.py)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def missing(document: Path) -> list[str]:
    """The paths in the text of `document` that do not exist."""
    text = document.read_text(encoding="utf-8")
    links = LINK.findall(text)
    text = LINK.sub("", text)
    of_the_root = OF_THE_ROOT.findall(text)
    of_the_package = [path for path in OF_THE_PACKAGE.findall(text) if path not in of_the_root]
    return [
        *(link for link in links if not (document.parent / link).exists()),
        *(path for path in of_the_root if not any(ROOT.glob(path))),
        *(path for path in of_the_package if not any(PACKAGE.glob(path)) and not (document.parent / path).exists()),
    ]


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if path.name != HISTORY], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_path_in_a_document_exists(document: Path) -> None:
    assert missing(document) == []


@pytest.mark.parametrize(
    "text", ["see `configs/none.toml`.", "`train/none.py`", "[a](none.md#b)", "--config weights/none "]
)
def test_a_path_that_does_not_exist_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(text)
    assert len(missing(tmp_path / "a.md")) == 1


@pytest.mark.parametrize(
    "script", sorted((ROOT / "benchmarks").glob("*/*.py")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_benchmark_is_listed(script: Path) -> None:
    listed = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert f"`{script.parent.name}/{script.name}`" in listed
