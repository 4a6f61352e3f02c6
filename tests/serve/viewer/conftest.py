"""A real service, and the page in Debian's chromium."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from viewing import TOKEN, Open, running, visiting

from einthoven.ptbxl.records import write_record
from einthoven.simulate.samples import RATE, sample_signal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

expect.set_options(timeout=20_000)  # machines may be busy


@pytest.fixture(scope="package")
def service() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="package")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that wants TOKEN."""
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_text(TOKEN)
    with running("--token-file", str(path)) as address:
        yield address


@pytest.fixture(scope="module")  # while it is open, its event loop runs in the thread of all tests
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium here (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    with visiting(browser) as visit:
        yield visit


@pytest.fixture
def page(visit: Open, service: str) -> Page:
    return visit(service)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated infarct as a WFDB record: its header, with the .dat beside it."""
    stem = tmp_path_factory.mktemp("recording") / "anteroseptal"
    write_record(stem, sample_signal("anterior-infarct").T, RATE)
    return stem.with_suffix(".hea")
