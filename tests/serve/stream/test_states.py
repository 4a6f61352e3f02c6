"""State and name of a stream, for watchers and in the list of streams."""

import json
import socket as sockets
from collections.abc import Iterator
from typing import Any

import pytest

from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.frames import encode
from einthoven.serve.stream.handshake import parse_handshake
from einthoven.serve.stream.liveness import SILENT_S
from einthoven.serve.stream.playback import Playback
from einthoven.serve.stream.replay import Replay
from serve.service import Service as Process
from serve.service import eventually
from serve.stream.monitors import FIRST, Service, config, receive

NAME = "Bed 4, Ödön"


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    with Process("--stream-keep-seconds", 2 * SILENT_S, workers=1) as process:
        yield process


@pytest.fixture
def own(process: Process) -> Service:
    """A service without streams of other tests, which keeps broken streams only for a short time."""
    return Service(process.port)


def listed(process: Process, stream: str) -> dict[str, Any]:
    streams = process.client.get("/v1/streams").json()["streams"]
    return next((entry for entry in streams if entry["stream"] == stream), {})


def state(socket: Any) -> str:
    """Receive the next state."""
    return str(receive(socket, "state")[-1]["state"])


def test_watchers_are_told_of_silence(process: Process, own: Service, ecg: Recording) -> None:
    samples = ecg.signal.T
    with own.dial(name=NAME) as monitor:
        stream = receive(monitor, "ready")[0]["stream"]
        with own.dial({"watch": True, "stream": stream}) as watcher:
            assert receive(watcher, "ready")[0]["state"] == "live"
            monitor.send(encode(0, samples[:100]))
            monitor.send(encode(200, samples[200:500]))
            first, second = receive(watcher, "state")[-1], receive(watcher, "state")[-1]
            assert first["state"] == second["state"] == "silent"
            assert SILENT_S <= first["silent_s"] < second["silent_s"]
            assert first["time_s"] == 1.0
            there = listed(process, stream)
            assert (there["state"], there["connected"], there["name"]) == ("silent", True, NAME)
            assert there["silent_s"] >= SILENT_S
            monitor.send(encode(0, samples[:500]))  # some again, and a gap is filled
            assert state(watcher) == "silent"
            monitor.send(encode(500, samples[500:1000]))
            assert state(watcher) == "live"
            assert receive(watcher, "samples")[-1]["time_s"] == 1.0


def test_watchers_are_told_at_once_that_a_monitor_has_gone(process: Process, own: Service, ecg: Recording) -> None:
    with own.dial(name=NAME) as monitor:
        stream = receive(monitor, "ready")[0]["stream"]
        monitor.send(encode(0, ecg.signal.T[:500]))
        with own.dial({"watch": True, "stream": stream}) as watcher:
            monitor.socket.shutdown(sockets.SHUT_RDWR)
            while (gone := receive(watcher, "state")[-1])["state"] != "gone":
                pass
            assert gone["silent_s"] <= listed(process, stream)["silent_s"]
            assert not listed(process, stream)["connected"]
            with own.dial({"resume": stream}) as again, own.dial({"watch": True, "stream": stream}) as second:
                assert receive(again, "ready")[0]["name"] == NAME
                again.send(encode(500, ecg.signal.T[500:1000]))
                assert receive(watcher, "samples")
                assert receive(second, "ready")[0]["state"] in ("live", "silent")
                again.socket.shutdown(sockets.SHUT_RDWR)
            ended = receive(watcher)[-1]
    assert (ended["type"], ended["ended_by"]) == ("ended", "service")
    assert listed(process, stream) == {}


def test_new_watchers_are_told_that_a_monitor_has_gone(own: Service, ecg: Recording) -> None:
    with own.dial() as monitor:
        stream = receive(monitor, "ready")[0]["stream"]
        monitor.send(encode(0, ecg.signal.T[:500]))
        receive(monitor, "state")
        monitor.socket.shutdown(sockets.SHUT_RDWR)
        with own.dial({"watch": True, "stream": stream}) as watcher:
            ready = receive(watcher, "ready")[0]
            assert ready["silent_s"] >= SILENT_S
            assert ready["state"] == "gone" or state(watcher) == "gone"


def test_a_name_is_shown_and_never_logged(process: Process, own: Service, ecg: Recording) -> None:
    with own.dial(name=f"  {NAME} ") as monitor:
        ready = receive(monitor, "ready")[0]
        assert ready["name"] == NAME
        monitor.send(encode(0, ecg.signal.T))
        assert NAME not in json.dumps(receive(monitor, "answer")[-1], ensure_ascii=False)
        assert listed(process, ready["stream"])["name"] == NAME
        monitor.send(b"\xff")  # and an error
        receive(monitor)
    for wrong in (NAME + "\n", 50 * NAME):
        with own.dial(name=wrong) as monitor:
            assert NAME not in json.dumps(receive(monitor), ensure_ascii=False)
    eventually(lambda: not listed(process, ready["stream"]))
    assert process.log
    for output in (process.log, process.client.get("/metrics").text):
        for part in ("Bed 4", "Ödön", "\\xd6", "\\u00d6"):
            assert part not in output


def test_a_replay_has_a_name(process: Process, own: Service, ecg: Recording) -> None:
    names = []

    def see(_: str) -> None:
        names.extend(entry["name"] for entry in process.client.get("/v1/streams").json()["streams"])

    Replay(Playback(ecg), ecg.leads, ecg.rate, own.url, speed=20.0, name="Bed 7")(see)
    assert "Bed 7" in names


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        41 * "a",
        "a\nb",
        "a\0",
        "\x1b[31m",
        "\u202ea",
        "\u2066a",
        "a\u200bb",
        "\ud800",
        "\ufeff",
        4,
        True,
        ["a"],
    ],
)
def test_names_that_do_not_print_are_refused(name: Any) -> None:
    with pytest.raises(StreamError, match='"name" must be 1 to 40 printable characters') as error:
        parse_handshake(FIRST | {"name": name}, LEADS)
    assert str(name).strip() in ("", "4") or str(name) not in str(error.value)


@pytest.mark.parametrize("name", [None, "Bed 4", 40 * "é", "ベッド4", "سرير ٤", "<b>&"])
def test_printable_names(name: str | None) -> None:
    declared = config(name=name)
    assert declared.name == name
    assert name is None or name not in repr(declared)
