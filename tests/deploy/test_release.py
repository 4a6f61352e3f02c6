"""What a release says of itself agrees: its version, and the versions of Python that CI runs it on."""

import re
import tomllib
from pathlib import Path

import einthoven

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def found(pattern: str, file: str) -> list[str]:
    """What a pattern finds in the lines of a file."""
    return re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_the_version_stands_in_the_package_alone() -> None:
    assert "version" not in PROJECT
    assert "version" in PROJECT["dynamic"]


def test_the_citation_names_the_version_of_the_package() -> None:
    assert found(r"^version: (.+)$", "CITATION.cff") == [einthoven.__version__]


def test_the_latest_release_in_the_changelog_is_the_version_of_the_package() -> None:
    headings = found(r"^## (.+)$", "CHANGELOG.md")
    releases = [heading.split()[0] for heading in headings if heading != "Unreleased"]
    assert releases[:1] in ([], [einthoven.__version__])  # none before the first release


def test_ci_runs_on_every_python_that_is_promised() -> None:
    promised = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", name)]
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert set(found(r'python: "(.+)"$', ".github/workflows/ci.yml")) == set(promised)
