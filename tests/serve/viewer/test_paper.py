"""The tracing on paper: scale, layouts, calipers, explanations, print."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from viewing import Open, open_sample, visiting

MM = 96 / 25.4  # CSS px


RESET = """async () => {
    const {change} = await import("/viewer/state.js");
    localStorage.clear();
    change({layout: "3x4", speed: 25, gain: 10, zoom: "auto", explained: null});
    document.querySelector("#calipers[aria-pressed=true]")?.click();
}"""


@pytest.fixture(scope="module")
def infarct(browser: Browser, service: str) -> Iterator[Page]:
    """A page with a simulated infarct."""
    with visiting(browser) as visit:
        page = visit(service)
        open_sample(page, "Inferior infarct")
        yield page


@pytest.fixture
def shown(infarct: Page) -> Page:
    """The page as it is after the infarct was opened."""
    infarct.evaluate(RESET)
    return infarct


def choose(page: Page, group: str, option: str) -> None:
    page.get_by_role("group", name=group, exact=True).get_by_role("radio", name=option, exact=True).check()


def width_mm(page: Page) -> float:
    return float(page.locator(".ecg").bounding_box()["width"]) / MM  # type: ignore[index]


def rise_of_pulse(page: Page) -> tuple[float, float, float, float]:
    """Screen coordinates of the first calibration pulse: where it rises and falls, its foot and its top."""
    box = page.locator(".ecg").bounding_box()
    assert box
    path = page.locator(".ecg path.ink").first.get_attribute("d") or ""
    foot, rise, top, fall = (float(part) for part in _numbers(path))
    scale = box["width"] / float((page.locator(".ecg").get_attribute("viewBox") or "").split()[2])
    return box["x"] + rise * scale, box["x"] + fall * scale, box["y"] + foot * scale, box["y"] + top * scale


def _numbers(path: str) -> tuple[str, str, str, str]:
    """Of `M2 42H3V32H8V42h1` the foot 42, the rise 3, the top 32 and the fall 8."""
    first, *rest = path[1:].split("M")[0].replace("V", "H").split("H")
    return first.split()[1], rest[0], rest[1], rest[2]


def test_layouts(shown: Page) -> None:
    for title, lines in (("6 × 2", 12), ("12 × 1", 12), ("3 × 4 + rhythm", 13)):
        choose(shown, "Layout", title)
        expect(shown.locator(".ecg path[data-lead]")).to_have_count(lines)


def test_true_scale_follows_speed_and_what_was_measured(shown: Page) -> None:
    assert width_mm(shown) == pytest.approx(262, abs=0.1)  # 12 mm of pulses, 10 s at 25 mm/s
    expect(shown.locator("#caption")).to_contain_text("True scale if this screen has 96 dots per inch")
    choose(shown, "mm/s", "50")
    assert width_mm(shown) == pytest.approx(512, abs=0.1)
    choose(shown, "mm/s", "25")
    shown.get_by_role("button", name="Measure this screen").click()
    dialog = shown.get_by_role("dialog", name="Measure this screen")
    dialog.get_by_label("Size").evaluate("slider => { slider.value = 80; slider.dispatchEvent(new Event('input')); }")
    dialog.get_by_role("button", name="Use this").click()
    expect(shown.locator("#caption .size")).to_have_text("True scale")
    assert width_mm(shown) == pytest.approx(0.8 * 262, abs=0.1)
    shown.get_by_role("button", name="Larger").click()
    expect(shown.locator("#caption .size")).to_have_text("125 % of true scale")
    shown.get_by_role("button", name="Fit", exact=True).click()
    assert width_mm(shown) == pytest.approx(shown.locator("#paper").evaluate("node => node.clientWidth") / MM, abs=0.1)


def test_calipers_read_the_calibration_pulse(shown: Page) -> None:
    shown.get_by_role("button", name="Calipers").click()
    for speed, gain in ((25, 10), (25, 5), (25, 20), (50, 10)):
        choose(shown, "mm/s", str(speed))
        choose(shown, "mm/mV", str(gain))
        rise, fall, foot, top = rise_of_pulse(shown)
        shown.mouse.move(rise, foot)
        shown.mouse.down()
        shown.mouse.move(fall, top, steps=4)
        shown.mouse.up()
        expect(shown.locator("#caption output")).to_contain_text("200 ms · 1.00 mV")


def test_zoom_by_wheel_keeps_the_place_and_dragging_moves(shown: Page) -> None:
    shown.mouse.move(900, 400)
    shown.keyboard.down("Control")
    shown.mouse.wheel(0, -300)
    shown.keyboard.up("Control")
    scroll = "node => [node.scrollLeft, node.scrollWidth > node.clientWidth]"
    before, wider = shown.locator("#paper").evaluate(scroll)
    assert wider
    shown.mouse.down()
    shown.mouse.move(800, 400, steps=3)
    shown.mouse.up()
    assert shown.locator("#paper").evaluate(scroll)[0] == pytest.approx(before + 100, abs=2)


def test_everything_by_keyboard(page: Page) -> None:
    page.locator("#samples button").first.wait_for()
    page.locator("#choose-first").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#samples button").first).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".ecg")).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator("#layout input[value='12x1']")).to_be_checked()
    page.keyboard.press("g")
    expect(page.locator("#gain input[value='20']")).to_be_checked()
    page.keyboard.press("g")
    page.keyboard.press("c")
    corner = page.get_by_role("slider", name="Caliper corner 1")
    expect(corner).to_be_focused()
    expect(page.locator("#caption output")).to_contain_text("400 ms · 1.00 mV · 150 bpm")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#caption output")).to_contain_text("604 ms · 1.00 mV · 99 bpm")
    expect(corner).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#caption output")).to_contain_text("604 ms · 1.20 mV")
    page.keyboard.press("m")
    expect(page.locator(".march")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    tabs = page.get_by_role("tab", name="Recordings")
    tabs.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Live")).to_be_focused()
    expect(page.locator("#live")).to_be_visible()


def test_each_finding_can_be_explained(shown: Page) -> None:
    shown.get_by_role("button", name="Show what supports an infarct pattern").click()
    boxes = shown.locator(".ecg .explanation rect")
    boxes.first.wait_for(state="attached")
    expect(shown.locator("#caption")).to_contain_text("what supports “infarct pattern”")
    of_infarct = boxes.evaluate_all("all => all.map(one => one.outerHTML).join()")
    rhythm = shown.get_by_role("button", name="sinus rhythm:", exact=False)
    rhythm.click()
    expect(rhythm).to_have_attribute("aria-pressed", "true")
    expect(shown.locator("#caption")).to_contain_text("what supports “sinus rhythm”")
    assert boxes.evaluate_all("all => all.map(one => one.outerHTML).join()") != of_infarct
    rhythm.click()
    expect(boxes).to_have_count(0)


def test_the_print_has_the_answer_and_the_tracing_at_true_scale_on_its_first_page(shown: Page) -> None:
    document = pypdfium2.PdfDocument(shown.pdf(prefer_css_page_size=True, print_background=True))
    assert len(document) == 2
    first, second = (" ".join(page.get_textpage().get_text_range().split()) for page in document)
    for words in ("Infarct pattern, acute or old", "Research use only; not a medical device", "SIMULATED", "Rhythm"):
        assert words in first
    for words in ("FINDINGS", "CRITERIA MET", "Research use only; not a medical device"):
        assert words in second
    dots = 10  # a mm
    image = np.asarray(document[0].render(scale=dots * 25.4 / 72).to_pil().convert("RGB"), np.int16)
    # columns of the paper's bold lines
    bold = np.flatnonzero((image[:, :, 0] - image[:, :, 2] > 55).mean(axis=0) > 0.3)
    lines = bold[np.insert(np.diff(bold) > 3, 0, True)] / dots
    assert len(lines) == 53
    assert np.diff(lines) == pytest.approx(5, abs=0.15)
    assert lines[-1] - lines[0] == pytest.approx(260, abs=0.3)


def test_the_pdf_of_the_service(shown: Page) -> None:
    with shown.expect_download() as download:
        shown.get_by_role("button", name="PDF").click()
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "Inferior infarct.pdf"
    assert "acute or old" in pypdfium2.PdfDocument(BytesIO(content))[0].get_textpage().get_text_range()


def test_a_tablet_sees_the_answer_and_then_the_whole_tracing(visit: Open, service: str) -> None:
    page = visit(service, 768, 1024, has_touch=True)
    open_sample(page, "Anterior infarct")
    expect(page.locator("#caption")).to_contain_text("% of true scale")
    boxes = [page.locator(name).bounding_box() for name in ("#headline", ".ecg", "#details")]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
