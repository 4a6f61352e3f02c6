"""The live page never shows the past as the present: monitors and services are killed while it watches."""

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from viewing import Open, replaying
from websockets.sync.client import connect

from einthoven.serve.stream.replay import END
from serve.service import Service, eventually

TIME = r"\d\d:\d\d:\d\d"
KEEP_S = 10

Live = Callable[..., Page]


@pytest.fixture(scope="module")
def shared() -> Iterator[Service]:
    with Service("--stream-keep-seconds", KEEP_S, workers=1) as service:
        yield service


@pytest.fixture
def service(shared: Service) -> Iterator[Service]:
    """A service without streams; those of the test are ended after it."""
    yield shared
    eventually(lambda: not _end_streams(shared))


def _end_streams(service: Service) -> list[dict[str, Any]]:
    """End the streams whose monitor was killed, and return all that are left."""
    streams: list[dict[str, Any]] = service.client.get("/v1/streams").json()["streams"]
    for stream in streams:
        if not stream["connected"]:
            with connect(service.url.replace("http", "ws", 1) + "/v1/stream") as socket:
                socket.send(json.dumps({"resume": stream["stream"]}))
                socket.recv()
                socket.send(json.dumps(END))
    return streams


@pytest.fixture
def live(visit: Open) -> Live:
    """Open the live tab of a service. It draws once a second: at full speed it would take the browser much CPU time."""

    def live(url: str) -> Page:
        page = visit(url, width=1024, height=640, reduced_motion="reduce")
        page.get_by_role("tab", name="Live").click()
        return page

    return live


def expect_live(page: Page) -> None:
    """Samples and an answer of now."""
    expect(page.locator("#live-bar")).to_have_attribute("data-kind", "live")
    expect(page.locator("#live-headline h2")).to_have_text("The last 10 s")
    expect(page.locator("#monitor")).not_to_have_class(re.compile("stale"))
    expect(page.locator("#live .stale")).to_have_count(0)


def expect_alert(page: Page) -> None:
    expect(page.locator("#alert")).to_have_text(re.compile("◆ Infarct-pattern alert since"))


def expect_past(page: Page, kind: str, words: str) -> None:
    """All that was measured is marked as of the past, in words and in colour; an alert is still there."""
    expect(page.locator("#live-bar")).to_have_attribute("data-kind", re.compile(f"^{kind}$"))
    expect(page.locator("#live-state")).to_have_text(re.compile(words))
    for part in ("alert", "live-headline", "live-details", "monitor"):
        expect(page.locator(f"#{part}")).to_have_class(re.compile(r"\bstale\b"))
    expect(page.locator("#monitor canvas")).to_have_css("filter", "grayscale(1) opacity(0.5)")
    expect(page.get_by_role("img", name="The last tracing, not current")).to_be_visible()
    expect(page.locator("#alert")).to_have_text(re.compile("ALERT before the signal was lost: infarct pattern since"))
    expect(page.locator("#live-headline h2")).to_have_text(re.compile(f"The 10 s before .*{TIME} *not current"))
    ground = style(page, "body", "backgroundColor")
    assert style(page, "#alert", "backgroundColor") == ground  # and not red
    assert style(page, "#live-headline", "backgroundColor") == ground
    soft = style(page, "#live-headline dt", "color")
    for part in (".decision", ".percentage", "dd"):
        assert style(page, f"#live-headline {part}", "color") == soft
    assert style(page, "#live-headline .verdict:not(.acute) .sign", "color") == soft


def style(page: Page, at: str, name: str) -> str:
    return str(page.locator(at).first.evaluate(f"node => getComputedStyle(node).{name}"))


def expect_counting(page: Page) -> None:
    """The age goes up, though nothing comes."""
    state = page.locator("#live-state")
    expect(state).not_to_have_text(state.inner_text())


def test_a_killed_monitor(live: Live, service: Service, recording: Path) -> None:
    """Its name is text: markup in it is shown, not run."""
    name = "<img src=x onerror=1> & Bed 4"
    page = live(service.url)
    with replaying(service.url, recording, "--speed", "10", "--name", name) as monitor:
        expect(page.locator("#live-name")).to_have_text(name)
        expect(page.locator("#streams .name")).to_have_text(name)
        expect_alert(page)
        expect_live(page)
        monitor.kill()
        monitor.wait()
        expect_past(page, "gone", f"The monitor is disconnected: no data since {TIME}")
        expect(page.locator("#streams")).to_contain_text("disconnected for")
        expect(page.locator("#announce")).to_have_text(re.compile("Bed 4: The monitor is disconnected"))
    expect_past(page, "over", f"did not reconnect: no data since {TIME}")
    expect(page.locator("#streams")).to_contain_text("disconnected, did not reconnect")
    expect(page.locator("#no-streams")).to_contain_text("No monitor is connected")  # and yet it still says so
    expect_past(page, "over", "did not reconnect")
    page.locator("#live-bar").get_by_role("button", name="Dismiss").click()
    expect(page.locator("#live-state")).to_have_text("No stream is selected.")
    expect(page.locator("#live-bar")).to_have_attribute("data-kind", "none")
    expect(page.locator("#dismiss")).to_be_hidden()
    for part in ("alert", "live-headline", "live-details"):
        expect(page.locator(f"#{part}")).to_be_hidden()
    expect(page.locator("#streams li")).to_have_count(0)


def test_a_stream_that_ends(live: Live, service: Service, recording: Path) -> None:
    page = live(service.url)
    with replaying(service.url, recording, "--speed", "10", "--seconds", "60") as monitor:
        expect_alert(page)
        monitor.wait()
        expect_past(page, "over", r"The monitor ended the stream at \d\d:\d\d\.")
    expect(page.locator("#streams")).to_contain_text("ended at")
    with replaying(service.url, recording, "--name", "The next"):
        expect(page.locator("#streams li")).to_have_count(2)
        expect(page.locator("#live-state")).to_contain_text("ended the stream")  # the next one does not push it away
        page.get_by_role("button", name="Dismiss Monitor").click()
        expect(page.locator("#live-name")).to_have_text("The next")
        expect_live(page)


def test_a_monitor_that_stalls(live: Live, service: Service, recording: Path) -> None:
    page = live(service.url)
    with replaying(service.url, recording, "--speed", "10") as monitor:
        expect_alert(page)
        for _ in range(2):
            monitor.send_signal(signal.SIGSTOP)
            expect_past(page, "silent", rf"No data for \d+ s; last data at {TIME}\.")
            expect(page.locator("#streams")).to_contain_text(
                re.compile(r"alert before the signal was lost, silent for")
            )
            expect_counting(page)
            monitor.send_signal(signal.SIGCONT)
            expect_live(page)
            expect_alert(page)
            expect(page.locator("#announce")).to_have_text(re.compile("live again"))


def test_answers_that_do_not_come(live: Live, service: Service, recording: Path) -> None:
    """The tracing is of now, but the answer is not."""
    page = live(service.url)
    with replaying(service.url, recording):
        expect_live(page)
        for worker in service.workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            expect(page.locator("#live-state")).to_have_text(re.compile(r"No new answer for \d+ s"))
            expect(page.locator("#live-headline")).to_have_class("stale")
            expect(page.locator("#announce")).to_have_text(re.compile("No new answer"))
            expect(page.locator("#monitor")).not_to_have_class(re.compile("stale"))
        finally:
            for worker in service.workers:  # those of now: a worker that takes too long is replaced
                os.kill(worker, signal.SIGCONT)
        expect_live(page)


def test_a_killed_service(live: Live, recording: Path) -> None:
    with Service(workers=1) as service:
        page = live(service.url)
        with replaying(service.url, recording, "--speed", "10", "--name", "Bed 4"):
            expect_alert(page)
            service.process.kill()
            service.process.wait()
        expect_past(page, "away", rf"The service does not respond\. No data for \d+ s; last data at {TIME}\.")
        expect(page.locator("#streams")).to_contain_text("unknown: the service does not respond")
        expect_counting(page)
    with Service("--port", service.port, workers=1) as again:
        expect_past(page, "over", f"no longer exists: no data since {TIME}")
        with replaying(again.url, recording, "--speed", "10", "--name", "Bed 4"):
            page.locator("#streams button[data-stream]").click()
            expect_alert(page)
            expect_live(page)


def test_a_network_that_breaks(live: Live, service: Service, recording: Path) -> None:
    """The stream is watched again as soon as it can be, whether the network says that it broke or not."""
    with Network(service.port) as network, replaying(service.url, recording, "--speed", "10"):
        page = live(f"http://127.0.0.1:{network.port}")
        expect_alert(page)
        expect_live(page)
        for cut in (network.stall, network.cut):
            cut()
            expect_past(page, "away", "The service does not respond")
            expect_counting(page)
            network.mend()
            expect_live(page)
            expect_alert(page)


def test_a_laptop_that_slept(live: Live, service: Service, recording: Path) -> None:
    """The clock that stands still while a laptop sleeps is not believed; nor is what waited meanwhile."""
    with Network(service.port) as network, replaying(service.url, recording, "--speed", "10"):
        page = live(f"http://127.0.0.1:{network.port}")
        expect_alert(page)
        expect_live(page)
        sockets = list[object]()
        page.on("websocket", lambda socket: sockets.append(socket))
        network.stall()
        page.evaluate("(() => { const now = Date.now; Date.now = () => now() + 3_600_000; })()")
        expect_past(page, "(silent|away)", r"No data for 1:00:\d\d h; last data at")
        network.mend()
        expect_live(page)
        assert sockets


def test_less_motion(live: Live, service: Service, recording: Path) -> None:
    """The tracing moves on once a second, not with each frame of the screen."""
    page = live(service.url)
    with replaying(service.url, recording):
        expect_live(page)
        times = page.locator("#monitor").evaluate("""monitor => new Promise(resolve => {
            const times = [];
            new MutationObserver(() => {
                times.push(Number(monitor.dataset.seconds));
                if (times.length === 3) resolve(times);
            }).observe(monitor, {attributeFilter: ["data-seconds"]});
        })""")
    assert all(after - before > 0.9 for before, after in pairwise(times))


class Network:
    """What lies between a page and the service on `port`; it can be cut, and can stall without a word."""

    def __init__(self, port: int) -> None:
        self._service = port
        self._ends: list[socket.socket] = []
        self._cut = False
        self._flows = threading.Event()
        self._flows.set()

    def __enter__(self) -> "Network":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def stall(self) -> None:
        """Pass nothing on, and close nothing."""
        self._flows.clear()

    def cut(self) -> None:
        """Close all connections, and each new one at once."""
        self._cut = True
        self._flows.set()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        """Pass on what waits, and all that comes."""
        self._cut = False
        self._flows.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._cut:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._service))
                self._ends += (client, server)
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
