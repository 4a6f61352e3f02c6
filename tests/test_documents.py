"""Every command and every Python program in the documents works as it is written.

A `python` block stands alone: it runs in a new namespace and a folder with recordings. The `sh` blocks of a page run in
order, as a reader would type them. Trainings, downloads and services in the foreground are parsed only. A block whose
title begins with "Needs" is not run; the title is the reason, and NOT_RUN counts these blocks.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pytest
from pydicom import Dataset

from einthoven.cli import cli
from einthoven.recording import LEADS
from einthoven.simulate.samples import RATE, sample_signal
from readers import writers

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
FENCE = re.compile(r'^```(\w*)(?: title="(.*?)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(einthoven [^`]+|pip install [^`]+|make [a-z]+[^`]*)`")
CODE = {"python", "sh"}
OTHER = {"text", "json", "nginx"}
PARSED = re.compile(r"einthoven (train|export|evaluate|compare|data)\b|einthoven serve\b(?!.* &( |$))|pip |make ")
HIDDEN = re.compile(r"^(\$ |einthoven [a-z]+ |pip install|python |import |curl )", re.MULTILINE)
NOT_RUN = 10
OUTPUTS = {
    "docs/how-to/service.md": ["in_words", "DiagnosticReport\nPatient/1234", '["letter.pdf",null,"', "'Observation'"],
    "docs/how-to/hospital.md": ["in_words", "einthoven_workers_ready 2.0", "sha256="],
    "docs/how-to/monitor.md": ["s | heart rate", "'ended'"],
    "docs/reference/bundles.md": ["Signature Verified Successfully"],
}
"""What the commands of a page print; those of the README also print its block of text."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    page: str
    line: int
    language: str
    title: str
    code: str

    @property
    def runs(self) -> bool:
        return self.language in CODE and not self.title.startswith("Needs ")

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block; continued lines are joined."""
        return self.code.replace("\\\n", " ").splitlines() if self.language == "sh" else []


def blocks() -> Iterator[Block]:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Block(str(path.relative_to(ROOT)), line, match[1], match[2] or "", match[3])


BLOCKS = list(blocks())
SESSIONS = sorted({block.page for block in BLOCKS if block.runs and block.language == "sh"})
SERVED = {block.page for block in BLOCKS if any(re.search(r"einthoven serve\b.* &", line) for line in block.commands)}
PROGRAMS = [block for block in BLOCKS if block.runs and block.language == "python" and block.page not in SERVED]


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the documents name: an infarct in several formats, a new block, an archive, a letter..."""
    folder = tmp_path_factory.mktemp("documents")
    signal = np.ascontiguousarray(sample_signal("inferior-infarct").T)
    record = writers.wfdb(signal, RATE)
    for name, content in {
        "ecg.dcm": writers.dicom(signal, RATE, change=_in_a_study),
        "ecg.xml": writers.aecg(signal, RATE),
        "old.xml": writers.aecg(np.ascontiguousarray(sample_signal("normal").T), RATE),
        "new.xml": writers.aecg(np.ascontiguousarray(sample_signal("left-bundle-branch-block").T), RATE),
        "ecg.csv": writers.csv(signal / 1000, RATE, ",".join(LEADS)),
        "letter.pdf": b"%PDF-1.4 Dear colleague",
        "record.hea": record["r.hea"].replace(b"r.dat", b"record.dat"),
        "record.dat": record["r.dat"],
        "archive/b/1.dcm": writers.dicom(signal, RATE),
        "archive/r.hea": record["r.hea"],
        "archive/r.dat": record["r.dat"],
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    shutil.copytree(ROOT / "src" / "einthoven" / "bundles" / "edge", folder / "bundles" / "mine")
    return folder


def _in_a_study(dataset: Dataset) -> None:
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.1"


@pytest.fixture
def folder(sample_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a block or of a page's session."""
    work = tmp_path / "work"
    shutil.copytree(sample_files, work)
    monkeypatch.chdir(work)
    return work


def parse(arguments: list[str]) -> None:
    """Parse a command of Einthoven without running it. The files that it names need not exist."""
    command: click.Command = cli
    context, name = None, "einthoven"
    try:
        while isinstance(command, click.Group) and arguments:
            context = command.make_context(name, arguments, parent=context)
            found, resolved, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
            assert resolved is not None
            assert found is not None
            name, command = found, resolved
        command.make_context(name, arguments, parent=context)
    except (click.exceptions.Exit, click.exceptions.NoArgsIsHelpError, click.MissingParameter):
        return  # --help, or a command that is only named
    except click.BadParameter as error:
        if "does not exist" not in error.message:
            raise


def check(command: str) -> None:
    """Check a command that is too long or too heavy for a test: its options, extras, files and targets exist."""
    words = shlex.split(command, comments=True)
    if words[0] == "einthoven":
        parse([word for word in words[1:] if word not in {"&", "...", "|", ">"}])
    elif words[0] == "pip":
        assert "einthoven[" not in command, "it is not on an index yet"
        extras = re.findall(r"\[([\w,]+)\]", command)
        assert {name for names in extras for name in names.split(",")} <= set(PROJECT["optional-dependencies"])
        assert all((ROOT / word).exists() for word in words if word.endswith(".txt"))
    elif words[0] == "make":
        done = subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_every_block_has_a_language_and_hides_no_command() -> None:
    assert {block.language for block in BLOCKS} <= CODE | OTHER
    hidden = [block for block in BLOCKS if block.language in OTHER and HIDDEN.search(block.code)]
    assert hidden == []


def test_the_page_about_the_interpretation_has_every_field_of_the_schema() -> None:
    schema = json.loads((ROOT / "src/einthoven/interpret/interpretation.schema.json").read_text(encoding="utf-8"))
    page = "docs/reference/interpretation.md"
    [fields] = [block.code for block in BLOCKS if block.page == page and '"schema_version"' in block.code]
    assert {name for name in _properties(schema) if f'"{name}"' not in fields} == set()


def _properties(schema: object) -> Iterator[str]:
    """The names of all properties of a JSON Schema."""
    children = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield from schema["properties"]
    for child in children:
        yield from _properties(child)


def test_the_blocks_that_are_not_run_are_counted() -> None:
    not_run = [(block.page, block.title) for block in BLOCKS if block.language in CODE and not block.runs]
    assert len(not_run) == NOT_RUN, not_run


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: f"{block.page}:{block.line}")
def test_a_program_works(block: Block, folder: Path, request: pytest.FixtureRequest) -> None:
    if "ptb-xl" in block.code:
        shutil.copytree(request.getfixturevalue("simulated"), folder / "ptb-xl")
    program = compile("\n" * block.line + block.code, str(ROOT / block.page), "exec")
    exec(program, {"__name__": "__main__"})


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "jq", "openssl"))), reason="needs curl, jq and openssl")
@pytest.mark.parametrize("page", SESSIONS)
def test_the_commands_of_a_page_work(page: str, folder: Path) -> None:
    session = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for block in (block for block in BLOCKS if block.page == page and block.runs):
        if block.language == "python" and page in SERVED:
            session.append(f"python - <<'END'\n{block.code}END")
        for command in block.commands:
            if PARSED.match(command):
                check(command)
            else:
                session.append(command)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = subprocess.run(
        ["bash", "-c", "\n".join(session).replace("8000", port)],
        env=os.environ | {"PATH": f"{_commands(folder, port)}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    expected = [block.code for block in BLOCKS if block.page == page == "README.md" and block.language == "text"]
    assert [words for words in OUTPUTS.get(page, expected) if words not in done.stdout] == []


def _commands(folder: Path, port: str) -> Path:
    """Make a folder for PATH with `einthoven` and `python`; `einthoven replay` finds the service of the test."""
    commands = folder.parent / "bin"
    commands.mkdir()
    replay = f'[ "$1" != replay ] || set -- "$@" --url ws://127.0.0.1:{port}/v1/stream'
    for name, script in {
        "einthoven": f'{replay}\nexec {sys.executable} -m einthoven "$@"',
        "python": f'exec {sys.executable} "$@"',
    }.items():
        (commands / name).write_text(f"#!/bin/sh\n{script}\n")
        (commands / name).chmod(0o755)
    return commands


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_within_the_text_exist(path: Path) -> None:
    for command in INLINE.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        check(" ".join(command.split()))
