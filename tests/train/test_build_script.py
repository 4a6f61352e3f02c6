"""`configs/shipped/build.sh`, with a stand-in for `einthoven` that only writes down its arguments."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from serve.service import eventually

SHIPPED = Path(__file__).parents[2] / "configs" / "shipped"
COMMAND = """#!/usr/bin/env bash
echo "$*" >> asked
[[ "$*" != *"$FAILS"* ]] || exit 2
exec sleep "$SECONDS_EACH"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the stages, and a stand-in for `einthoven` in bin/."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "shipped").symlink_to(SHIPPED)
    command = tmp_path / "bin" / "einthoven"
    command.parent.mkdir()
    command.write_text(COMMAND)
    command.chmod(0o755)
    return tmp_path


def build(clone: Path, fails: str = "nothing", seconds: float = 0) -> subprocess.Popen[bytes]:
    path = f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}"
    facts = os.environ | {"PATH": path, "FAILS": fails, "SECONDS_EACH": str(seconds)}
    script = ["bash", "configs/shipped/build.sh", "ptb-xl"]
    return subprocess.Popen(script, cwd=clone, env=facts, stdout=subprocess.DEVNULL, start_new_session=True)


def asked(clone: Path) -> list[str]:
    path = clone / "asked"
    return path.read_text().splitlines() if path.exists() else []


def test_it_trains_every_stage_then_exports_both_bundles(clone: Path) -> None:
    (clone / "runs" / "1-inception1d-half").mkdir(parents=True)
    (clone / "runs" / "1-inception1d-half" / "config.json").touch()
    assert build(clone).wait(60) == 0
    commands = asked(clone)
    assert "train --resume runs/1-inception1d-half" in commands
    stages = {path.stem for path in SHIPPED.glob("*.toml")} - {"1-inception1d-half"}
    trained = [line for line in commands if line.startswith("train --config")]
    assert sorted(trained) == sorted(
        f"train --config configs/shipped/{stage}.toml --data ptb-xl --out runs/{stage}" for stage in stages
    )
    assert [line.split()[0] for line in commands[-2:]] == ["export", "export"]


def test_a_stage_that_fails_stops_what_needs_it(clone: Path) -> None:
    assert build(clone, fails="3-inception1d-half.toml").wait(60) != 0
    assert not any("6-s4d-eighth" in line or line.startswith("export") for line in asked(clone))
    assert any("5-s4d-quarter" in line for line in asked(clone))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_both_trainings(clone: Path, number: signal.Signals) -> None:
    script = build(clone, seconds=600)
    try:
        eventually(lambda: len(asked(clone)) == 2)
        os.kill(script.pid, number)
        assert script.wait(60) != 0
        eventually(lambda: not is_alive(script.pid))
    finally:
        if is_alive(script.pid):
            os.killpg(script.pid, signal.SIGKILL)


def is_alive(session: int) -> bool:
    """Whether a process of the session is left, except those that ended and that nobody waited for."""
    states = subprocess.run(
        ["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True, check=False
    ).stdout
    return any(not state.startswith("Z") for state in states.split())
