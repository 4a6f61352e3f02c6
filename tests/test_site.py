"""`make docs`: the documentation builds, and a broken link, anchor or API reference fails."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("zensical")

ROOT = Path(__file__).parents[1]
CONFIGURATION = (ROOT / "zensical.toml").read_text(encoding="utf-8")
ELSEWHERE = re.compile(r'<(?:script|img|iframe|link)\b[^>]*(?:src|href)="(?:https?:)?//')


def _with_source(configuration: str) -> str:
    """The configuration with the package's place spelled out, for a site that is built elsewhere."""
    return configuration.replace('paths = ["src"]', f"paths = ['{ROOT / 'src'}']")


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of one page, with the configuration of the real one."""
    configuration = re.sub(r"^nav = \[$.*?^\]$", "", CONFIGURATION, flags=re.MULTILINE | re.DOTALL)
    assert configuration != CONFIGURATION
    (tmp_path / "zensical.toml").write_text(_with_source(configuration), encoding="utf-8")
    (tmp_path / "docs" / "assets").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "assets" / "iframe-worker.js", tmp_path / "docs" / "assets")
    return tmp_path


def test_the_site_builds_and_loads_nothing_from_other_hosts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "zensical.toml").write_text(_with_source(CONFIGURATION), encoding="utf-8")
    done = build(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "build" / "docs").rglob("*.html"))
    assert len(pages) > 30
    assert [page for page in pages if ELSEWHERE.search(page.read_text(encoding="utf-8"))] == []
    assert (tmp_path / "build" / "docs" / "search.js").exists()  # the index for pages that are opened as files


def test_every_page_is_in_the_navigation() -> None:
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert pages == set(re.findall(r'"([\w/-]+\.md)"', CONFIGURATION))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# A\n\n[here](#a), `einthoven`\n\n::: einthoven.errors\n", 0),
        ("# A\n\n[nowhere](none.md)\n", 1),
        ("# A\n\n[nowhere](#none)\n", 1),
        ("# A\n\n::: einthoven.none\n", 1),
    ],
    ids=["good", "link", "anchor", "reference"],
)
def test_a_broken_link_or_reference_fails(text: str, code: int, small: Path) -> None:
    (small / "docs" / "index.md").write_text(text, encoding="utf-8")
    done = build(small)
    assert done.returncode == code, done.stdout + done.stderr
