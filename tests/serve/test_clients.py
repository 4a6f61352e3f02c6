"""Clients that hold connections, send malformed or oversized data, or never read."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from click.testing import CliRunner

from einthoven.cli.serve import serve
from einthoven.errors import EinthovenError
from einthoven.serve.connections import Connections
from einthoven.serve.settings import Settings
from serve.service import PATIENCE, Service, eventually
from serve.websocket import empty_fragments, frame, upgrade

HEAD = b"POST /v1/interpret HTTP/1.1\r\nHost: localhost\r\n"
MAX_CONNECTIONS = 20


class Transport:
    """A transport that can only be closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def few() -> Iterator[Service]:
    """A service that allows few connections."""
    with Service("--max-connections", MAX_CONNECTIONS, workers=1) as service:
        yield service


def answer(connection: socket.socket) -> bytes:
    """Return the bytes until the other end closes."""
    content = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            content += chunk
    return content


def status(service: Service, *pieces: bytes) -> bytes:
    """Return the status of a request that is sent in pieces."""
    with service.connect() as connection:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
        return answer(connection)[9:12]


def open_websocket(service: Service) -> socket.socket:
    connection = service.connect()
    connection.sendall(upgrade())
    assert connection.recv(2**16).startswith(b"HTTP/1.1 101")
    return connection


@pytest.mark.parametrize("kind", ["silent", "begun", "kept alive", "WebSocket"])
def test_idle_connections_make_room(few: Service, kind: str) -> None:
    crowd = []
    for _ in range(2 * MAX_CONNECTIONS):
        connection = few.connect()
        crowd.append(connection)
        if kind == "begun":
            connection.sendall(HEAD)
        elif kind == "kept alive":
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        elif kind == "WebSocket":
            connection.sendall(upgrade())
            assert connection.recv(4096).startswith(b"HTTP/1.1 101")
        assert httpx.get(f"{few.url}/health", timeout=PATIENCE).status_code == 200
    for connection in crowd:
        connection.close()


def test_busy_connections_do_not_make_room(few: Service) -> None:
    crowd = [few.connect() for _ in range(MAX_CONNECTIONS)]
    for connection in crowd:
        connection.sendall(HEAD + b"Content-Length: 3\r\n\r\n")
        time.sleep(0.01)
    eventually(lambda: answer_to_nothing(few).startswith(b"HTTP/1.1 503"))
    for connection in crowd:
        connection.sendall(b"abc")
        assert connection.recv(4096).startswith(b"HTTP/1.1 422")
        connection.close()
    assert httpx.get(f"{few.url}/health", timeout=PATIENCE).status_code == 200


def answer_to_nothing(service: Service) -> bytes:
    with service.connect() as connection:
        return answer(connection)


def test_connections_of_one_client_are_limited() -> None:
    connections = Connections(Settings(max_connections=10, max_client_connections=2, trusted_proxies=("10.0.0.0/8",)))

    def add(address: str) -> tuple[Transport, int]:
        transport = Transport()
        refusal = connections.add(transport, address)  # type: ignore[arg-type]
        connections.mark_busy(transport)  # type: ignore[arg-type]
        return transport, refusal[0] if refusal else 200

    first, _ = add("192.0.2.1")
    assert [add(address)[1] for address in ("192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1")] == [200, 429, 429]
    assert [add(address)[1] for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3")] == [200, 200, 429]
    assert [add(address)[1] for address in ("10.1.2.3", "10.1.2.3", "127.0.0.1", "::1", "")] == [200] * 5
    connections.mark_idle(first)  # type: ignore[arg-type]
    assert add("192.0.2.1")[1] == 200
    assert first.closed
    assert add("192.0.2.9")[1] == 200
    assert add("192.0.2.9")[1] == 503  # all ten are busy


def test_a_silent_connection_is_closed(few: Service) -> None:
    start = time.monotonic()
    assert answer_to_nothing(few)[9:12] == b"408"
    assert 4 < time.monotonic() - start < 4 + PATIENCE


LONG = b"X: " + b"x" * 1000 + b"\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + LONG * 66 + b"\r\n",),
        (HEAD, LONG * 66, b"\r\n"),
        (HEAD + b"X: " + b"x" * 66_000 + b"\r\n\r\n",),
        (HEAD + b"X: y\r\n" * 101 + b"\r\n",),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD + LONG * 66 + b"\r\n",),
        (upgrade()[:-2] + LONG * 66 + b"\r\n",),
        (upgrade()[:-2] + b"X: " + b"x" * 20_000 + b"\r\n\r\n",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 90_000 + b"\r\nx\r\n0\r\n\r\n",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000,),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + LONG * 90 + b"\r\n",),
    ],
    ids=str.split("one-packet pieces one-line lines pipelined upgrade upgrade-line extension tiny-chunks trailers"),
)
def test_headers_that_are_too_large_are_431(service: Service, pieces: tuple[bytes, ...]) -> None:
    with service.connect() as connection:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
        assert b"HTTP/1.1 431 " in answer(connection)


def test_headers_of_the_documented_size_are_taken(service: Service) -> None:
    with service.connect() as connection:
        head = b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + LONG * 63 + b"X: " + b"x" * 900 + b"\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_an_address_that_is_too_long_is_414(service: Service) -> None:
    assert status(service, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n") == b"414"


BAD = b"\xff\xfe\x80"


@pytest.mark.parametrize(
    "data",
    [
        frame(1, BAD),
        frame(8, b"\x03\xe8" + BAD),
        frame(8, b"\x00"),
        frame(3),
        frame(9, bytes(126)),
        frame(0),
        BAD,
        frame(1, bytes(9000)),
        empty_fragments(300),
        frame(9) * 300,
        frame(1, b"\xf0\x9f", final=False) + frame(0, b"\x28\x80"),
    ],
)
def test_malformed_frames_leave_no_traceback(service: Service, data: bytes) -> None:
    with open_websocket(service) as connection:
        with suppress(OSError):
            connection.sendall(data)
        answer(connection)
    unharmed(service)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + BAD + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + BAD + b"\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Y: " + BAD + b"\r\n\r\n",
        b"GET /v1/models?" + BAD + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD
        + b"Content-Length: 1\r\nContent-Type: "
        + BAD
        + b"\r\nContent-Disposition: x;filename="
        + BAD
        + b"\r\n\r\nx",
        HEAD + b"Content-Length: 1\r\nEinthoven-Subject: " + BAD + b"\r\nAccept: application/fhir+json\r\n\r\nx",
        upgrade("/v1/%ff"),
        upgrade("/v1/stream?" + "x" * 8000),
        upgrade()[:-2] + b"X-Y: " + BAD + b"\r\n\r\n",
        upgrade()[:-2] + b"Sec-WebSocket-Protocol: " + BAD + b"\r\n\r\n",
        upgrade().replace(b"Version: 13", b"Version: \xff"),
        upgrade().replace(b"GET", b"POST"),
        upgrade().replace(b"websocket", b"h2c"),
    ],
)
def test_malformed_heads_leave_no_traceback(service: Service, head: bytes) -> None:
    with service.connect() as connection:
        connection.sendall(head)
        assert connection.recv(2**16).startswith(b"HTTP/1.1 ")
    unharmed(service)


def unharmed(service: Service) -> None:
    assert service.client.get("/health").status_code == 200
    for word in ("Traceback", "Fatal error", "Exception", "Error"):
        assert word not in service.log


def test_on_windows_the_service_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    result = CliRunner().invoke(serve)
    assert isinstance(result.exception, EinthovenError)
    assert "needs Linux or macOS" in str(result.exception)


def test_a_proxy_must_be_an_address() -> None:
    with pytest.raises(EinthovenError, match=r"--trusted-proxy proxy\.example: is neither an address"):
        Settings(trusted_proxies=("proxy.example",)).check()
