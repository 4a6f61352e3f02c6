"""Files come in, answers and errors come out."""

import base64
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect
from viewing import TOKEN, Open, open_sample

DROP = """files => {
    const transfer = new DataTransfer();
    for (const [name, content] of files) {
        transfer.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name));
    }
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }
}"""


def drop(page: Page, *paths: Path) -> None:
    page.evaluate(DROP, [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths])


def test_a_dropped_record_is_read_and_its_answer_stands_first(page: Page, service: str, recording: Path) -> None:
    drop(page, recording.with_suffix(".dat"), recording)  # one recording, in whatever order
    headline = page.locator("#headline")
    expect(headline.locator(".verdict:not(.acute) .decision")).to_contain_text("Infarct pattern, acute or old")
    with httpx.Client(base_url=service) as client:
        files = [("file", (path.name, path.read_bytes())) for path in (recording, recording.with_suffix(".dat"))]
        answer = client.post("/v1/interpret", files=files).json()
    expect(headline.locator(".percentage")).to_have_text(f"{100 * answer['mi']['probability']:.0f} %")
    expect(headline.locator(".numbers")).to_contain_text(f"{answer['heart_rate_bpm']:.0f} bpm")
    expect(page.locator("#list li")).to_have_count(1)
    expect(page.locator("#list")).to_contain_text("infarct pattern, acute or old (")
    present = [one["name"] for one in answer["statements"] if one["present"]]
    assert present
    for name in present:
        expect(page.locator("#details")).to_contain_text(name)
    expect(page.locator("#details")).to_contain_text("All leads are good")
    expect(page.get_by_text("Research use only; not a medical device")).to_be_visible()


def test_leads_that_come_off_for_a_while_are_not_called_good_throughout(page: Page) -> None:
    open_sample(page, "A minute, leads off for a while")
    expect(page.locator("#details")).to_contain_text("All leads are good in most segments.")
    expect(page.locator("#details")).to_contain_text("V1, V2, V3, V4, V5 and V6 are flat at times (1 of 6 segments)")


def test_several_files_one_of_them_broken(page: Page, recording: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"DICM" * 40)
    drop(page, broken, recording, recording.with_suffix(".dat"))
    failure = page.get_by_role("alert").filter(has_text="broken.dcm could not be interpreted")
    expect(failure).to_be_visible()
    expect(failure).to_contain_text("is a DICOM file without waveforms")
    expect(page.locator("#list li")).to_have_count(2)
    expect(page.locator("#list li").first).to_contain_text("not read")
    page.get_by_role("button", name="anteroseptal.hea", exact=False).first.click()
    expect(page.locator(".ecg")).to_be_visible()
    expect(failure).to_be_hidden()
    page.get_by_role("button", name="Close broken.dcm").click()
    expect(page.locator("#list li")).to_have_count(1)


def test_a_header_without_its_signal_says_what_is_missing(page: Page, recording: Path) -> None:
    drop(page, recording)
    expect(page.locator("#failure")).to_contain_text("anteroseptal.dat")


def test_a_table_is_asked_for_its_rate(page: Page, tmp_path: Path) -> None:
    from einthoven.recording import LEADS
    from einthoven.simulate.samples import sample_signal

    rows = sample_signal("normal")[:, ::5].T
    table = tmp_path / "normal.csv"
    table.write_text("\n".join([",".join(LEADS), *(",".join(map(str, row)) for row in rows.tolist())]))
    page.set_input_files("#files", table)
    form = page.locator("#failure form")
    form.get_by_label("Sampling rate (Hz)").fill("100")
    form.get_by_label("Unit").select_option("uV")
    form.get_by_role("button", name="Try again").click()
    expect(page.locator("#headline .verdict:not(.acute) .decision")).to_contain_text("this does not exclude infarction")


def test_a_tracing_that_is_unfit_gets_reasons(page: Page) -> None:
    open_sample(page, "Electrodes off")
    expect(page.locator("#headline")).to_contain_text("Not interpreted")
    expect(page.locator("#headline")).to_contain_text("V1, V2, V3, V4 and V5 are off")
    expect(page.locator(".quality li").first).to_have_text("V1 off")
    expect(page.locator(".ecg .remark").first).to_have_text("off")
    expect(page.locator(".explain")).to_have_count(0)


def test_samples_are_called_simulated_everywhere(page: Page) -> None:
    count = page.locator("#samples button").count() or page.locator("#samples button").first.wait_for() or 0
    count = page.locator("#samples button").count()
    assert page.locator("#samples em", has_text="simulated").count() == count > 5
    open_sample(page, "Normal")
    expect(page.locator("#headline")).to_contain_text("simulated, no patient")
    expect(page.locator(".ecg .simulated")).to_have_text("SIMULATED")


def test_a_long_recording_is_gone_through_in_time(page: Page) -> None:
    open_sample(page, "A minute, leads off for a while")
    navigator = page.locator("#navigator")
    expect(navigator.locator("rect.withheld")).to_have_count(1)
    expect(navigator.locator("rect.rule-in")).to_have_count(5)
    expect(navigator.locator(".segment")).to_contain_text("%: infarct pattern, acute or old")
    for _ in range(3):
        navigator.get_by_label("Forward 10 s").click()
    expect(page.locator(".ecg .foot").first).to_contain_text("0:30 to 0:40")
    expect(navigator.locator(".segment")).to_contain_text("not interpreted, V1, V2, V3, V4, V5 and V6 are off")
    slider = navigator.get_by_label("Time shown")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator(".ecg .foot").first).to_contain_text("0:31 to 0:41")
    expect(slider).to_be_focused()
    page.locator("#details section", has_text="Most abnormal").get_by_role("button", name="0:00 to 0:30").click()
    expect(page.locator(".ecg .foot").first).to_contain_text("0:00 to 0:10")


def test_a_service_with_a_token_asks_for_it_once_and_forgets_it(visit: Open, guarded: str) -> None:
    page = visit(guarded)
    dialog = page.get_by_role("dialog", name="Access token")
    dialog.get_by_label("Token").fill("a-wrong-one-of-enough-letters")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("did not accept")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Continue").click()
    open_sample(page, "Normal")
    expect(dialog).to_be_hidden()
    assert TOKEN not in page.content()
    assert TOKEN not in page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    page.reload()
    expect(dialog).to_be_visible()
