"""The commands of the documentation, as they stand there."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from readers import writers

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
TOOLS = ("bash", "curl", "jq", "openssl")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script(page: str) -> str:
    """What of a page is to be run, as one script."""
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    return "\n".join(code if kind == "sh" else f"python - <<'END'\n{code}END\n" for kind, code in blocks)


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "jq", "openssl"))), reason="curl, jq or openssl is missing"
)
@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("service.md", ["in_words", "DiagnosticReport\nPatient/1234", '["letter.pdf",null,"is a PDF', "'Observation'"]),
        ("hospital.md", ["in_words", "einthoven_workers_ready 2.0", "sha256="]),
    ],
)
def test_the_commands_work(page: str, words: list[str], tmp_path: Path, dicom: bytes, wfdb: writers.Files) -> None:
    for name, content in {"ecg.dcm": dicom, "letter.pdf": b"%PDF-1.4 Dear colleague"}.items():
        Path(tmp_path, name).write_bytes(content)
    Path(tmp_path, "record.hea").write_bytes(wfdb["r.hea"].replace(b"r.dat", b"record.dat"))
    Path(tmp_path, "record.dat").write_bytes(wfdb["r.dat"])
    command = Path(tmp_path, "bin", "einthoven")
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m einthoven "$@" --workers 2\n')
    command.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = "set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n" + script(page).replace("8000", str(port))
    paths = f"{command.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, env=os.environ | {"PATH": paths}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for word in words:
        assert word in ended.stdout
    assert page != "service.md" or Path(tmp_path, "page.pdf").read_bytes().startswith(b"%PDF")
