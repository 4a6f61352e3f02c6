"""The recordings that a user means by files, folders and patterns."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from einthoven.batch.patterns import expand, is_pattern
from einthoven.errors import EinthovenError
from einthoven.files import identity
from einthoven.readers.sources import SIGNALS, main_file
from einthoven.readers.wfdb_header import parse_header
from einthoven.signatures import is_own_output

ENDINGS = {".hea", ".dcm", ".dicom", ".scp", ".xml", ".edf", ".bdf", ".mwf", ".mfer", ".mfr", ".ecg", ".ish", ""}
"""What a file in a folder must end in to be taken; "" is DICOM's habit. Tables must be named."""
_NO_RECORDINGS = {"records", "annotators", "dicomdir", "license", "licence", "readme", "makefile"}
_PAGES = {".pdf", ".png", ".svg"}

NOT_A_RECORDING = "by their names no recordings"
OWN_OUTPUT = "written by Einthoven"
DUPLICATE = "other names of a file that was taken"


@dataclass(frozen=True)
class SourceList:
    """The recordings that are meant, and what was found with them."""

    files: list[str]
    skipped: Counter[str]
    """How many files were passed over, for each reason."""


def find_sources(arguments: Iterable[str], outputs: Iterable[Path] = ()) -> SourceList:
    """The files meant, in the order of the arguments; those of a folder or pattern sorted by name.

    Each file is taken once, by the first of its names. Of a WFDB record the header is taken. In folders and patterns,
    `outputs` (of this run) and other files that Einthoven wrote are passed over. Raises EinthovenError if an argument
    means nothing that is there.
    """
    own, skipped = {identity(output) for output in outputs}, Counter[str]()
    found: dict[object, str] = {}
    for argument in arguments:
        for file in _expand_argument(argument, own, skipped):
            skipped[DUPLICATE] += found.setdefault(_record(file), file) != file
    return SourceList(list(found.values()), +skipped)


def _record(file: str) -> object:
    """What all names of a recording share. A header stands for another one in each folder, with the signals there."""
    path = main_file(Path(file))
    if not path.exists():
        return file
    return (identity(path), identity(path.parent)) if path.suffix.lower() == ".hea" else identity(path)


def _expand_argument(argument: str, own: set[tuple[object, ...]], skipped: Counter[str]) -> list[str]:
    if Path(argument).is_dir():
        paths = (Path(folder, name) for folder, _, names in os.walk(argument) for name in names)
        candidates = [path for path in paths if not path.name.startswith(".") and not _signal_of_a_header(path)]
        named = [path for path in candidates if _is_named_as_recording(path)]
        skipped[NOT_A_RECORDING] += len(candidates) - len(named)
        files = _without_own_outputs(named, own, skipped)
        if not files:
            known = ", ".join(sorted(ENDINGS - {""}))
            raise EinthovenError(
                f"{argument}: holds no recordings ({known}); name tables by a pattern, as '{argument}/*.csv'."
            )
        return _without_segments(files)
    if is_pattern(argument) and not Path(argument).exists():
        candidates = [
            path for path in map(Path, expand(argument)) if not path.is_dir() and not _signal_of_a_header(path)
        ]
        pages = {ending for ending in _PAGES if not argument.lower().endswith(ending)}
        named = [path for path in candidates if path.suffix.lower() not in pages]
        skipped[NOT_A_RECORDING] += len(candidates) - len(named)
        files = _without_own_outputs(named, own, skipped)
        if not files:
            raise EinthovenError(f"{argument}: matches no file; check the pattern, and quote it against the shell.")
        return _without_segments(files)
    return [argument]  # also one that is not there: reading says so


def _is_named_as_recording(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.name.lower() not in _NO_RECORDINGS


def _without_own_outputs(paths: Iterable[Path], own: set[tuple[object, ...]], skipped: Counter[str]) -> list[str]:
    """`paths` sorted, without what Einthoven wrote."""
    files = []
    for path in sorted(paths, key=str):
        if path.suffix.lower() != ".hea" and (identity(path) in own or is_own_output(path)):
            skipped[OWN_OUTPUT] += 1
        else:
            files.append(str(path))
    return files


def _signal_of_a_header(path: Path) -> bool:
    return path.suffix.lower() in SIGNALS and path.with_suffix(".hea").exists()


def _without_segments(files: list[str]) -> list[str]:
    """`files` without the segments of those WFDB records among them that consist of several.

    A header that lists segments is never one, even if another one lists it: it would be lost if they list each other.
    """
    listed = {file: segments for file in files if (segments := set(_segments(Path(file))))}
    segments_listed = set[str]().union(*listed.values())
    return [file for file in files if file in listed or file not in segments_listed]


def _segments(header: Path) -> Iterator[str]:
    """The headers of the segments that a WFDB header lists; none if it is damaged, which reading will say."""
    if header.suffix.lower() == ".hea" and not any(header.with_suffix(ending).exists() for ending in SIGNALS):
        try:
            names = [name for name, _ in parse_header(header.read_bytes()).segments]
        except (OSError, EinthovenError):
            return
        yield from (str(header.with_name(f"{name}.hea")) for name in names)
