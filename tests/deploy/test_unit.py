"""The systemd unit: what systemd itself says of it, and the service under the rules that a new library could break."""

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from einthoven.cli.serve import serve
from serve.service import COMMAND, Service, parts

UNIT = Path(__file__).parents[2] / "deploy/einthoven.service"
EXPOSURE = 12  # tenths of what systemd calls the exposure level; the unit has 10 or 11, one without sandboxing 96
STRICT = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for option in ((38, 1), (65, 1)):  # PR_SET_NO_NEW_PRIVS, PR_SET_MDWE
    if libc.prctl(*option, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, of a program that is there."""
    file = tmp_path / UNIT.name
    file.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/einthoven/bin/einthoven", sys.executable))
    return file


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")
@pytest.mark.parametrize("command", [["verify"], ["security", "--offline=yes", f"--threshold={EXPOSURE}"]])
def test_systemd_finds_no_fault(command: list[str], unit: Path) -> None:
    ended = subprocess.run(["systemd-analyze", *command, unit], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""


def test_its_options_are_those_of_the_service() -> None:
    (command,) = re.findall(r"^ExecStart=\S+ serve (.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"--\S+", command)) <= {option.opts[0] for option in serve.params}


@pytest.mark.parametrize("name", ["einthoven.service", "einthoven.container"])
def test_systemd_waits_until_what_was_begun_is_finished(name: str) -> None:
    (stop,) = (option.default for option in serve.params if option.name == "stop_seconds")
    seconds = re.findall(r"(?:TimeoutStopSec=|stop-timeout=)(\d+)", UNIT.with_name(name).read_text(encoding="utf-8"))
    assert seconds
    assert all(int(number) > stop for number in seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="a rule of Linux")
def test_the_service_needs_no_memory_that_is_writable_and_executable(
    monkeypatch: pytest.MonkeyPatch, dicom: bytes
) -> None:
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:  # PR_GET_MDWE
        pytest.skip("this kernel is older than 6.3")
    monkeypatch.setenv("HOME", "/nonexistent")
    with Service(workers=1, command=[sys.executable, "-c", STRICT, *COMMAND[1:]]) as strict:
        for kind in ("pdf", "png"):
            answer = strict.client.post(f"/v1/interpret?as={kind}", files=parts({"ecg.dcm": dicom}))
            assert answer.status_code == 200, answer.text
