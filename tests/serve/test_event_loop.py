"""No request blocks the event loop or costs the listening process much CPU time, whatever it contains."""

import json
import re
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from einthoven.recording import LEADS
from serve.service import PATIENCE, Service
from serve.stream.monitors import FIRST
from serve.websocket import empty_fragments, frame, upgrade

BLOCKED_S = 0.05
"""Longest CPU time of one callback of the event loop."""
COST_S = 1.0
"""CPU time of the listening process for one hostile client."""
HEAD = b"POST /v1/interpret HTTP/1.1\r\nHost: localhost\r\n"


class Measured(Service):
    """A service that measures how long its event loop was blocked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        super().__init__(command=[sys.executable, "-B", "-m", "serve.measured", str(file), "serve", "--port", "0"])

    def reset(self) -> None:
        with self._file.open("r+b") as file:
            file.write(struct.pack("d", 0))

    @property
    def blocked_s(self) -> float:
        return float(struct.unpack("d", self._file.read_bytes())[0])


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    with Measured(tmp_path_factory.mktemp("loop") / "longest") as service:
        service.wait_until_idle()
        for path in ("/openapi.json", "/v1/samples", "/v1/streams", "/v1/models"):  # imports that happen once
            service.client.get(path)
        sent(HEAD + b"Content-Length: 0\r\nConnection: close\r\n\r\n")(service)
        service.client.post("/v1/interpret/batch", files={"a": b"b"})
        stream(json.dumps(FIRST), json.dumps({"end": True}))(service)
        yield service


def sent(data: bytes) -> Callable[[Service], None]:
    """Return a client that sends data and reads the answer."""

    def attack(service: Service) -> None:
        with service.connect() as connection, suppress(OSError):
            connection.sendall(data)
            while connection.recv(2**16):
                pass

    return attack


def talked(data: bytes) -> Callable[[Service], None]:
    """Return a client that opens a WebSocket, sends data and reads the answer."""

    def attack(service: Service) -> None:
        with service.connect() as connection, suppress(OSError):
            connection.sendall(upgrade())
            assert connection.recv(2**16).startswith(b"HTTP/1.1 101")
            connection.sendall(data)
            while connection.recv(2**16):
                pass

    return attack


def posted(content: bytes, path: str = "/v1/interpret", **headers: str) -> Callable[[Service], None]:
    def attack(service: Service) -> None:
        with suppress(httpx.TransportError):  # refused before all was sent
            httpx.post(f"{service.url}{path}", content=content, timeout=PATIENCE, headers=headers)

    return attack


def stream(*messages: str | bytes) -> Callable[[Service], None]:
    def attack(service: Service) -> None:
        url = f"{service.url.replace('http', 'ws')}/v1/stream"
        with connect(url, compression=None) as socket, suppress(ConnectionClosed):
            for message in messages:
                socket.send(message)
            while True:
                socket.recv(timeout=PATIENCE)

    return attack


def samples(text: str) -> tuple[str, str]:
    return json.dumps(FIRST | {"dtype": "json"}), f'{{"sequence": 0, "samples": [{text}]}}'


OPENING = json.dumps(FIRST).encode()
END = b'{"end": true}'
HEADERS = b"".join(b"h%d.hea\n" % k for k in range(400))
FORM = b"".join(
    b'--b\r\nContent-Disposition: form-data; filename="h%d.hea"\r\n\r\n' % k + HEADERS + b"\r\n" for k in range(400)
)
ATTACKS: dict[str, Callable[[Service], object]] = {
    "lead name of 8 kB": stream(json.dumps(FIRST | {"leads": ["I" + "_" * 7000]})),
    "lead name of 200 kB": stream(json.dumps(FIRST | {"leads": ["I" + " " * 200_000]})),
    "lead names of 100": stream(
        json.dumps(FIRST | {"leads": [*LEADS, *("lead_-." * 14 for _ in range(20))]}), END.decode()
    ),
    "headers that name each other": posted(
        FORM + b"--b--\r\n", "/v1/interpret/batch", **{"content-type": "multipart/form-data; boundary=b"}
    ),
    "32 MiB": posted(bytes(2**25)),
    "Content-Disposition": posted(b"x", **{"content-disposition": "attachment;" + 'x="' * 20_000}),
    "Content-Type": posted(b"x", "/v1/interpret/batch", **{"content-type": "multipart/form-data;" + 'b="' * 20_000}),
    "Accept": posted(b"x", accept="image/png;q=0.1," * 4000),
    "query": posted(b"x", "/v1/interpret?" + "prevalence=mi=0.05&" * 3000),
    "query that is allowed": posted(b"x", "/v1/interpret?" + "leads=" + "I," * 4000),
    "unknown parameters": posted(b"x", "/v1/interpret?" + "&".join("abcdefghijklmnopqrstuvwxyz" * 2)),
    "many headers": sent(HEAD + b"a:\r\n" * 16_000 + b"\r\n"),
    "one-byte chunks": sent(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 300_000),
    "chunk extensions": sent(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 30_000 + b"\r\nx\r\n") * 60
    ),
    "pipelined requests": sent(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000),
    "empty lines": sent(b"\r\n" * 500_000),
    "empty fragments": talked(empty_fragments(300_000)),
    "empty fragments after the first message": talked(frame(1, OPENING) + empty_fragments(300_000)),
    "pings": talked(frame(9) * 100_000),
    "empty messages": talked(frame(1) * 300_000),
    "empty messages after the first": talked(frame(1, OPENING) + frame(1) * 300_000),
    "bytes after the end": talked(frame(1, OPENING) + frame(1, END) + frame(1) * 300_000),
    "the largest frame of JSON": stream(*samples(",".join(["[1,1,1,1,1,1,1,1,1,1,1,1]"] * 2500)), END.decode()),
    "a frame of JSON that is too large": stream(*samples(",".join(["[]"] * 80_000))),
    "a frame of JSON full of lists": stream(*samples(",".join(["[]"] * 20_000))),
    "the largest frame": stream(
        json.dumps(FIRST | {"tracing": True, "dtype": "int16"}), bytes(4 + 24 * 5000), END.decode()
    ),
    "a sample": lambda service: service.client.get("/v1/samples/normal"),
    "metrics": lambda service: service.client.get("/metrics"),
    "openapi": lambda service: service.client.get("/openapi.json"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_request_blocks_the_event_loop(measured: Measured, name: str) -> None:
    check(measured, ATTACKS[name], name)


def test_inputs_that_once_blocked_it(measured: Measured, test_data: Path) -> None:
    cases = test_data / "cases" / "reliability"
    opening = (cases / "stream-opening-30kB-lead-name.json").read_text()
    check(measured, stream(opening), "opening")
    form = (cases / "batch-headers-that-name-each-other.form").read_bytes()
    check(measured, posted(form, "/v1/interpret/batch", **{"content-type": "multipart/form-data; boundary=XX"}), "form")


def check(measured: Measured, attack: Callable[[Service], object], name: str) -> None:
    measured.reset()
    before = measured.cpu_seconds
    attack(measured)
    measured.client.get("/health")
    cost = measured.cpu_seconds - before
    print(f"{name}: blocked for {1e3 * measured.blocked_s:.1f} ms, {cost:.2f} s in all")
    assert measured.blocked_s < BLOCKED_S
    assert cost < COST_S
    assert not re.search("Traceback|Fatal error|exception", measured.log)
