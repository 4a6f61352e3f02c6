"""From what the caller gives (a path, bytes, several files) to named bytes, without leaving the folder."""

import errno
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from einthoven.errors import RecordingError, shortage
from einthoven.files import explain

MAX_BYTES = 512 << 20
"""Largest file that is read."""

SIGNALS = (".dat", ".mat", ".xyz")
"""What signal files of WFDB end in."""

Source = str | PathLike[str] | bytes | Mapping[str, bytes]


@dataclass(frozen=True)
class Files:
    """The file to read and, for records of several files, a way to those beside it."""

    data: bytes
    beside: Mapping[str, bytes] | Path
    """The other files that were given, or the folder to look for them in."""

    def other(self, name: str) -> bytes:
        """The file `name` that belongs to this one. Raises RecordingError when it is missing or lies elsewhere."""
        name = name.removeprefix("./")
        if not 0 < len(name.encode()) < 200 or name in (".", "..") or any(sign in name for sign in "/\\:\0"):
            raise RecordingError("names a file by more than a plain name; its files must lie next to the header.")
        if not isinstance(self.beside, Path):
            name = _spelled(name, self.beside)
            if name not in self.beside:
                raise RecordingError(f"{self._called(name)} is missing; give it too.")
            return self.beside[name]
        path = self.beside / name
        if not path.exists():
            path = self.beside / _spelled(name, (file.name for file in self.beside.iterdir()))
        try:
            outside = path.is_symlink() and path.resolve().parent != self.beside.resolve()
        except (OSError, RuntimeError):
            outside = True
        if outside:
            raise RecordingError(f"{self._called(name)} is a link to another folder; copy it next to the header.")
        try:
            return read_bytes(path)
        except RecordingError as error:
            raise RecordingError(f"{self._called(name)} {error.reason}") from error

    def _called(self, name: str) -> str:
        """`name` for a message, if it is also the name of a file that the user has; the header alone may hold any."""
        if isinstance(self.beside, Path):
            there = self.beside.joinpath(name).exists() or self.beside.joinpath(name).with_suffix(".hea").exists()
        else:
            there = Path(name).stem in {Path(other).stem for other in self.beside}
        return f"its file {name}" if there else "a file that its header names"


def _spelled(name: str, names: Iterable[str]) -> str:
    """`name` as one of `names` has it, upper or lower case, as some file systems change it."""
    return next((other for other in names if other.lower() == name.lower()), name)


def open_source(source: Source) -> tuple[str, Files]:
    """The name to call `source` in messages, and its files."""
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes", Files(_checked(bytes(source)), {})
    if isinstance(source, Mapping):
        files = {re.split(r"[/\\]", name)[-1]: _checked(data) for name, data in source.items()}
        name = _main(files)
        return name, Files(files[name], files)
    path = Path(fspath(source))
    return str(path), _from_folder(path)


def read_bytes(path: Path) -> bytes:
    """The content of `path`. Raises RecordingError for what is no file, too large or not readable."""
    try:
        if not path.is_file():  # a pipe or a device would never end
            what = "a folder; give the file" if path.is_dir() else "no file" if path.exists() else "not found"
            raise RecordingError(f"is {what}; check the path.")
        if path.stat().st_size > MAX_BYTES:
            raise RecordingError(f"has more than {MAX_BYTES >> 20} MiB; cut the recording into parts.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.EIO and shortage(error):
            raise explain(error, path) from error  # the machine's fault; EIO is that of the disk the file lies on
        raise RecordingError(
            f"cannot be read ({getattr(error, 'strerror', None) or error}); check the path."
        ) from error


def main_file(path: Path) -> Path:
    """The file that reading `path` opens first; for a record's stem or one of its signal files, the header."""
    try:
        if path.suffix.lower() in SIGNALS and path.with_suffix(".hea").is_file():
            return path.with_suffix(".hea")
        if path.name and not path.exists() and (header := path.with_name(f"{path.name}.hea")).is_file():
            return header
    except (OSError, ValueError):
        pass  # read_bytes says what is wrong with the path
    return path


def _from_folder(path: Path) -> Files:
    path = main_file(path)
    return Files(read_bytes(path), path.parent)


def _main(files: Mapping[str, bytes]) -> str:
    """The file of several that is to be read: the header that no other header names, or the only one."""
    headers = [name for name in files if name.lower().endswith(".hea")]
    if len(files) == 1:
        return next(iter(files))
    stems = {name[:-4].encode(): name for name in headers}
    by_others: set[str] = set()
    for header in headers:
        starts = {line.split(None, 1)[0] for line in files[header].splitlines() if line.strip()}
        by_others |= {stems[word] for word in starts & stems.keys()} - {header}
    masters = [name for name in headers if name not in by_others]
    if len(masters) != 1:
        raise RecordingError(f"{len(files)} files came with {len(masters)} headers; one record at a time is read.")
    return masters[0]


def _checked(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise RecordingError(f"has more than {MAX_BYTES >> 20} MiB; cut the recording into parts.")
    return data
