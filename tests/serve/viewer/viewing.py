"""What the tests of the viewer share: the service, and how a sample is opened."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

TOKEN = "a-token-of-these-tests"
Open = Callable[..., Page]


@contextmanager
def running(*options: str) -> Iterator[str]:
    """The address of a service, until the end."""
    command = [sys.executable, "-m", "einthoven", "serve", "--port", "0", "--model", "edge", "--workers", "1"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "env": os.environ | {"OMP_NUM_THREADS": "1"}}
    with subprocess.Popen([*command, *options], text=True, **quiet) as service:  # type: ignore[call-overload]
        try:
            assert service.stdout
            found = re.search(r"http://\S+", service.stdout.readline())
            assert found, "the service did not start"
            yield found[0]
        finally:
            service.terminate()
            service.wait(30)


@contextmanager
def visiting(browser: Browser) -> Iterator[Open]:
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


@contextmanager
def replaying(url: str, recording: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A monitor that sends `recording` again and again to the service at `url`."""
    stream = url.replace("http", "ws", 1) + "/v1/stream"
    command = [sys.executable, "-m", "einthoven", "replay", str(recording), "--loop", "--url", stream, *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as monitor:
        try:
            yield monitor
        finally:
            monitor.kill()


def open_sample(page: Page, title: str) -> None:
    """Open a simulated tracing, and wait for its answer."""
    page.locator("#samples button").filter(has=page.locator("b", has_text=title)).click()
    page.locator("#headline h2", has_text=title).wait_for()
    page.locator(".ecg").wait_for()
