"""Photograph the viewer for docs/images/viewer*.png, with simulated tracings. Run: python docs/images/viewer.py

Needs chromium and an installation with the `dev` extra.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

here = Path(__file__).parent


def sample(page: Page, title: str) -> None:
    """Open a simulated tracing."""
    page.locator("#show-samples").click()
    page.locator("#samples button").filter(has=page.locator("b", has_text=title)).click()
    page.locator("#headline h2", has_text=title).wait_for()


command = [sys.executable, "-m", "einthoven", "serve", "--port", "0", "--workers", "1"]
quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
with subprocess.Popen(command, **quiet) as service, sync_playwright() as playwright:
    address = re.search(r"http://\S+", service.stdout.readline())[0]
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    for title in ("Normal", "Atrial fibrillation", "Electrodes off", "Inferior infarct"):
        sample(page, title)
    page.get_by_role("button", name="Show what supports an infarct pattern").click()
    page.locator(".ecg .explanation rect").first.wait_for(state="attached")
    page.get_by_role("button", name="Calipers").click()
    paper = page.locator(".ecg").bounding_box()
    height = paper["y"] + 0.548 * paper["height"]  # of R peaks in V3; where they are, as shares of the width:
    page.mouse.move(paper["x"] + 0.5927 * paper["width"], height)
    page.mouse.down()
    page.mouse.move(paper["x"] + 0.6715 * paper["width"], height)
    page.mouse.up()
    page.screenshot(path=here / "viewer.png")

    page = browser.new_page(viewport={"width": 1024, "height": 768}, color_scheme="dark")
    page.goto(address)
    sample(page, "Normal")
    sample(page, "Anterior infarct")
    page.screenshot(path=here / "viewer-tablet.png")
    browser.close()
    service.terminate()
