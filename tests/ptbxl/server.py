"""A small PTB-XL, and a real HTTP server that publishes it and misbehaves on demand."""

import csv
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from einthoven.ptbxl.records import SECONDS, write_record

ROOT = "/files/ptb-xl/1.0.3/"
DATABASE_COLUMNS = "ecg_id patient_id scp_codes infarction_stadium1 strat_fold report "
DATABASE_COLUMNS += "age sex device validated_by_human baseline_drift static_noise burst_noise electrodes_problems "
DATABASE_COLUMNS += "filename_lr filename_hr"
_OTHERS = [60, 0, "CS-12", True, "", "", "", ""]  # age and what follows it
STATEMENTS = """\
,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NORM,normal ECG,1.0,,,NORM,NORM
"""


def stem(ecg_id: int, rate: int) -> str:
    """The name of a record as PTB-XL builds it."""
    return f"records{rate}/{ecg_id // 1000 * 1000:05}/{ecg_id:05}_{'lr' if rate == 100 else 'hr'}"


def write_ptbxl(folder: Path, ecg_ids: tuple[int, ...] = (1, 2, 3), rates: tuple[int, ...] = (100, 500)) -> None:
    """Write records of noise in PTB-XL's layout, without SHA256SUMS.txt."""
    random = np.random.default_rng(0)
    rows = []
    for ecg_id in ecg_ids:
        names = [stem(ecg_id, rate) for rate in (100, 500)]
        rows.append(
            [ecg_id, 7000 + ecg_id, "{'NORM': 100.0}", "", ecg_id % 10 + 1, "sinusrhythmus, für", *_OTHERS, *names]
        )
        for rate in rates:
            signal = random.integers(-2000, 2000, (SECONDS * rate, 12), dtype=np.int16)
            write_record(folder / stem(ecg_id, rate), signal, rate)
    with (folder / "ptbxl_database.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([DATABASE_COLUMNS.split(), *rows])
    (folder / "scp_statements.csv").write_text(STATEMENTS)
    (folder / "LICENSE.txt").write_text("CC BY 4.0\n")


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS.txt over everything in `folder`, as `sha256sum` would."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n" for p in files]
    (folder / "SHA256SUMS.txt").write_text("".join(lines), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, the lock of a download left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".download.lock"
    }


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer; without anything given, nothing does."""

    status: int | None = None
    """Answer with this status and an empty body."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers that are added, or stand in place of the right ones."""
    wrong: bool = False
    """Every byte is wrong."""
    cut: int | None = None
    """Bytes of the body after which the connection is cut."""
    stall: bool = False
    """Instead of cutting, say nothing more until the server's `released` is set."""


@dataclass(frozen=True)
class Request:
    """A request and what was answered."""

    name: str
    status: int
    sent: int
    """Bytes of the body."""
    range: str | None
    if_range: str | None
    proxy_login: str | None


class Server(ThreadingHTTPServer):
    """Serves the files of `folder` below ROOT; `faults[name]` gives one fault for each request of a file."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.faults: dict[str, Iterator[Fault]] = {}
        self.resumes = True
        """Whether Range is understood."""
        self.requests: list[Request] = []
        self.connections = 0
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{ROOT}"

    def names(self) -> list[str]:
        """The names of the files asked for, sorted, one for each request."""
        return sorted(request.name for request in self.requests)

    def of(self, name: str) -> list[Request]:
        """The requests for one file."""
        return [request for request in self.requests if request.name == name]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        name = unquote(urlsplit(self.path).path).removeprefix(ROOT)
        fault = next(self.server.faults.get(name, iter(())), Fault())
        path = self.server.folder / name
        if fault.status or not path.is_file():
            self._answer(name, fault.status or 404, fault.headers, b"", fault)
            return
        body = path.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:8]}"'}
        asked, condition = self.headers["Range"], self.headers["If-Range"]
        if not asked or not self.server.resumes or condition not in (None, headers["ETag"]):
            self._answer(name, 200, headers | fault.headers, body, fault)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            self._answer(name, 416, {"Content-Range": f"bytes */{len(body)}"}, b"", fault)
            return
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._answer(name, 206, headers | fault.headers, body[start:], fault)

    def _answer(self, name: str, status: int, headers: dict[str, str], body: bytes, fault: Fault) -> None:
        length = len(body)
        if fault.wrong:
            body = bytes(byte ^ 0xFF for byte in body)
        if fault.cut is not None:
            body = body[: fault.cut]
        asked = [self.headers[key] for key in ("Range", "If-Range", "Proxy-Authorization")]
        self.server.requests.append(Request(name, status, len(body), *asked))
        self.send_response(status)
        for key, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if fault.stall:
            self.server.released.wait()
        self.close_connection = fault.cut is not None

    def log_message(self, *args: Any) -> None:
        """Say nothing."""
