"""Addresses of web servers and object stores, from servers on this machine."""

import builtins
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.errors import RecordingError
from einthoven.readers import remote, sources
from einthoven.readers.remote import is_url, shown_url

Signal = NDArray[np.int16]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Odd(BaseHTTPRequestHandler):
    """Denies, fails, sends without end, or sends nothing."""

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(False)

    def do_GET(self) -> None:
        self._answer(True)

    def _answer(self, body: bool) -> None:
        status = {"/denied": 403, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        self.end_headers()
        if body and self.path == "/endless":
            try:
                for _ in range(100):
                    self.wfile.write(bytes(1 << 20))
            except OSError:
                pass
        if body and self.path == "/silent":
            threading.Event().wait(3)


def serve(handler: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def folder(ecg: Signal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    for name, data in {**writers.wfdb(ecg, 500), "ecg 1.dcm": writers.dicom(ecg, 500)}.items():
        (folder / name).write_bytes(data)
    (folder / "alone.hea").write_bytes((folder / "r.hea").read_bytes().replace(b"r.dat", b"q.dat"))
    (folder / "record.zip").write_bytes(writers.zipped(writers.wfdb(ecg, 500)))
    return folder


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[str]:
    yield from serve(partial(Quiet, directory=str(folder)))


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    yield from serve(Odd)


@pytest.mark.parametrize("name", ["r.hea", "r", "r.dat", "ecg%201.dcm", "record.zip", "r.hea?download"])
def test_a_web_server_is_read_with_the_files_next_to_it(name: str, web: str, ecg: Signal) -> None:
    recording = einthoven.read(f"{web}/{name}")
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)
    assert recording.source == f"{web}/{name}".removesuffix("?download")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_an_object_store_is_read_with_the_files_next_to_it(
    store: str, folder: Path, ecg: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    client = boto3.client("s3")
    client.create_bucket(Bucket="ecgs")
    for name in ("r.hea", "r.dat"):
        client.upload_file(str(folder / name), "ecgs", f"a/{name}")
    np.testing.assert_allclose(einthoven.read("s3://ecgs/a/r").signal, ecg.T / 1000, atol=1e-5)
    with pytest.raises(RecordingError, match=r"s3://ecgs/a/absent\.dcm: is not found on the server"):
        einthoven.read("s3://ecgs/a/absent.dcm")


def test_a_path_of_fsspec_is_read(ecg: Signal) -> None:
    memory = fsspec.filesystem("memory")
    for name, data in writers.wfdb(ecg, 500).items():
        memory.pipe(f"/ecgs/{name}", data)
    np.testing.assert_allclose(einthoven.read("memory://ecgs/r").signal, ecg.T / 1000, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent.dcm", "is not found on the server"),
        ("absent", "is not found on the server"),
        ("alone.hea", "q.dat is missing|names is missing"),
    ],
)
def test_what_is_missing_is_said(name: str, reason: str, web: str) -> None:
    with pytest.raises(RecordingError, match=reason):
        einthoven.read(f"{web}/{name}")


def test_a_servers_refusals_and_a_lost_host_are_said(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 2 << 20)
    monkeypatch.setattr(remote, "_WAIT_S", 0.5)
    for url, reason in [
        (f"{odd}/denied", "demands credentials, or other rights"),
        (f"{odd}/broken", "status 500"),
        (f"{odd}/endless", "has more than 2 MiB"),
        (f"{odd}/silent", "did not arrive in time"),
        ("http://127.0.0.1:9/ecg.dcm", "cannot be reached"),
        ("https://no-such-host.invalid/ecg.dcm", "cannot be reached"),
    ]:
        with pytest.raises(RecordingError, match=reason):
            einthoven.read(url)


@pytest.mark.parametrize(
    "url", ["ftp://host/a", "file:///etc/passwd", "zip://a.hea::https://host/b.zip", "https://a::b"]
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(RecordingError, match="an address that is not read"):
        einthoven.read(url)


def test_without_the_packages_the_error_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="needs gcsfs; run: pip install gcsfs"):
        einthoven.read("gs://bucket/ecg.dcm")
    original = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.startswith("fsspec"):
            raise ImportError
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RecordingError, match=r"needs fsspec, which is not installed.*\[remote\]"):
        einthoven.read("s3://bucket/ecg.dcm")


def test_secrets_of_an_address_are_not_shown() -> None:
    secret = "https://user:word@host:8443/a/ecg.dcm?X-Amz-Signature=abc#x"
    assert shown_url(secret) == "https://host:8443/a/ecg.dcm"
    with pytest.raises(RecordingError) as caught:
        einthoven.read("http://user:word@127.0.0.1:9/ecg.dcm?token=abc")
    assert str(caught.value).startswith("http://127.0.0.1:9/ecg.dcm: ")
    assert "abc" not in str(caught.value)


def test_paths_and_names_in_files_are_no_addresses(ecg: Signal, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service reads content only; whatever that names is not fetched."""
    assert not any(
        map(is_url, ["C:\\ecg.dcm", "C:/ecg.dcm", "/a//b", "a:b", b"https://host/x", Path("https://host/x")])
    )
    monkeypatch.setattr(remote, "RemoteFolder", None)
    monkeypatch.setattr(sources, "RemoteFolder", None)
    files = writers.wfdb(ecg, 500)
    header = files["r.hea"].replace(b"r.dat", f"{web}/r.dat".encode())
    for source in ({**files, "r.hea": header}, f"{web}/r".encode(), {"a": f"{web}/r".encode()}):
        with pytest.raises(RecordingError):
            einthoven.read(source)


def test_a_public_bucket_needs_no_credentials(
    store: str, folder: Path, ecg: Signal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import boto3

    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    owner = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    owner.create_bucket(Bucket="public")
    for name in ("r.hea", "r.dat"):
        owner.upload_file(str(folder / name), "public", name, ExtraArgs={"ACL": "public-read"})
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("SHARED_CREDENTIALS_FILE", "CONFIG_FILE"):
        monkeypatch.setenv(f"AWS_{name}", str(tmp_path / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    np.testing.assert_allclose(einthoven.read("s3://public/r.hea").signal, ecg.T / 1000, atol=1e-5)
    owner.upload_file(str(folder / "r.dat"), "public", "private.dcm")
    with pytest.raises(RecordingError, match="demands credentials"):
        einthoven.read("s3://public/private.dcm")
