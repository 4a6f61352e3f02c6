"""Monitors and watchers of a real service."""

import base64
import json
import os
import random
import socket as sockets
import struct
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.frames import Samples, encode
from einthoven.serve.stream.playback import Playback
from serve.stream.monitors import FIRST, IDLE_S, MAX_STREAMS, TOKEN, Messages, Service, answers, receive

END = '{"end": true}'


def send(socket: ClientConnection, samples: Samples, place: int = 0, size: int = 250) -> int:
    """Send frames of samples from a place on; return the place after them."""
    for start in range(0, len(samples), size):
        socket.send(encode(place + start, samples[start : start + size]))
    return place + len(samples)


def played(service: Service, recording: Recording, seconds: float, **fields: Any) -> Messages:
    """Loop a recording for some seconds; return all messages of the service."""
    samples = Playback(recording, loop=True, noise=np.random.default_rng(0)).take(round(seconds * recording.rate))
    with service.dial(rate_hz=recording.rate, **fields) as socket:
        send(socket, samples)
        socket.send(END)
        return receive(socket)


def problem(messages: Messages) -> dict[str, Any]:
    assert messages[-1]["type"] == "error", messages
    return dict(messages[-1]["problem"])


def streams(service: Service) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {TOKEN}"}
    return list(httpx.get(f"http://127.0.0.1:{service.port}/v1/streams", headers=headers).json()["streams"])


def test_a_stream_from_its_beginning_to_its_end(service: Service, ecg: Recording) -> None:
    with service.dial() as socket:
        (ready,) = receive(socket, "ready")
        assert ready["leads"] == list(LEADS)
        assert ready["next_sequence"] is None
        send(socket, ecg.signal.T)
        (answer,) = answers(receive(socket, "answer"))[-1:]
        assert answer["stream"] == ready["stream"]
        assert ready["stream"] in [entry["stream"] for entry in streams(service)]
        socket.send(END)
        messages = receive(socket)
    assert messages[-1] == {"type": "ended", "stream": ready["stream"], "time_s": 10.0, "ended_by": "monitor"}
    assert ready["stream"] not in [entry["stream"] for entry in streams(service)]
    last = answers(messages)[-1]
    assert (last["time_s"], last["window_s"], last["missing_s"]) == (10.0, 10.0, 0.0)
    assert last["heart_rate_bpm"] == pytest.approx(70, abs=3)
    assert last["interpretation"]["quality"] == last["quality"]


@pytest.mark.parametrize("dtype", ["int16", "json"])
def test_all_kinds_of_frames_give_the_same_answer(service: Service, ecg: Recording, dtype: str) -> None:
    units = np.rint(1000 * ecg.signal.T).astype(int)
    interpretations = []
    for kind in ("float32", dtype):
        with service.dial(dtype=kind, uv_per_unit=1) as socket:
            for start in range(0, 5000, 500):
                part = units[start : start + 500]
                if kind == "json":
                    socket.send(json.dumps({"sequence": start, "samples": part.tolist()}))
                else:
                    socket.send(struct.pack("<I", start) + part.astype("<i2" if kind == "int16" else "<f4").tobytes())
            socket.send(END)
            interpretations.append(answers(receive(socket))[-1]["interpretation"])
            interpretations[-1]["recording"].pop("source")
    assert interpretations[0] == interpretations[1]


def test_an_infarct_raises_the_alert_and_a_normal_tracing_does_not(
    service: Service, patient: Callable[[int], Recording]
) -> None:
    infarct = answers(played(service, patient(184), 45))[-1]["alert"]
    assert infarct["active"]
    assert 30 <= infarct["since_s"] < 32
    normal = answers(played(service, patient(51), 45))[-1]["alert"]
    assert normal == {"active": False, "since_s": None, "windows": 0, "of": 3}
    assert not answers(played(service, patient(184), 45, alert_windows=6))[-1]["alert"]["active"]


def test_a_lead_that_comes_off_is_reported(service: Service, ecg: Recording) -> None:
    samples = Playback(ecg, loop=True).take(10_000)
    samples[5000:, 8] = 0
    with service.dial() as socket:
        place = send(socket, samples[:5000])
        before = _until(socket, 9.0)
        send(socket, samples[5000:], place)
        after = _until(socket, 19.0)
    assert before["quality"]["leads"][8] == {"lead": "V3", "problems": []}
    assert after["quality"]["leads"][8] == {"lead": "V3", "problems": ["off"]}
    assert not after["interpretation"]["abstained"]


def _until(socket: ClientConnection, time_s: float) -> dict[str, Any]:
    """Return the first answer about this time or a later one."""
    while True:
        answer = receive(socket, "answer")[-1]
        if answer["time_s"] >= time_s:
            return answer


def test_a_gap_is_reported(service: Service, ecg: Recording) -> None:
    with service.dial() as socket:
        send(socket, ecg.signal.T[:2000])
        send(socket, ecg.signal.T[2400:], 2400)
        socket.send(END)
        last = answers(receive(socket))[-1]
    assert last["missing_s"] == 0.8
    assert last["time_s"] == 10.0
    assert "from 4.00 to 4.80 s" in last["interpretation"]["recording"]["warnings"][0]["text"]


@pytest.mark.parametrize("how", ["mid-frame", "no closing handshake"])
def test_a_broken_connection_can_be_resumed(service: Service, ecg: Recording, how: str) -> None:
    samples = ecg.signal.T
    with service.dial() as broken:
        stream = receive(broken, "ready")[0]["stream"]
        send(broken, samples[:3000])
        _until(broken, 5.0)
        if how == "mid-frame":
            frame = encode(3000, samples[3000:3250])
            broken.socket.sendall(b"\x82\xfe" + struct.pack(">H", len(frame)) + b"\0\0\0\0" + frame[:100])
        broken.socket.shutdown(sockets.SHUT_RDWR)
    with service.dial({"resume": stream}) as socket:
        (ready,) = receive(socket, "ready")
        assert ready["resumed"]
        assert ready["next_sequence"] == 3000
        send(socket, samples[3000:], 3000)
        socket.send(END)
        last = answers(receive(socket))[-1]
    assert (last["time_s"], last["missing_s"]) == (10.0, 0.0)


def test_a_second_connection_takes_the_stream_over(service: Service, ecg: Recording) -> None:
    with ExitStack() as open_ones:
        first = open_ones.enter_context(service.dial())
        stream = receive(first, "ready")[0]["stream"]
        second = open_ones.enter_context(service.dial({"resume": stream}))
        receive(second, "ready")
        send(first, ecg.signal.T[:250])
        assert "Another connection" in problem(receive(first))["detail"]
        send(second, ecg.signal.T)
        second.send(END)
        assert answers(receive(second))[-1]["time_s"] == 10.0


def test_a_normal_closure_ends_a_stream(service: Service) -> None:
    with service.dial() as socket:
        stream = receive(socket, "ready")[0]["stream"]
    with service.dial({"resume": stream}) as again:
        assert "no such stream" in problem(receive(again))["detail"]


def test_watchers_get_answers_and_samples(service: Service, ecg: Recording) -> None:
    with service.dial() as monitor:
        stream = receive(monitor, "ready")[0]["stream"]
        with service.dial({"watch": True, "stream": stream}) as watcher:
            assert receive(watcher, "ready")[0]["leads"] == list(LEADS)
            trace, place = [], 0
            for start in range(0, 2000, 250):
                place = send(monitor, ecg.signal.T[start : start + 250], place)
                while sum(len(part["signal"][0]) for part in trace) < place // 2:
                    trace.append(receive(watcher, "samples")[-1])
            assert {part["rate_hz"] for part in trace} == {250.0}
            signal = np.concatenate([part["signal"] for part in trace], axis=1)
            assert np.abs(signal - ecg.signal[:, :2000].reshape(12, 1000, 2).mean(axis=2)).max() < 0.001
            assert [part["time_s"] for part in trace] == sorted(part["time_s"] for part in trace)
            monitor.send(END)
            messages = receive(watcher)
    assert answers(messages)[-1]["stream"] == stream
    assert messages[-1]["type"] == "ended"


def test_watchers_get_derived_leads(service: Service, ecg: Recording) -> None:
    eight = ["II", "I", "V1", "V2", "V3", "V4", "V5", "V6"]
    samples = ecg.signal.T[:500, [LEADS.index(lead) for lead in eight]].copy()
    samples[:100, 0] = np.nan
    with service.dial(leads=eight, tracing=True) as socket:
        send(socket, samples)
        signal = receive(socket, "samples")[-1]["signal"]
    assert signal[5][0] is None  # aVF needs II
    assert signal[0][0] == pytest.approx(ecg.signal[0, :2].mean(), abs=0.001)


def test_the_token_is_required(service: Service) -> None:
    for first in ({"token": "wrong"}, {"token": None}, {"token": 7}, {"token": TOKEN + " "}):
        with service.dial(FIRST | first) as socket:
            refused = problem(receive(socket))
        assert (refused["status"], refused["title"]) == (401, "Token required")
        assert socket.close_code == 1008
    assert httpx.get(f"http://127.0.0.1:{service.port}/v1/streams").status_code == 401


def test_pages_of_other_origins_are_refused(service: Service) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(service.url, origin="https://example.org")  # type: ignore[arg-type]
    with connect(service.url, origin=f"http://127.0.0.1:{service.port}"):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize("first", ["", "hello", "[]", '{"token": "a-token-for-the-tests"}'])
def test_a_wrong_first_message(service: Service, first: str) -> None:
    with service.dial(first) as socket:
        detail = problem(receive(socket))["detail"]
    assert "first message" in detail or '"leads"' in detail


NOISE = random.Random(1).randbytes(1000)


@pytest.mark.parametrize("garbage", [b"", b"\xff" * 999, NOISE, "no json", '{"sequence": "a"}'])
def test_garbage_ends_the_connection_and_nothing_else(service: Service, ecg: Recording, garbage: str | bytes) -> None:
    with service.dial(dtype="int16") as socket:
        receive(socket, "ready")
        socket.send(garbage)
        assert problem(receive(socket))["status"] == 400
    assert len(answers(played(service, ecg, 5))) > 0


def test_an_oversize_message_ends_the_connection(service: Service, ecg: Recording) -> None:
    with service.dial() as socket:
        receive(socket, "ready")
        with pytest.raises(ConnectionClosed):
            socket.send(b"\0" * 300_000)
            receive(socket)
            socket.recv()
        assert socket.close_code == 1009
    assert len(answers(played(service, ecg, 5))) > 0


def test_bytes_that_are_not_websocket_frames(service: Service, ecg: Recording) -> None:
    with sockets.create_connection(("127.0.0.1", service.port)) as raw:
        key = base64.b64encode(os.urandom(16)).decode()
        raw.sendall(
            f"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert b"101" in raw.recv(1000)
        raw.sendall(b"\xff" * 5000)
        while raw.recv(1000):
            pass
    assert len(answers(played(service, ecg, 5))) > 0


def test_no_more_streams_than_allowed(service: Service) -> None:
    with ExitStack() as open_ones:
        for _ in range(MAX_STREAMS - sum(entry["connected"] for entry in streams(service))):
            receive(open_ones.enter_context(service.dial()), "ready")
        with service.dial() as socket:
            assert problem(receive(socket))["status"] == 429
        assert socket.close_code == 1013


def test_idle_clients_are_disconnected(service: Service, ecg: Recording) -> None:
    """One client sends nothing, the other repeats the same samples."""
    start = time.monotonic()
    with service.dial() as silent, service.dial() as stuck:
        receive(stuck, "ready")
        with pytest.raises(ConnectionClosed):
            while time.monotonic() < start + 10 * IDLE_S:
                send(stuck, ecg.signal.T[:250])
                time.sleep(0.05)
        assert "No new sample" in problem(receive(stuck))["detail"]
        assert "Nothing arrived" in problem(receive(silent))["detail"]


def test_a_flood_is_slowed_and_a_slow_reader_gets_the_newest(service: Service, ecg: Recording) -> None:
    """Send 2.5 minutes at once: a client more than a minute ahead of its clock has to wait."""
    samples = Playback(ecg, loop=True).take(75_000)
    start = time.monotonic()
    with service.dial(interval_s=20) as socket:
        send(socket, samples, size=2500)
        socket.send(END)
        last = answers(receive(socket))[-1]
    assert last["time_s"] == 150.0
    assert last["skipped"] == 0
    assert time.monotonic() - start >= (150 - 60) / 20 - 1
