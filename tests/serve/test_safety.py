"""Hostile clients, and what the service keeps of recordings."""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from readers import writers
from serve.service import COMMAND, Service, eventually, parts, record

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">
<!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;"><!ENTITY i "&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;">]>
<AnnotatedECG xmlns="urn:hl7-org:v3">&i;</AnnotatedECG>"""
THEFT = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY stolen SYSTEM "file:///etc/passwd">]>
<AnnotatedECG xmlns="urn:hl7-org:v3"><id root="&stolen;"/></AnnotatedECG>"""


def handshake(service: Service, **headers: str) -> int:
    """Return the status of an attempt to open a WebSocket."""
    lines = {"Host": f"127.0.0.1:{service.port}", "Upgrade": "websocket", "Connection": "Upgrade"}
    lines |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"} | headers
    with service.connect() as connection:
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"GET /v1/stream HTTP/1.1\r\n{text}\r\n".encode())
        return int(connection.recv(4096).split()[1])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ecg.example"])
def test_no_network_without_a_token(host: str) -> None:
    ended = subprocess.run([*COMMAND, "--host", host], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"Error: \S+ can be reached from other machines, .* --token-file FILE, .*\n", ended.stderr)


def test_invalid_token_files(tmp_path: Path) -> None:
    for content, words in (
        ("short", "at least 16"),
        ("two words, long enough", "at least 16"),
        (None, "cannot be read"),
    ):
        file = tmp_path / "token"
        file.unlink(missing_ok=True)
        if content:
            file.write_text(content)
        ended = subprocess.run([*COMMAND, "--token-file", file], capture_output=True, text=True)
        assert ended.returncode == 2
        assert words in ended.stderr
        assert content is None or content not in ended.stderr


def test_the_token_is_required(guarded: Service, token: str, dicom: bytes) -> None:
    def status(authorization: str | None = None, path: str = "/v1/interpret") -> int:
        headers = {"authorization": authorization.encode("latin-1")} if authorization else {}
        return guarded.client.post(path, content=dicom, headers=headers).status_code

    assert status(f"Bearer {token}") == status(f"bearer  {token}") == 200
    wrong = [None, "Bearer", f"Basic {token}", token, f"Bearer {token[:-1]}", f"Bearer {token}0"]
    wrong += [f"Bearer {token.upper()}", "Bearer \xe9", f"Bearer {token}, Bearer {token}"]
    assert {status(authorization) for authorization in wrong} == {401}
    assert status(path=f"/v1/interpret?token={token}&access_token={token}") == 401
    twice = [("authorization", f"Bearer {token}"), ("authorization", "Bearer other")]
    assert guarded.client.get("/v1/models", headers=twice).status_code == 401
    for path in ("/v1/models", "/metrics", "/v1/interpret/batch", "/v1/nothing", "//v1/models", "/viewer/../v1/models"):
        assert guarded.client.get(path).status_code in (401, 404)
    assert guarded.client.get("/health").status_code == guarded.client.get("/ready").status_code == 200
    refused = guarded.client.get("/v1/models")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert token not in guarded.log


def test_unknown_host_names_are_refused(service: Service, guarded: Service, token: str, dicom: bytes) -> None:
    """DNS rebinding: a page from evil.example whose name now points to this machine."""
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]"):
        answer = service.client.post("/v1/interpret", content=dicom, headers={"host": host})
        assert answer.status_code == 421, host
    assert handshake(service, Host="evil.example") == 403
    for host in ("localhost", "LOCALHOST:1234", f"127.0.0.1:{service.port}", "[::1]:8000"):
        assert service.client.get("/v1/models", headers={"host": host}).status_code == 200
    known = {"host": "ecg.hospital.example", "authorization": f"Bearer {token}"}
    assert guarded.client.get("/v1/models", headers=known).status_code == 200
    with service.connect() as connection:
        connection.sendall(b"GET /v1/models HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 421")
        assert service.client.get("/health", headers={"host": "10.0.0.7:8000"}).status_code == 200  # a probe


def test_pages_of_other_origins_are_refused(service: Service, dicom: bytes) -> None:
    own = f"127.0.0.1:{service.port}"
    for origin in ("https://evil.example", "null", "http://localhost:1", f"http://{own}.evil.example", "file://"):
        answer = service.client.post("/v1/interpret", content=dicom, headers={"origin": origin})
        assert answer.status_code == 403, origin
        assert handshake(service, Origin=origin) == 403
        preflight = {"origin": origin, "access-control-request-method": "POST"}
        assert service.client.options("/v1/interpret", headers=preflight).status_code == 403
        assert not any(name.startswith("access-control") for name in answer.headers)
    assert service.client.get("/v1/models", headers={"origin": f"http://{own}"}).status_code == 200


def test_headers_that_bind_a_browser(service: Service) -> None:
    for path in ("/health", "/v1/models", "/v1/nothing", "/v1/interpret?x=1"):
        headers = service.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_no_path_leads_out(service: Service, wfdb: writers.Files, records: list[Path]) -> None:
    header, signal = wfdb["r.hea"], wfdb["r.dat"]
    for name in (
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\r.dat",
        "r/../../r.dat",
        str(records[0].with_suffix(".dat")),
    ):
        stolen = header.replace(b"r.dat", name.encode())
        for files in ({"r.hea": stolen}, {"r.hea": stolen, name: signal}, {f"../{name}.hea": stolen}):
            answer = service.client.post("/v1/interpret", files=parts(files))
            assert answer.status_code == 422, (name, files)
            assert "root:" not in answer.text
    outside = service.client.post("/v1/interpret", files=parts({"../../r.hea": header, "/tmp/r.dat": signal}))
    assert outside.json()["recording"]["source"] == "r.hea"


@pytest.mark.parametrize("bomb", [LAUGHS, THEFT])
def test_entities_are_refused(service: Service, bomb: bytes) -> None:
    answer = service.client.post("/v1/interpret", content=bomb)
    assert answer.status_code == 422
    assert "declares XML entities" in answer.json()["detail"]


def test_damaged_forms(service: Service, dicom: bytes) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.dcm"\r\n\r\n' + dicom + b"\r\n"
    for content_type, body in (
        ("multipart/form-data", part + b"--b--\r\n"),
        ("multipart/form-data; boundary=b", part),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=c", part + b"--b--\r\n"),
        ("multipart/form-data; boundary=b", part + part + b"--b--\r\n"),
        ("multipart/form-data; boundary=b", part.replace(b"Content-", b"X" * 9000) + b"--b--\r\n"),
        ("multipart/form-data; boundary=b", (b"--b\r\nX: y\r\n\r\n\r\n" * 5000) + b"--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 5000, part),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"rate_hz": 1e999, "leads": [], "unit": "mV", "signal": []}'),
    ):
        for path in ("/v1/interpret", "/v1/interpret/batch"):
            answer = service.client.post(path, content=body, headers={"content-type": content_type})
            assert answer.status_code == 422, (content_type[:60], body[:60], path, answer.text)


def test_bytes_that_are_not_http(service: Service) -> None:
    for junk in (
        b"\x16\x03\x01\x02\x00\x01",
        b"GET\r\n\r\n",
        b"POST /v1/interpret HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        with service.connect() as connection:
            connection.sendall(junk)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(4096)[:12] in (b"HTTP/1.1 400", b"")


def test_the_log_names_nobody(service: Service, ecg: writers.Signal, dicom: bytes) -> None:
    def odd(dataset: writers.Dataset) -> None:
        dataset.PatientName, dataset.PatientID = "Secret^Person", "Secret id"
        dataset.add_new("StudyDate", "LO", "Secret")  # what pydicom warns of

    post = service.client.post
    post("/v1/interpret?as=pdf", content=writers.dicom(ecg, 500, change=odd))
    post("/v1/interpret?as=svg&identify=true", files={"Secret": ("Secret.dcm", dicom)})
    post("/v1/interpret", files={"Secret": ("Secret.txt", b"Secret,Secret\n1,2\n")})
    post("/v1/interpret", content=dicom.replace(b"Doe^Jane", b"Secret\xff\xfe"))
    post("/v1/interpret", content=dicom[:2000].replace(b"Doe^Jane", b"Secret^P"))
    post("/v1/Secret?Secret=Secret", content=dicom, headers={"user-agent": "Secret", "referer": "http://x/Secret"})
    post("/v1/interpret?layout=Secret&Secret=1", content=dicom)
    answer = post("/v1/interpret", content=dicom, headers={"einthoven-subject": "Patient/Secret", "accept": "*/*"})
    assert answer.status_code == 400
    known = post("/v1/interpret", content=b"abc").headers["x-request-id"]
    eventually(lambda: known in service.log)  # the answer is sent before the log line
    assert "Secret" not in service.log
    assert "Doe" not in service.log
    assert "Traceback" not in service.log
    line = re.search(rf"id={known} POST /v1/interpret 422 [\d.]+ ms sha256=(\w+)", service.log)
    assert line
    assert line[1] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def written(pid: int) -> int:
    """Return the bytes that a process has written to storage."""
    match = re.search(r"^write_bytes: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    assert match
    return int(match[1])


def test_nothing_is_written_to_storage(service: Service, test_data: Path, records: list[Path]) -> None:
    pids = [service.process.pid, *service.workers]
    large = {f"{k}.csv": b"I,II\n" + b"0,0\n" * 300_000 for k in range(4)}  # beyond what form parsers keep in memory
    sent = []
    for _ in range(3):  # the first times each worker reads modules and fonts, whose times of access the system notes
        service.client.post("/v1/interpret/batch", files=parts(large))
        for path in sorted((test_data / "formats").rglob("*.*")):
            service.client.post("/v1/interpret", content=path.read_bytes())
        for path in records[:2]:
            service.client.post("/v1/interpret?as=png", files=parts(record(path)))
        sent.append([written(pid) for pid in pids])
    assert sent[-1] == sent[-2]


def test_errors_do_not_echo_markup(service: Service) -> None:
    """An error never quotes the request in a form that a browser would run."""
    answer = service.client.get("/v1/<script>alert(1)</script>")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "<script>" not in json.loads(answer.text)["detail"]
