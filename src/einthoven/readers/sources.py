"""From what the caller gives (a path, bytes, several files) to named bytes, without leaving the folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from einthoven.errors import RecordingError
from einthoven.files import explain

MAX_BYTES = 512 << 20
"""Largest file that is read."""

Source = str | PathLike[str] | bytes | Mapping[str, bytes]


@dataclass(frozen=True)
class Files:
    """The file to read and, for records of several files, a way to those beside it."""

    name: str
    """Name of the file to read, without folder; "" for bytes without a name."""
    data: bytes
    beside: Mapping[str, bytes] | Path
    """The other files that were given, or the folder to look for them in."""

    def other(self, name: str) -> bytes:
        """The file `name` that belongs to this one. Raises RecordingError when it is missing or lies elsewhere."""
        if not name or name in (".", "..") or any(sign in name for sign in "/\\:\0"):
            raise RecordingError(f"names the signal file {name!r}, which is not a plain name; it must lie beside it.")
        if isinstance(self.beside, Path):
            path = self.beside / name
            try:
                outside = path.resolve().parent != self.beside.resolve()
            except (OSError, RuntimeError):
                outside = True
            if outside:
                raise RecordingError(f"its file {name} is a link to another folder; copy it beside the header.")
            return read_bytes(path)
        if name not in self.beside:
            raise RecordingError(f"its file {name} is missing; give it too.")
        return bytes(self.beside[name])


def open_source(source: Source) -> tuple[str, Files]:
    """The name to call `source` in messages, and its files."""
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes", Files("", _checked(bytes(source)), {})
    if isinstance(source, Mapping):
        name = _main(source)
        return name, Files(Path(name).name, _checked(bytes(source[name])), source)
    path = Path(fspath(source))
    return str(path), _from_folder(path)


def read_bytes(path: Path) -> bytes:
    """The content of `path`. Raises RecordingError for what is no file, too large or not readable."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "not found"
            raise RecordingError(f"{path.name}: {what}; check the path.")
        if path.stat().st_size > MAX_BYTES:
            raise RecordingError(f"{path.name} has more than {MAX_BYTES >> 20} MiB; cut the recording into parts.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        sentence = str(explain(error)) if isinstance(error, OSError) else f"{path.name!r} is no path."
        raise RecordingError(sentence) from error


def _from_folder(path: Path) -> Files:
    """A record by its stem or by one of its signal files is read through its header."""
    try:
        header = path if path.suffix == ".hea" else path.with_name(f"{path.name}.hea")
        if not header.is_file() and path.suffix.lower() in (".dat", ".mat"):
            header = path.with_suffix(".hea")
        if path.suffix != ".hea" and header.is_file() and (path.suffix or not path.exists()):
            path = header
    except (OSError, ValueError):
        pass  # read_bytes says what is wrong with the path
    return Files(path.name, read_bytes(path), path.parent)


def _main(files: Mapping[str, bytes]) -> str:
    """The file of several that is to be read: the header that no other header names, or the only one."""
    if not files:
        raise RecordingError("no files came.")
    headers = [name for name in files if name.lower().endswith(".hea")]
    if not headers and len(files) == 1:
        return next(iter(files))
    stems = {name: Path(name).stem.encode() for name in headers}
    masters = [
        name for name in headers if not any(stems[name] in files[other].split() for other in headers if other != name)
    ]
    if len(masters) != 1:
        raise RecordingError(f"{len(files)} files came with {len(headers)} headers; one record at a time is read.")
    return masters[0]


def _checked(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise RecordingError(f"has more than {MAX_BYTES >> 20} MiB; cut the recording into parts.")
    return data
