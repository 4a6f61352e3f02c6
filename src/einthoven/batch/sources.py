"""Find the recordings to which files, folders and patterns refer."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from einthoven.batch.patterns import expand, is_pattern
from einthoven.errors import EinthovenError
from einthoven.files import identity
from einthoven.readers.dicom_sniff import MAX_START, starts_dicom_waveform
from einthoven.readers.remote import is_url
from einthoven.readers.sources import SIGNALS, STDIN, main_file
from einthoven.readers.wfdb_header import parse_header
from einthoven.signatures import is_own_output

ENDINGS = {
    ".hea",
    ".dcm",
    ".dicom",
    ".scp",
    ".xml",
    ".edf",
    ".bdf",
    ".mwf",
    ".mfer",
    ".mfr",
    ".ecg",
    ".ish",
    ".zip",
    "",
}
"""Suffixes of recordings in a folder, also before .gz; DICOM files often have none, or are named by their UID.

Tables need a pattern."""
_NO_RECORDINGS = {"records", "annotators", "dicomdir", "license", "licence", "readme", "makefile"}
_PAGES = {".pdf", ".png", ".svg"}
_TABLES = {".csv", ".tsv", ".txt", ".json", ".npy", ".npz", ".parquet"}
_OTHERS = _PAGES | _TABLES | {".jsonl", ".md", ".html", ".jpg", ".py"}
"""Suffixes of files that are not DICOM, so that they need not be opened for the check."""

NOT_A_RECORDING = "not an ECG by name or first bytes"
TABLE_IN_FOLDER = "possibly a table; in a folder, tables need a pattern such as 'FOLDER/*.csv'"
OWN_OUTPUT = "written by Einthoven"
DUPLICATE = "further names of the same file"


@dataclass(frozen=True)
class SourceList:
    """The recordings of a command, and the other files, which were skipped."""

    files: list[str]
    skipped_files: list[tuple[str, str]]
    """Path and reason of each skipped file: NOT_A_RECORDING, TABLE_IN_FOLDER, OWN_OUTPUT, DUPLICATE."""

    @property
    def skipped(self) -> Counter[str]:
        """Number of skipped files per reason."""
        return Counter(reason for _, reason in self.skipped_files)


def find_sources(arguments: Iterable[str], outputs: Iterable[Path] = ()) -> SourceList:
    """Return the recordings to which arguments refer, each once.

    A WFDB record is represented by its header. In folders and patterns, files that Einthoven wrote are skipped.

    Parameters
    ----------
    arguments
        Paths of files (existing or not) and folders, and patterns.
    outputs
        Paths that this command will write.

    Returns
    -------
    SourceList
        Recordings in the order of the arguments; the files of a folder or pattern are sorted by name.

    Raises
    ------
    EinthovenError
        If a folder or a pattern contains no recording.
    """
    own, skipped = {identity(output) for output in outputs}, list[tuple[str, str]]()
    files: dict[object, str] = {}
    for argument in arguments:
        for file in _expand_argument(argument, own, skipped):
            if files.setdefault(_record(file), file) != file:
                skipped.append((file, DUPLICATE))
    return SourceList(list(files.values()), skipped)


def _record(file: str) -> object:
    """Return a key that all names of a recording share.

    A header that is linked into several folders is a different record in each, with the signal files there.
    """
    path = main_file(Path(file))
    if file == STDIN or not path.exists():
        return file
    return (identity(path), identity(path.parent)) if path.suffix.lower() == ".hea" else identity(path)


def _expand_argument(argument: str, own: set[tuple[object, ...]], skipped: list[tuple[str, str]]) -> list[str]:
    """Return the files to which an argument refers; a missing file is returned as well, for the reader to report."""
    if argument == STDIN or is_url(argument):
        return [argument]
    if Path(argument).is_dir():
        paths = (Path(folder, name) for folder, _, names in os.walk(argument) for name in names if name[0] != ".")
        candidates = [path for path in paths if not _is_signal_file(path)]
        recordings = [path for path in candidates if is_named_as_recording(path) or _begins_as_recording(path)]
        suffixes = ", ".join(sorted(ENDINGS - {""}))
        error = f"contains no recordings ({suffixes}); for tables, give a pattern such as '{argument}/*.csv'."
    elif is_pattern(argument) and not Path(argument).exists():
        paths = (path for path in map(Path, expand(argument)) if not path.is_dir())
        candidates = [path for path in paths if not _is_signal_file(path)]
        pages = {suffix for suffix in _PAGES if not argument.lower().endswith(suffix)}
        recordings = [path for path in candidates if path.suffix.lower() not in pages]
        error = "matches no file; check the pattern, and quote it so that the shell does not expand it."
    else:
        return [argument]
    chosen = set(recordings)
    skipped += [(str(path), _why_skipped(path)) for path in sorted(candidates, key=str) if path not in chosen]
    files = _without_own_outputs(recordings, own, skipped)
    if not files:
        raise EinthovenError(str(error), argument)
    return _without_segments(files)


def _why_skipped(path: Path) -> str:
    if path.suffix.lower() not in _TABLES:
        return NOT_A_RECORDING
    return OWN_OUTPUT if is_own_output(path) else TABLE_IN_FOLDER


def is_named_as_recording(path: PurePath) -> bool:
    """Return whether a file of a folder counts as a recording.

    Parameters
    ----------
    path
        The file; only its name matters.

    Returns
    -------
    bool
        True for the suffix of an ECG format, or no suffix.
    """
    suffix = path.suffix.lower()
    if suffix == ".gz":  # ecg.dcm.gz; without another suffix, it could be anything
        suffix = path.with_suffix("").suffix.lower() or suffix
    return suffix in ENDINGS and path.name.lower() not in _NO_RECORDINGS


def _begins_as_recording(path: Path) -> bool:
    """Return whether a file of any name is a DICOM waveform: archives name them by their UIDs."""
    if path.suffix.lower() in _OTHERS or path.name.lower() in _NO_RECORDINGS:
        return False
    try:
        if not path.is_file():  # a pipe could block forever
            return False
        with path.open("rb") as file:
            return starts_dicom_waveform(file.read(MAX_START))
    except OSError:
        return False


def _without_own_outputs(
    paths: Iterable[Path], own: set[tuple[object, ...]], skipped: list[tuple[str, str]]
) -> list[str]:
    """Return `paths` in order, without files that Einthoven wrote."""
    files = []
    for path in sorted(paths, key=str):
        if path.suffix.lower() != ".hea" and (identity(path) in own or is_own_output(path)):
            skipped.append((str(path), OWN_OUTPUT))
        else:
            files.append(str(path))
    return files


def _is_signal_file(path: Path) -> bool:
    return path.suffix.lower() in SIGNALS and path.with_suffix(".hea").exists()


def _without_segments(files: list[str]) -> list[str]:
    """Return `files` without the segments of multi-segment WFDB records among them.

    A header that lists segments always stays, because two headers may list each other.
    """
    listed = {file: segments for file in files if (segments := set(_segments(Path(file))))}
    segments_listed = set[str]().union(*listed.values())
    return [file for file in files if file in listed or file not in segments_listed]


def _segments(header: Path) -> Iterator[str]:
    """Yield the segment headers that a WFDB header lists; none if it is damaged, which the reader will report."""
    if header.suffix.lower() == ".hea" and not any(header.with_suffix(ending).exists() for ending in SIGNALS):
        try:
            names = [name for name, _ in parse_header(header.read_bytes()).segments]
        except (OSError, EinthovenError):
            return
        yield from (str(header.with_name(f"{name}.hea")) for name in names)
