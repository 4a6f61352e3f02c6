"""The documented nginx configuration, before a service that knows its name."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from serve.service import PATIENCE, Service, eventually, parts
from serve.stream.monitors import FIRST, receive

HOSPITAL = Path(__file__).parents[2] / "docs/how-to/hospital.md"
NAME = "ecg.hospital.example"
CONFIGURATION = """daemon off; error_log stderr; pid nginx.pid; user root;
events {{}}
http {{ access_log off; client_body_temp_path body; proxy_temp_path proxy;
{server}
}}
"""

pytestmark = pytest.mark.skipif(not all(map(shutil.which, ("nginx", "openssl"))), reason="nginx or openssl is missing")


@pytest.fixture
def trust(tmp_path: Path) -> ssl.SSLContext:
    """A TLS context that trusts the certificate in ecg.pem only."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ecg.key", "-out", "ecg.pem"]
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*command, *subject], cwd=tmp_path, check=True, capture_output=True)
    return ssl.create_default_context(cafile=tmp_path / "ecg.pem")


@pytest.fixture
def port(guarded: Service, trust: ssl.SSLContext, tmp_path: Path) -> Iterator[int]:
    """Port of nginx, which has no folder for temporary files: a request that needed one would fail."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    (server,) = re.findall(r"^server \{\n.*?^\}$", HOSPITAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    server = server.replace("listen 443 ssl", f"listen 127.0.0.1:{number} ssl sndbuf=4k")
    server = server.replace("/etc/ssl", str(tmp_path))
    server = server.replace("http://127.0.0.1:8000", guarded.url)
    (tmp_path / "nginx.conf").write_text(CONFIGURATION.format(server=server))
    command = ["nginx", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:

        def listens() -> bool:
            assert process.poll() is None, process.communicate()[1]
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", number)) == 0

        try:
            eventually(listens)
            for folder in ("body", "proxy"):
                (tmp_path / folder).rmdir()
            yield number
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


@pytest.fixture
def client(port: int, trust: ssl.SSLContext, token: str) -> Iterator[httpx.Client]:
    headers = {"host": NAME, "authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", headers=headers, verify=trust, timeout=PATIENCE) as client:
        client.event_hooks["request"] = [lambda request: request.extensions.update(sni_hostname=NAME)]
        yield client


def test_uploads_and_answers_pass_through_memory(client: httpx.Client, dicom: bytes) -> None:
    many = parts({f"{n}.dcm": dicom for n in range(60)})  # 7 MB, and 0.5 MB of answers
    with client.stream("POST", "/v1/interpret/batch", files=many) as answer:
        time.sleep(0.5)  # so that nginx has to buffer the answer
        results = json.loads(answer.read())["results"]
    assert [result["mi"] is not None for result in results] == [True] * 60


def test_token_and_origin_reach_the_service(client: httpx.Client, dicom: bytes) -> None:
    assert client.get("/metrics", headers={"authorization": ""}).status_code == 401
    foreign = client.post(
        "/v1/interpret", files=parts({"ecg.dcm": dicom}), headers={"origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    own = client.post("/v1/interpret", files=parts({"ecg.dcm": dicom}), headers={"origin": f"https://{NAME}"})
    assert own.status_code == 200, own.text


def test_the_limits_of_proxy_and_service_agree(client: httpx.Client) -> None:
    answer = client.post("/v1/interpret", content=bytes(33 * 2**20))
    assert answer.status_code == 413


def test_the_live_stream(port: int, trust: ssl.SSLContext, token: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        connect(f"wss://{NAME}/v1/stream", sock=connection, ssl=trust) as stream,
    ):
        stream.send(json.dumps(FIRST | {"token": token}))
        assert receive(stream, "ready")
