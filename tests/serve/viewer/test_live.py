"""A live stream is watched while a recording is replayed."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect
from viewing import TOKEN, Open, open_sample

INKED = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let dark = 0;
    for (let k = 0; k < data.length; k += 4) dark += data[k] + data[k + 1] + data[k + 2] < 200;
    return dark;
}"""


def test_a_replay_is_watched(visit: Open, guarded: str, recording: Path, tmp_path: Path) -> None:
    page = visit(guarded)
    page.get_by_role("textbox", name="Token").fill(TOKEN)
    page.keyboard.press("Enter")
    open_sample(page, "Normal")
    page.get_by_role("tab", name="Live").click()
    expect(page.locator("#no-streams")).to_contain_text("einthoven replay FILE")
    token = tmp_path / "token"
    token.write_text(TOKEN)
    url = guarded.replace("http", "ws", 1) + "/v1/stream"
    command = [sys.executable, "-m", "einthoven", "replay", str(recording), "--loop", "--speed", "10", "--url", url]
    with subprocess.Popen([*command, "--token-file", str(token)], stdout=subprocess.DEVNULL) as monitor:
        try:
            expect(page.locator("#streams li")).to_have_count(1)
            expect(page.locator("#live-headline .verdict:not(.acute) .decision")).to_contain_text(
                "Infarct pattern, acute or old"
            )
            expect(page.locator("#live-state")).to_contain_text("Live, 0:")
            expect(page.locator("#alert")).to_contain_text("Infarct-pattern alert since")
            canvas = page.locator("#monitor canvas")
            assert canvas.evaluate(INKED) > 3000
            monitored = page.locator("#monitor")
            seconds = monitored.get_attribute("data-seconds") or ""
            expect(monitored).not_to_have_attribute("data-seconds", seconds)  # the pen moves on
        finally:
            monitor.terminate()
    expect(page.locator("#streams")).to_contain_text("disconnected for")
