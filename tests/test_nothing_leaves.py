"""Interpreting writes nothing outside its outputs and sends nothing, whatever the libraries would do by themselves."""

import json
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from einthoven.model.bundle_files import SHIPPED
from einthoven.recording import LEADS
from sandbox import Record, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs network namespaces and strace")
EINTHOVEN = (sys.executable, "-m", "einthoven")
LOOPBACK = re.compile(r'inet_addr\("127\.0\.0\.1"\)|inet_pton\(AF_INET6, "(?:::1|::ffff:127\.0\.0\.1)"')
KERNEL = re.compile("AF_NETLINK")
LOOK_UP = re.compile(
    r'^connect\(.*(?:htons\(53\)|htons\(80\), sin_addr=inet_addr\("169\.254\.169\.254"\)).* ENETUNREACH'
)
TABLE = ("--rate", "250", "--unit", "uV")


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """With three recordings in its working folder."""
    sandbox = Sandbox(tmp_path)
    with np.load(SHIPPED / "edge" / "golden.npz") as golden:
        infarct = golden["anterior infarct, 250 Hz/uv"].T
    for k, gain in enumerate((1, 0.9, 1.1)):
        rows = infarct * gain
        np.savetxt(sandbox.work / f"{k}.csv", rows, fmt="%d", delimiter=",", header=",".join(LEADS), comments="")
    return sandbox


def assert_clean(sandbox: Sandbox, record: Record, outputs: tuple[str, ...] = ()) -> None:
    """Nothing was sent; nothing was written but `outputs`, and temporary files, of which none is left."""
    assert record.code == 0, record.output
    assert record.sent == []
    assert sandbox.left() == []
    inputs = {f"{k}.csv" for k in range(3)}
    assert {path.name for path in sandbox.work.iterdir()} - inputs == set(outputs)
    temporary = (sandbox.root / "tmp", sandbox.work, Path("/dev/shm"))
    for path in record.written - {Path("/dev/null"), Path("/dev/tty")}:
        assert any(path.is_relative_to(place) for place in temporary), path
        assert not path.exists() or path.relative_to(sandbox.work).parts[0] in outputs, path


def test_interpreting_a_file(sandbox: Sandbox) -> None:
    record = sandbox.run(*EINTHOVEN, "interpret", "0.csv", *TABLE)
    assert_clean(sandbox, record)
    assert "INFARCT PATTERN?" in record.output


def test_interpreting_many_with_everything(sandbox: Sandbox) -> None:
    outputs = ("--out", "answers.jsonl", "--report", "pages")
    record = sandbox.run(*EINTHOVEN, "interpret", "*.csv", *TABLE, "--workers", "2", "--explain", "MI", *outputs)
    assert_clean(sandbox, record, ("answers.jsonl", "pages"))
    answers = (sandbox.work / "answers.jsonl").read_text().splitlines()
    assert [json.loads(answer)["recording"]["source"] for answer in answers] == ["0.csv", "1.csv", "2.csv"]
    assert len(list((sandbox.work / "pages").iterdir())) == 3


def test_the_library(sandbox: Sandbox) -> None:
    script = """
import einthoven
interpreter = einthoven.Interpreter.load()
print(interpreter(einthoven.read("0.csv", rate=250, unit="uV")).to_json())
"""
    assert_clean(sandbox, sandbox.run(sys.executable, "-c", script))


def test_the_service(sandbox: Sandbox) -> None:
    client = """
import signal, subprocess, sys, urllib.request
service = subprocess.Popen(
    [sys.executable, "-m", "einthoven", "serve", "--port", "0", "--model", "edge", "--workers", "1"],
    stdout=subprocess.PIPE, text=True,
)
address = service.stdout.readline().split("http://")[1].split()[0]
body = open("0.csv", "rb").read()
for _ in range(2):
    with open("asked", "w") as asked:
        asked.write(address)
    request = urllib.request.Request(
        f"http://{address}/v1/interpret?rate=250&unit=uV", body, {"Content-Type": "text/csv"}
    )
    print(urllib.request.urlopen(request, timeout=100).read().decode())
service.send_signal(signal.SIGTERM)
sys.exit(service.wait(100))
"""
    record = sandbox.run(sys.executable, "-c", client)
    address = (sandbox.work / "asked").read_text()
    port = address.rpartition(":")[2]
    client_calls = [call for call in record.sent if f"htons({port})" in call and 'inet_addr("127.0.0.1")' in call]
    assert len(client_calls) == 2
    assert [call for call in record.sent if call not in client_calls] == []
    assert_clean(sandbox, Record(record.code, record.output, record.written, []), ("asked",))


def test_an_archive_on_ray(sandbox: Sandbox) -> None:
    """Ray's processes talk to each other, on loopback only; the statistics that Ray sends home by default are off.

    What remains are questions without any content: to the kernel, for its interfaces and the one that leads to the
    internet, and to the cloud that the machine may be in, for its name (with a look-up of that cloud's host).
    """
    pytest.importorskip("ray", reason="needs the extra ray")
    options = ("--model", "edge", "--engine", "ray", "--out", "answers", "--workers", "1")
    with tempfile.TemporaryDirectory(prefix="ray") as folder:  # the sandbox's path is too long for Ray's sockets
        record = sandbox.run(
            *EINTHOVEN, "interpret", "0.csv", "1.csv", *TABLE, *options, environment={"RAY_TMPDIR": folder}
        )
    assert record.code == 0, record.output
    assert (sandbox.work / "answers" / "_manifest.json").exists()
    assert [call for call in record.sent if LOOPBACK.search(call)], "nothing was recorded"
    calls = {call for call in record.sent if not LOOPBACK.search(call) and not call.startswith("bind(")}
    assert {call for call in calls if not KERNEL.search(call) and not LOOK_UP.search(call)} == set()


def test_it_would_be_noticed(sandbox: Sandbox) -> None:
    script = """
import os, pathlib, socket
seen = pathlib.Path.home() / "seen"
seen.write_text("")
seen.unlink()
os.makedirs(os.environ["XDG_CACHE_HOME"] + "/maker")
with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_INET6) as tcp:
    for call in (lambda: udp.sendto(b"x", ("192.0.2.1", 53)), lambda: tcp.connect(("2001:db8::1", 443))):
        try:
            call()
        except OSError:
            pass
with socket.socket() as listener:
    listener.bind(("0.0.0.0", 0))
"""
    record = sandbox.run(sys.executable, "-c", script)
    assert record.code == 0, record.output
    assert sandbox.root / "home" / "seen" in record.written
    assert sandbox.left() == [sandbox.root / "cache" / "maker"]
    assert [call.split("(")[0] for call in record.sent] == ["sendto", "connect", "bind"]


def test_onnx_runtime_by_itself_is_why(sandbox: Sandbox) -> None:
    record = sandbox.run(sys.executable, "-c", "import onnxruntime")
    assert record.code == 0, record.output
    if not sandbox.left():
        pytest.skip("this build of ONNX Runtime stores nothing by itself")
    assert any(path.name == "deviceid" for path in sandbox.left())


def test_it_is_off_in_every_process_that_imports_einthoven() -> None:
    """Only one module imports ONNX Runtime, so that no process can do it before `einthoven` is imported."""
    package = SHIPPED.parent
    importers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "import onnxruntime" in path.read_text()
    }
    assert importers == {"onnx_session.py", "model/bundle.py"}  # the second only for types
