"""`einthoven replay`, and the client in docs/how-to/monitor.md, against a real service."""

import re
import socket as sockets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from einthoven.cli import cli
from einthoven.errors import EinthovenError
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.playback import Playback
from einthoven.serve.stream.replay import Replay
from serve.stream.monitors import TOKEN, Service

DOCS = (Path(__file__).parents[3] / "docs" / "how-to" / "monitor.md").read_text()
URL = "ws://127.0.0.1:8000/v1/stream"


def played(
    url: str, recording: Recording, *, loop: bool = False, seconds: float = 100, token: str = TOKEN
) -> list[str]:
    """Return all lines of a replay."""
    lines: list[str] = []
    Replay(Playback(recording, loop=loop), recording.leads, recording.rate, url, token, 20.0, seconds)(lines.append)
    return lines


def run(folder: Path, *arguments: str) -> list[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.splitlines()


@pytest.fixture
def folder(ecg: Recording, tmp_path: Path) -> Path:
    """A folder with ten seconds at 500 Hz, and the token."""
    rows = "".join(f"{k / 500:.3f},{','.join(f'{v:.3f}' for v in row)}\n" for k, row in enumerate(ecg.signal.T))
    (tmp_path / "ecg.csv").write_text(f"time [s],{','.join(f'{lead} [mV]' for lead in LEADS)}\n{rows}")
    (tmp_path / "token").write_text(TOKEN)
    return tmp_path


def test_the_command(service: Service, folder: Path) -> None:
    options = ["--url", service.url, "--token-file", "token", "--speed", "20", "--loop", "--noise", "--seconds", "15"]
    lines = run(folder, "-m", "einthoven", "replay", "ecg.csv", *options)
    assert re.match(r" +15\.0 s \| heart rate +(\d+|\?) bpm \| ", lines[-1])


def test_a_line_for_each_answer(service: Service, ecg: Recording) -> None:
    lines = played(service.url, ecg)
    assert lines[-1].startswith("   10.0 s | heart rate  70 bpm | ")
    times = [float(line.partition(" s ")[0]) for line in lines]
    assert times == sorted(times)
    assert all("infarct" in line or "undecided" in line or "not interpreted" in line for line in lines)


def test_an_infarct_is_shown_as_an_alert(service: Service, patient: Callable[[int], Recording]) -> None:
    lines = played(service.url, patient(184), loop=True, seconds=33)
    assert any("| infarct pattern, acute or old (" in line for line in lines)
    assert "2 of 3 windows towards an alert" in " ".join(lines)
    assert "ALERT: infarct pattern since 3" in lines[-1]


def test_a_broken_connection_is_resumed(service: Service, ecg: Recording) -> None:
    with _breaking(service.port, after=100_000) as port:
        lines = played(f"ws://127.0.0.1:{port}/v1/stream", ecg)
    assert "The connection broke. Trying again." in lines
    assert lines[-1].startswith("   10.0 s | heart rate  70 bpm | ")


@contextmanager
def _breaking(port: int, after: int) -> Iterator[int]:
    """A proxy that breaks its first connection after so many bytes from the monitor."""

    def pump(source: sockets.socket, sink: sockets.socket, limit: float) -> None:
        passed = 0
        try:
            while passed < limit and (data := source.recv(4096)):
                sink.sendall(data)
                passed += len(data)
            for end in (source, sink):
                end.shutdown(sockets.SHUT_RDWR)
        except OSError:
            pass

    def accept() -> None:
        limit: float = after
        try:
            while True:
                client, _ = listener.accept()
                server = sockets.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(client, server, limit), daemon=True).start()
                threading.Thread(target=pump, args=(server, client, float("inf")), daemon=True).start()
                limit = float("inf")
        except OSError:
            pass

    with sockets.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ws://127.0.0.1:9/v1/stream", "the connection failed"),
        ("http://127.0.0.1:9", "is not a stream of Einthoven"),
        ("ws://127.0.0.1:PORT/v1/elsewhere", "is not a stream of Einthoven"),
    ],
)
def test_addresses_without_a_service_are_reported(service: Service, ecg: Recording, url: str, words: str) -> None:
    with pytest.raises(EinthovenError, match=words):
        played(url.replace("PORT", str(service.port)), ecg)


def test_a_wrong_token_is_reported(service: Service, ecg: Recording) -> None:
    with pytest.raises(EinthovenError, match='The first message must have the "token" of this service'):
        played(service.url, ecg, token="some-other-token")


def test_the_client_in_the_docs(service: Service, folder: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    for there, here in ((URL, service.url), ("TOKEN", TOKEN), ("ecg.dcm", "ecg.csv"), ("time.sleep(", "max(0, ")):
        assert there in program
        program = program.replace(there, here)
    lines = run(folder, "-c", program)
    assert lines[0].startswith("stream ")
    assert re.match(r"10\.0 s .* (69|70|71)\.\d", lines[-2])
    assert "'ended'" in lines[-1]


def test_the_commands_in_the_docs_exist() -> None:
    for verb, options in re.findall(r"einthoven (serve|replay) ([^\n`#]*)", DOCS):
        known = {name for parameter in cli.commands[verb].params for name in parameter.opts}
        assert set(re.findall(r"--[\w-]+", options)) <= known


def test_noise_is_fresh(ecg: Recording) -> None:
    first, second = (Playback(ecg, noise=np.random.default_rng(seed)).take(500) for seed in (0, 1))
    assert np.abs(first - second).max() > 0.01
