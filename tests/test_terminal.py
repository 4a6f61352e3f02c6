"""What stands in files and names of files never controls the terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from einthoven import cli
from einthoven.text import escape, printable

HOSTILE = "\x1b[31m\x07\x9b2J\u202e[red]x"
SHOWN = r"\u001b[31m\u0007\u009b2J\u202e[red]x"

pty = pytest.importorskip("pty")


def run(*arguments: object) -> tuple[int, str]:
    """Exit code, and all that a terminal gets."""
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "einthoven", *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "TERM": "dumb"}
    process = subprocess.Popen(command, stdout=other, stderr=other, env=environment)
    os.close(other)
    shown = received(terminal)
    return process.wait(), shown


def received(terminal: int) -> str:
    """All that a terminal gets until nothing writes to it any more."""
    shown = b""
    try:
        while data := os.read(terminal, 65536):
            shown += data
    except OSError:  # Linux, when all have closed it
        pass
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n")


def test_every_kind_of_character() -> None:
    assert escape(HOSTILE) == SHOWN
    assert escape("é ü 心 ● –") == "é ü 心 ● –"
    assert escape("a\nb\udcff\U000e0041") == r"a\u000ab\udcff\U000e0041"
    assert escape("a\nb", "\n") == "a\nb"


def run_in_fork(*arguments: object) -> tuple[int, str]:
    """As `run`, in a fork of this process, which need not import anything."""
    sys.stdout.flush()
    process, terminal = pty.fork()
    if not process:
        try:
            sys.argv = ["einthoven", *map(str, arguments)]
            os.environ["TERM"] = "dumb"
            sys.stdout, sys.stderr = (open(k, "w", encoding="utf-8", closefd=False) for k in (1, 2))  # noqa: SIM115
            cli.main()
        except SystemExit as end:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(end.code or 0))
        finally:
            os._exit(70)
    shown = received(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown


@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "csv", "fhir"])
def test_answers(simulated: Path, tmp_path: Path, format_: str) -> None:
    header = tmp_path / f"{HOSTILE}.hea"
    header.write_bytes(next(simulated.rglob("00001_lr.hea")).read_bytes())
    (tmp_path / "00001_lr.dat").write_bytes(next(simulated.rglob("00001_lr.dat")).read_bytes())
    (tmp_path / f"{HOSTILE}.edf").write_text("no recording")
    code, shown = run(
        "interpret", header, tmp_path / f"{HOSTILE}.edf", "--model", "edge", "--workers", 1, "--format", format_
    )
    assert code == 1
    assert not set(shown) & set("\x1b\x07\x9b\u202e")


@pytest.mark.parametrize(
    "arguments",
    [
        ("interpret", HOSTILE),
        ("interpret", f"{HOSTILE}*"),
        ("interpret", "x.hea", f"--{HOSTILE}"),
        ("interpret", "x.hea", "--out", f"x.{HOSTILE}"),
        ("interpret", "x.hea", "--model", HOSTILE),
        ("data", "check", HOSTILE),
        ("data", HOSTILE),
        ("models", HOSTILE),
        ("evaluate", HOSTILE),
        ("export", HOSTILE, "--out", "b"),
        ("train", "--data", HOSTILE, "--out", "r"),
        ("replay", HOSTILE),
    ],
)
def test_refusals(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import einthoven.evaluate.evaluation
    import einthoven.train.start  # noqa: F401, both once for all

    monkeypatch.chdir(tmp_path)
    code, shown = run_in_fork(*arguments)
    assert code == 2
    assert "[red]" in shown
    assert "Traceback" not in shown
    assert not set(shown) & set("\x1b\x07\x9b\u202e")


def test_a_table(tmp_path: Path) -> None:
    """The name of a bundle is the card's to choose."""
    from einthoven.model.bundle_files import SHIPPED

    for name in ("card.json", "model.onnx"):
        (tmp_path / name).write_bytes((SHIPPED / "edge" / name).read_bytes())
    card = (tmp_path / "card.json").read_text()
    assert '"name": "edge"' in card
    name = "[red]x\\u001b[31m\\u202e[/]"
    (tmp_path / "card.json").write_text(card.replace('"name": "edge"', f'"name": "{name}"', 1))
    code, shown = run("models", tmp_path)
    if code == 0:  # a card may also be refused for such a name
        assert name in shown.replace("\n", "")
    assert "\u202e" not in shown
    assert "\x1b[31m" not in shown


def test_a_message_is_cut_and_a_report_is_not() -> None:
    assert printable("a\x1b \n\tb" * 1000) == ("a? b" * 1000)[:800]
    assert printable("a b" * 1000, None) == "a b" * 1000
