"""The recordings that a user means by files, folders and patterns."""

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.readers.sources import SIGNALS
from einthoven.readers.wfdb_header import parse_header

ENDINGS = {".hea", ".dcm", ".dicom", ".scp", ".xml", ".edf", ".bdf", ".mwf", ".mfer", ".mfr", ".ecg", ".ish", ""}
"""What a file in a folder must end in to be taken; "" is DICOM's habit. Tables must be named."""
_NO_RECORDINGS = {"records", "annotators", "dicomdir", "license", "licence", "readme", "makefile"}
_PATTERN = set("*?[")


def find_sources(arguments: Iterable[str]) -> list[str]:
    """The files meant, in the order of the arguments, each once; those of a folder or pattern sorted by name.

    Of a WFDB record the header is taken. Raises EinthovenError where an argument means nothing that is there.
    """
    found: dict[str, None] = {}
    for argument in arguments:
        found |= dict.fromkeys(_meant(argument))
    return list(found)


def _meant(argument: str) -> list[str]:
    if Path(argument).is_dir():
        files = sorted(
            str(Path(folder, name))
            for folder, _, names in os.walk(argument)
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in ENDINGS and name.lower() not in _NO_RECORDINGS
        )
        if not files:
            known = ", ".join(sorted(ENDINGS - {""}))
            raise EinthovenError(
                f"{argument}: holds no recordings ({known}); name tables by a pattern, as '{argument}/*.csv'."
            )
        return _whole(files)
    if _PATTERN & set(argument) and not Path(argument).exists():
        found = glob.glob(argument, recursive=True)  # noqa: PTH207 (Path.glob wants a root apart from the pattern)
        matches = sorted(path for path in found if not Path(path).is_dir())
        files = [path for path in matches if not _signal_of_a_header(Path(path))]
        if not files:
            raise EinthovenError(f"{argument}: matches no file; check the pattern, and quote it against the shell.")
        return _whole(files)
    return [argument]  # also one that is not there: reading says so


def _signal_of_a_header(path: Path) -> bool:
    return path.suffix.lower() in SIGNALS and path.with_suffix(".hea").exists()


def _whole(files: list[str]) -> list[str]:
    """`files` without the segments of those WFDB records among them that consist of several."""
    parts = set[str]()
    for file in files:
        path = Path(file)
        if path.suffix == ".hea" and not any(path.with_suffix(ending).exists() for ending in SIGNALS):
            parts |= {str(path.with_name(f"{name}.hea")) for name in _segments(path)}
    return [file for file in files if file not in parts]


def _segments(header: Path) -> list[str]:
    """The names of the segments that a WFDB header lists; none where it is damaged, which reading will say."""
    try:
        return [name for name, _ in parse_header(header.read_bytes()).segments]
    except (OSError, EinthovenError):
        return []
