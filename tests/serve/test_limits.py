"""Requests that are too large, too slow or too many, and workers that die."""

import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from readers import writers
from serve.conftest import RECEIVE_SECONDS
from serve.service import COMMAND, PATIENCE, Service, eventually, parts

HEAD = b"POST /v1/interpret HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for a thousand connections in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def interpret(service: Service, content: bytes) -> httpx.Response:
    return httpx.post(f"{service.url}/v1/interpret", content=content, timeout=PATIENCE)


def answer(connection: socket.socket) -> bytes:
    """Return the bytes until the other end closes; fewer if it resets the connection."""
    content = b""
    try:
        while chunk := connection.recv(65536):
            content += chunk
    except ConnectionResetError:
        pass
    return content


def test_a_slow_client_is_sent_away(service: Service, dicom: bytes) -> None:
    silent, head, body = (service.connect() for _ in range(3))
    head.sendall(HEAD)
    body.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    ends = time.monotonic() + 10 * RECEIVE_SECONDS
    open_ones = {head, body}
    while open_ones and time.monotonic() < ends:  # a byte now and then, so that no connection is ever idle
        assert interpret(service, dicom).status_code == 200
        for connection in list(open_ones):
            try:
                connection.sendall(b"X" if connection is body else b"X-Y: z\r\n")
            except OSError:
                open_ones.discard(connection)
        time.sleep(0.1)
    assert not open_ones
    for connection in (silent, head, body):
        content = answer(connection)
        assert content.startswith(b"HTTP/1.1 408") or content == b""
        connection.close()
    assert answer_to_nothing(service).startswith(b"HTTP/1.1 408")


def answer_to_nothing(service: Service) -> bytes:
    with service.connect() as connection:
        return answer(connection)


def test_a_body_without_end_is_cut_off(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk, sent = b"100000\r\n" + bytes(2**20) + b"\r\n", 0
        with suppress(OSError):
            while sent < 200:
                connection.sendall(chunk)
                sent += 1
        assert sent < 60
        assert b"413" in answer(connection)[:20]


def test_a_large_body_is_refused_before_it_comes(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 34000000\r\nExpect: 100-continue\r\n\r\n")
        content = answer(connection)
    assert content.startswith(b"HTTP/1.1 413")
    assert b"32 MiB" in content
    assert httpx.post(f"{service.url}/v1/interpret", content=bytes(34_000_000), timeout=PATIENCE).status_code == 413


@pytest.mark.parametrize("filler", [b"X-Filler: " + b"x" * 1000 + b"\r\n", b"x" * 1000])
def test_headers_without_end_are_cut_off(service: Service, filler: bytes) -> None:
    with service.connect() as connection:
        connection.sendall(HEAD + b"X: ")
        sent = 0
        with suppress(OSError):
            while sent < 20_000:
                connection.sendall(filler)
                sent += 1
        assert sent < 20_000
        assert answer(connection)[:12] in (b"HTTP/1.1 431", b"")


def test_trailers_without_end_are_cut_off(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        sent = 0
        with suppress(OSError):
            while sent < 20_000:
                connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
                sent += 1
        assert sent < 20_000


def test_a_thousand_connections_at_once(service: Service, dicom: bytes, many_files: None) -> None:
    early = httpx.Client(base_url=service.url, timeout=PATIENCE)
    assert early.get("/health").status_code == 200
    crowd = [service.connect() for _ in range(1000)]
    assert httpx.get(f"{service.url}/health", timeout=PATIENCE).status_code == 200  # after the crowd was let in
    assert early.post("/v1/interpret", content=dicom).status_code == 200  # an earlier client is still served
    statuses = [answer(connection)[9:12] for connection in crowd]
    for connection in crowd:
        connection.close()
    assert set(statuses) <= {b"408", b""}  # silent for too long, or closed to make room
    assert interpret(service, dicom).status_code == 200


def test_a_thousand_requests_at_once(service: Service, wfdb: writers.Files, many_files: None) -> None:
    form = httpx.Request("POST", service.url, files=parts(wfdb))
    content = form.read()
    lines = (form.headers["content-type"], f"Content-Length: {len(content)}", "Connection: close", "\r\n")
    head = HEAD + b"Content-Type: " + "\r\n".join(lines).encode()
    crowd = [service.connect() for _ in range(1000)]
    statuses: list[bytes] = []
    for connection in crowd:
        with suppress(OSError):  # refused already
            connection.sendall(head + content)
    for connection in crowd:
        statuses.append(answer(connection)[9:12])
        connection.close()
    assert set(statuses) <= {b"200", b"429", b"503", b"408", b""}
    assert statuses.count(b"200") >= 100
    assert interpret(service, content).status_code == 422  # the service still works


def busy(service: Service, threads: ThreadPoolExecutor, content: bytes) -> Future[httpx.Response]:
    """Send a request to a stopped worker."""
    before = service.gauge("einthoven_workers_busy")
    request = threads.submit(interpret, service, content)
    eventually(lambda: service.gauge("einthoven_workers_busy") > before)
    return request


def test_a_full_queue_refuses(small: Service, threads: ThreadPoolExecutor, dicom: bytes) -> None:
    (worker,) = small.workers
    os.kill(worker, signal.SIGSTOP)
    requests = [busy(small, threads, dicom), threads.submit(interpret, small, dicom)]
    eventually(lambda: small.gauge("einthoven_jobs_waiting") == 1)
    refused = interpret(small, dicom)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    batch = httpx.post(f"{small.url}/v1/interpret/batch", files=parts({"a.dcm": dicom}), timeout=PATIENCE)
    assert batch.status_code == 429
    os.kill(worker, signal.SIGCONT)
    assert [request.result().status_code for request in requests] == [200, 200]


def test_a_worker_that_is_killed_costs_no_request(service: Service, threads: ThreadPoolExecutor, dicom: bytes) -> None:
    before, replaced = service.workers, service.gauge("einthoven_workers_replaced")
    for worker in before:
        os.kill(worker, signal.SIGSTOP)
    requests = [busy(service, threads, dicom), busy(service, threads, dicom)]
    waiting = threads.submit(interpret, service, dicom)
    os.kill(before[0], signal.SIGKILL)
    os.kill(before[1], signal.SIGCONT)
    assert [request.result().status_code for request in [*requests, waiting]] == [200] * 3
    eventually(lambda: service.gauge("einthoven_workers_ready") == 2)
    service.wait_until_idle()
    assert service.gauge("einthoven_workers_replaced") == replaced + 1
    assert interpret(service, dicom).status_code == 200


def test_a_worker_that_crashes_costs_one_request(service: Service, threads: ThreadPoolExecutor, dicom: bytes) -> None:
    before = service.workers
    for worker in before:
        os.kill(worker, signal.SIGSTOP)
    requests = [busy(service, threads, dicom), busy(service, threads, dicom)]
    waiting = threads.submit(interpret, service, dicom)
    os.kill(before[0], signal.SIGSEGV)
    for worker in before:
        os.kill(worker, signal.SIGCONT)
    answers = [request.result() for request in requests]
    assert sorted(answer.status_code for answer in answers) == [200, 500]
    (failed,) = [answer.json() for answer in answers if answer.status_code == 500]
    assert failed["type"] == "urn:einthoven:problem:interpretation-failed"
    assert waiting.result().status_code == 200
    eventually(lambda: service.gauge("einthoven_workers_ready") == 2)
    service.wait_until_idle()


def test_no_worker_can_be_started_for_a_while(small: Service, dicom: bytes) -> None:
    """The service really has no file descriptors. Connected clients get an answer."""
    pid = small.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    descriptors = [int(file.name) for file in Path(f"/proc/{pid}/fd").iterdir()]
    (worker,) = small.workers
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (max(descriptors) - 3, limits[1]))
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: small.client.get("/ready").status_code == 503)
    refused = small.client.post("/v1/interpret", content=dicom)  # after GRACE_SECONDS
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "5"
    assert small.client.post("/v1/interpret/batch", files=parts({"a.dcm": dicom})).status_code == 503
    assert small.client.get("/health").status_code == 200, "it may recover"
    assert small.gauge("einthoven_workers_failed_to_start") > 0
    assert "A worker cannot start; the service tries again: No worker process can be started: too many" in small.log
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    eventually(lambda: small.client.get("/ready").status_code == 200)
    assert small.client.post("/v1/interpret", content=dicom).status_code == 200
    assert "Traceback" not in small.log


def test_a_worker_that_dies_idle_is_replaced(service: Service, dicom: bytes) -> None:
    before, replaced = service.workers, service.gauge("einthoven_workers_replaced")
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: service.gauge("einthoven_workers_replaced") == replaced + 1)
    eventually(lambda: service.gauge("einthoven_workers_ready") == 2)
    service.wait_until_idle()
    assert [interpret(service, dicom).status_code for _ in range(4)] == [200] * 4


def test_not_ready_while_no_worker_is(small: Service) -> None:
    (worker,) = small.workers
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: small.client.get("/ready").status_code == 503)
    assert small.client.get("/health").status_code == 200
    eventually(lambda: small.client.get("/ready").status_code == 200)


def test_requests_under_way_are_finished(small: Service, threads: ThreadPoolExecutor, dicom: bytes) -> None:
    (worker,) = small.workers
    os.kill(worker, signal.SIGSTOP)
    requests = [busy(small, threads, dicom), threads.submit(interpret, small, dicom)]
    eventually(lambda: small.gauge("einthoven_jobs_waiting") == 1)
    small.client.close()
    os.kill(worker, signal.SIGTERM)  # as managers do that signal the whole group
    small.process.send_signal(signal.SIGTERM)
    eventually(lambda: not _listens(small))
    threading.Timer(0.5, os.kill, (worker, signal.SIGCONT)).start()
    assert [request.result().status_code for request in requests] == [200, 200]
    assert small.process.wait(PATIENCE) == 0
    assert "Traceback" not in small.log


def test_an_option_with_which_workers_cannot_start() -> None:
    ended = subprocess.run([*COMMAND, "--prevalence", "gout=.1"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: ")
    assert ended.stderr.count("\n") == 1
    assert "no such label" in ended.stderr


def test_a_stop_before_it_is_ready(temporary: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    starting = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    eventually(lambda: any(temporary.glob("[!.]*")))  # the fork server's
    starting.send_signal(signal.SIGTERM)
    assert starting.wait(PATIENCE) == 0
    eventually(lambda: not any(temporary.glob("[!.]*")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_of_a_recording(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor, dicom: bytes, number: int
) -> None:
    """Neither files nor processes are left, however the service ends while a worker is busy."""
    monkeypatch.setenv("TMPDIR", str(temporary))
    with Service("--stop-seconds", 1, workers=1) as service:
        service.wait_until_idle()
        (worker,) = service.workers
        os.kill(worker, signal.SIGSTOP)
        request = busy(service, threads, dicom)
        service.process.send_signal(number)
        service.process.wait(PATIENCE)
    with suppress(httpx.HTTPError):
        request.result()
    eventually(lambda: not Path(f"/proc/{worker}").exists())
    eventually(lambda: not any(temporary.glob("[!.]*")))  # except .ses, ONNX Runtime's telemetry
    assert not any(Path("/dev/shm").glob(f"*{service.process.pid}*"))


def _listens(service: Service) -> bool:
    try:
        service.connect().close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_port_that_is_taken(service: Service) -> None:
    ended = subprocess.run([*COMMAND, "--port", str(service.port)], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "cannot listen there" in ended.stderr
    assert "Traceback" not in ended.stderr
