"""Convert the source of `read` (a path, bytes, several files) to named bytes, without leaving the folder."""

import errno
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from einthoven.errors import RecordingError, shortage
from einthoven.files import explain
from einthoven.readers.edf_part import MAX_HEADER as MAX_EDF_HEADER
from einthoven.readers.edf_part import Layout, edf_layout
from einthoven.readers.gunzip import GZIP, gunzip
from einthoven.readers.remote import RemoteFolder, is_url, shown_url
from einthoven.readers.span import HOW_TO_CUT, WHOLE, Span

MAX_BYTES = 512 << 20
"""Largest file that is read."""

STDIN = "-"
"""Source that means standard input on the command line."""
SIGNALS = (".dat", ".mat", ".xyz")
"""File name extensions of WFDB's signal files."""
PACKED = ".gz"
"""File name extension of a compressed file."""
_ANNEX = ".git/annex/objects/"
_POINTERS = {
    b"/annex/objects/": "`datalad get` or `git annex get`",
    b"version https://git-lfs.github.com/spec/": "`git lfs pull`",
}
_MAX_POINTER = 1024  # bytes; real ones have about 130

Source = str | PathLike[str] | bytes | Mapping[str, bytes]


@dataclass(frozen=True)
class Files:
    """The file to read, and access to those next to it for records of several files."""

    data: bytes
    siblings: Mapping[str, bytes] | Path
    """The other files of the caller, or the folder that holds them."""
    follow_links: bool = False
    """Whether a file next to it may be a link to another folder."""
    span: Span = WHOLE
    """The part that is wanted, in the time of `data`. A reader may read more."""
    skipped_s: float = 0.0
    """Time in s from the start of the recording to the start of `data`."""

    def sibling(self, name: str, first: int = 0, size: int | None = None) -> bytes:
        """Return the content of another file of the record.

        Parameters
        ----------
        name
            Name of the file, as in the header.
        first, size
            Bytes before the part to return, and those in it; None for all.

        Returns
        -------
        bytes
            Content of the file; fewer than `size` bytes if the file ends before.

        Raises
        ------
        RecordingError
            If it is missing, or lies outside the folder.
        """
        name = name.removeprefix("./")
        if not 0 < len(name.encode()) < 200 or name in (".", "..") or any(character in name for character in "/\\:\0"):
            raise RecordingError(
                "names a file by more than a plain name; copy it next to the header and name it without a folder."
            )
        if not isinstance(self.siblings, Path):
            found = _match(name, self.siblings)
            if found not in self.siblings:
                raise RecordingError(f"{self._described(name)} is missing; give it too.")
            return _part(self.siblings[found], first, size)
        path = self.siblings / name
        if not os.path.lexists(path):
            path = self.siblings / _match(name, [file.name for file in self.siblings.iterdir()])
        if not self.follow_links and _leaves(path, self.siblings):
            raise RecordingError(
                f"{self._described(name)} is a link to another folder; if you trust the folder, allow links "
                "(--follow-links, follow_links=True), or copy the file next to the header."
            )
        try:
            packed = path.suffix.lower() == PACKED
            return _part(read_bytes(path), first, size) if packed else read_bytes(path, first, size)
        except RecordingError as error:
            raise RecordingError(f"{self._described(name)} {error.reason}") from error

    def _described(self, name: str) -> str:
        """Return `name` for a message if the user has a file of that name; a header may hold any name."""
        if isinstance(self.siblings, Path):
            known = os.path.lexists(self.siblings / name) or self.siblings.joinpath(name).with_suffix(".hea").exists()
        else:
            known = Path(name).stem in {Path(other).stem for other in self.siblings}
        return f"its file {name}" if known else "a file that its header names"


def _leaves(path: Path, folder: Path) -> bool:
    """Return whether a path is a link out of its folder."""
    try:
        return path.is_symlink() and path.resolve().parent != folder.resolve()
    except (OSError, RuntimeError):
        return True


def _match(name: str, names: Collection[str]) -> str:
    """Return `name` as `names` have it: in the upper or lower case that some file systems change, or compressed."""
    for wanted in (name.lower(), name.lower() + PACKED):
        if match := next((other for other in names if other.lower() == wanted), None):
            return match
    return name


def _part(data: bytes, first: int, size: int | None) -> bytes:
    """Return a part of a file, decompressed if it is compressed."""
    data = gunzip(data, MAX_BYTES) if data.startswith(GZIP) else data
    return data[first:][:size]


def shown_source(source: Source) -> str:
    """Return the name of a source for messages.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.

    Returns
    -------
    str
        A path, or an address without what may be secret; "stdin" for STDIN, "recording" for content.
    """
    if source == STDIN:
        return "stdin"
    if is_url(source):
        return shown_url(source)
    return fspath(source) if isinstance(source, str | PathLike) else "recording"


def open_source(source: Source, follow_links: bool = False, span: Span = WHOLE) -> tuple[str, Files]:
    """Read the files of a source.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.
    follow_links
        Whether a file of a record may be a link to another folder.
    span
        The part that is wanted.

    Returns
    -------
    name : str
        Name of the source in messages.
    files : Files
        The file to read, and access to those next to it.

    Raises
    ------
    RecordingError
        If a file is missing, not readable or too large.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes", Files(_check_bytes(bytes(source)), {}, span=span)
    if isinstance(source, Mapping):
        files = {re.split(r"[/\\]", name)[-1]: _check_bytes(data) for name, data in source.items()}
        name = _main_file(files)
        return name, Files(files[name], files, span=span)
    if is_url(source):
        return shown_url(source), _read_url(source)
    path = Path(fspath(source))
    return str(path), _read_path(path, follow_links, span)


def read_bytes(path: Path, first: int = 0, size: int | None = None) -> bytes:
    """Read a file, or a part of one.

    Parameters
    ----------
    path
        The file.
    first, size
        Bytes before the part, and those in it; None for all.

    Returns
    -------
    bytes
        Content of the file, or of the part.

    Raises
    ------
    RecordingError
        If it is not a file, too large or not readable.
    ShortageError
        If the machine lacks what reading needs.
    """
    try:
        if not path.is_file():  # a pipe or a device would never end
            if path.is_symlink() and not path.exists():
                raise _dangling(path)
            what = "a folder; give the file" if path.is_dir() else "not a file" if path.exists() else "not found"
            raise RecordingError(f"is {what}; check the path.")
        if (path.stat().st_size if size is None else size) > MAX_BYTES:
            raise RecordingError(f"has more than {MAX_BYTES >> 20} MiB; {HOW_TO_CUT}.")
        with path.open("rb") as file:
            file.seek(first)
            return _check_pointer(file.read(-1 if size is None else size))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.EIO and shortage(error):
            raise explain(error, path) from error  # EIO is a fault of the disk that holds the file
        raise RecordingError(
            f"cannot be read ({getattr(error, 'strerror', None) or error}); check the path."
        ) from error


def _dangling(link: Path) -> RecordingError:
    if _ANNEX in link.readlink().as_posix():
        return RecordingError("is a link to content that is not present; fetch it: `datalad get` or `git annex get`.")
    return RecordingError("is a link to a file that does not exist; check the path.")


def _check_pointer(data: bytes) -> bytes:
    """Return `data`, unless it is only a pointer to content that git-annex or Git LFS keeps elsewhere."""
    if len(data) < _MAX_POINTER:
        for start, command in _POINTERS.items():
            if data.startswith(start):
                raise RecordingError(f"holds only a pointer to content that is not present; fetch it: {command}.")
    return data


def main_file(path: Path) -> Path:
    """Return the file that reading a path opens first.

    Parameters
    ----------
    path
        Path as for `einthoven.read`.

    Returns
    -------
    Path
        The header, for the stem of a WFDB record or one of its signal files; else `path`.
    """
    try:
        plain = path.with_suffix("") if path.suffix.lower() == PACKED else path
        is_signal = plain.suffix.lower() in SIGNALS
        if is_signal or (path.name and not path.exists()):
            stem = plain.stem if is_signal else path.name
            names = [f"{stem}{suffix}" for suffix in (".hea", ".HEA", f".hea{PACKED}")]
            return next((header for name in names if (header := path.with_name(name)).is_file()), path)
    except (OSError, ValueError):
        pass  # read_bytes reports what is wrong with the path
    return path


def _read_path(path: Path, follow_links: bool, span: Span) -> Files:
    path = main_file(path)
    if span != WHOLE and (layout := find_edf_layout(path)):
        place = layout.place(span)
        data = place.header + read_bytes(path, place.first_byte, place.n_bytes)
        return Files(data, path.parent, follow_links, place.span, place.skipped_s)
    return Files(read_bytes(path), path.parent, follow_links, span)


def find_edf_layout(path: Path) -> Layout | None:
    """Return the layout of the data records of an EDF file.

    Parameters
    ----------
    path
        Any file.

    Returns
    -------
    Layout or None
        Layout of the file; None if a part of it cannot be read alone.

    Raises
    ------
    RecordingError
        If it is not readable.
    """
    start = read_bytes(path, 0, MAX_EDF_HEADER)
    return edf_layout(start, path.stat().st_size)


def _read_url(url: str) -> Files:
    """Fetch a file, or the header of a WFDB record by its stem or its signal file."""
    folder = RemoteFolder(url, MAX_BYTES)
    stem, dot, suffix = folder.name.rpartition(".")
    names = [folder.name]
    if f".{suffix}".lower() in SIGNALS:
        names.insert(0, f"{stem}.hea")
    elif not dot:
        names.append(f"{folder.name}.hea")
    for name in names:
        if name in folder:
            return Files(folder[name], folder)
    raise RecordingError("is not found on the server; check the address.")


def main_headers(files: Mapping[str, bytes]) -> list[str]:
    """Return the WFDB headers that no other header names as a segment.

    Parameters
    ----------
    files
        Content by name.

    Returns
    -------
    list of str
        Names of the headers.
    """
    headers = [name for name in files if name.lower().endswith(".hea")]
    stems = {name[:-4].encode(): name for name in headers}
    segments: set[str] = set()
    for header in headers:
        starts = {line.split(None, 1)[0] for line in files[header].splitlines() if line.strip()}
        segments |= {stems[word] for word in starts & stems.keys()} - {header}
    return [name for name in headers if name not in segments]


def _main_file(files: Mapping[str, bytes]) -> str:
    """Return the name of the file to read: the header that no other header names, or the only file."""
    if len(files) == 1:
        return next(iter(files))
    masters = main_headers(files)
    if len(masters) != 1:
        raise RecordingError(f"has {len(files)} files with {len(masters)} headers; give one record at a time.")
    return masters[0]


def _check_bytes(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise RecordingError(f"has more than {MAX_BYTES >> 20} MiB; {HOW_TO_CUT}.")
    return data
