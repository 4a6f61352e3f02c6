"""A real service, and the page in Debian's chromium."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from viewing import TOKEN, Open, running

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
    """Opens an address. At the end no page may have failed, broken its policy, or asked another host for anything."""
    contexts, trouble, asked = [], list[str](), set[str]()

    def visit(address: str, width: int = 1440, height: int = 900, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda request: asked.add(re.sub(r"^(\w+://[^/]*|blob:|data:).*", r"\1", request.url)))
        page.goto(address)
        asked.discard(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not trouble
    assert {one for one in asked if not re.match(r"(http|ws)://127\.0\.0\.1:\d+$|blob:|data:", one)} == set()


@pytest.fixture
def page(visit: Open, service: str) -> Page:
    return visit(service)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated infarct as a WFDB record: its header, with the .dat beside it."""
    stem = tmp_path_factory.mktemp("recording") / "anteroseptal"
    write_record(stem, sample_signal("anterior-infarct").T, RATE)
    return stem.with_suffix(".hea")
