"""Light and dark: every text can be read, and nothing is told by colour alone."""

import re
import signal
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect
from viewing import Open, open_sample, replaying

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# The contrast (WCAG 2.2) of each visible text with what is painted behind it, where that is less than 4.5.
POOR = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const behind = (node) => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) {
            const colour = rgba(getComputedStyle(at).backgroundColor);
            layers.push(colour);
            if (colour[3] === 1) break;
        }
        return layers.reverse().reduce((below, [r, g, b, a]) =>
            [r, g, b].map((value, k) => value * a + below[k] * (1 - a)), [255, 255, 255]);
    };
    const light = (colour) => {
        const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = colour.map((value) => linear(value / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        const text = walker.currentNode.data.trim();
        if (!text || node.closest("svg, script, option") || !node.checkVisibility()) continue;
        const [one, other] = [light(rgba(getComputedStyle(node).color).slice(0, 3)), light(behind(node))];
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (contrast < 4.5) poor.push(`${text}: ${contrast.toFixed(2)}`);
    }
    return poor;
}"""


def expect_contrast(page: Page) -> None:
    """Every text can be read, in the light and in the dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert page.evaluate(POOR) == [], scheme


def test_texts_stand_out(visit: Open, service: str) -> None:
    page = visit(service)
    page.locator("#samples button").first.wait_for()
    expect_contrast(page)
    for title in ("Inferior infarct", "Normal", "Atrial fibrillation", "Electrodes off", "A minute"):
        page.locator("#show-samples").click()
        open_sample(page, title)
        expect_contrast(page)


def test_texts_of_the_past_stand_out(visit: Open, service: str, recording: Path) -> None:
    page = visit(service, reduced_motion="reduce")
    page.get_by_role("tab", name="Live").click()
    with replaying(service, recording, "--speed", "20", "--seconds", "60", "--name", "Bed 4") as monitor:
        page.locator("#streams button", has_text="Bed 4").click()
        expect(page.locator("#alert")).to_contain_text("Infarct-pattern alert since")
        expect_contrast(page)
        monitor.send_signal(signal.SIGSTOP)
        expect(page.locator("#live-bar")).to_have_attribute("data-kind", "silent")
        expect(page.locator("#streams")).to_contain_text("silent for")
        expect_contrast(page)
        monitor.send_signal(signal.SIGCONT)
        expect(page.locator("#live-bar")).to_have_attribute("data-kind", "over")
        expect_contrast(page)


def test_the_switch_wins_over_the_system_and_lasts(visit: Open, service: str) -> None:
    page = visit(service, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Switch to light colours").click()
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == light


def test_the_paper_does_not_glare_in_the_dark(visit: Open, service: str) -> None:
    page = visit(service, color_scheme="dark")
    open_sample(page, "Normal")
    fill = page.locator(".ecg .sheet").evaluate("node => getComputedStyle(node).fill")
    colour = [int(part) for part in re.findall(r"\d+", fill)]
    assert max(colour) < 215
    assert min(colour) > 120  # paper all the same


def test_each_answer_has_a_shape_of_its_own(page: Page) -> None:
    signs = set()
    for title in ("Inferior infarct", "Normal", "Left bundle branch block", "Electrodes off"):
        page.locator("#show-samples").click()
        open_sample(page, title)
        signs.add(page.locator("#headline .verdict:not(.acute) .sign").inner_text())
    expect(page.locator("#list li")).to_have_count(4)
    assert len(signs) == 4
