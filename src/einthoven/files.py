"""Writing files so that none is ever half there."""

import errno
import os
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from einthoven.errors import EinthovenError, ShortageError, shortage
from einthoven.signatures import is_recording


@contextmanager
def write_beside(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; it becomes `path` only when the block ends well.

    Works for a file or a folder (the block creates it). On any error what was written is removed and an
    older `path` stays as it was. A file is on the disk when it becomes `path`, so that a power cut leaves the
    old one or the new one. Raises EinthovenError if `path` is a recording or not writable, ShortageError if the
    disk is full.
    """
    path = place(path)
    with _part(path) as part:
        yield part
        if part.is_file():
            _sync(part)
        part.replace(path)
        _sync(path.parent)


def place(path: Path) -> Path:
    """Where what is written to `path` belongs: the file that a link points to.

    Raises EinthovenError for what a rename must not replace: a recording, a pipe or a device.
    """
    try:
        path = path.resolve() if path.is_symlink() or path.name in ("", "..") else path
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise EinthovenError("is a pipe or a device, not a file; choose another path, or write to stdout.", path)
        if is_recording(path):
            raise EinthovenError("holds a recording, which Einthoven does not replace; choose another path.", path)
    except OSError as error:
        raise explain(error, path) from error
    return path


def identity(path: Path) -> tuple[object, ...]:
    """What all names of a file share: its device and number on it.

    Of a file that does not exist yet, the identity of its folder and its name in the form that file systems without
    regard to case or Unicode form compare.
    """
    try:
        stat = path.stat()
        if stat.st_ino:
            return stat.st_dev, stat.st_ino
    except (OSError, ValueError):
        pass
    real = Path(os.path.realpath(path))
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", real.name).casefold())
    return (*identity(real.parent), name) if real.parent != real else (str(real),)


def _sync(path: Path) -> None:
    """Have the disk hold `path` before anything else happens; a folder only where the system can."""
    if os.name == "nt":  # it opens no folders, and syncs only files that are open for writing
        return
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):  # cannot be synced, or not be opened
            raise


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write files to; they move into `folder` together when the block ends well.

    Files of the same names are replaced, others stay. Errors as for `write_beside`.
    """
    with _part(folder / "new") as part:
        part.mkdir()
        yield part
        places = {file: place(folder / file.name) for file in part.iterdir()}
        for file, path in places.items():
            file.replace(path)


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A path beside `path` that is gone after the block; the system's errors become sentences."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
        finally:
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise explain(error, path) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path`, whole or not at all."""
    with write_beside(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def path_text(source: str) -> str:
    r"""A path as text that every output can hold: bytes of a file's name that are no UTF-8 are shown as \udcff."""
    return source.encode("utf-8", "backslashreplace").decode()


def explain(error: OSError, path: Path | None = None) -> EinthovenError:
    """An operating-system error in one sentence that names the file and the mend."""
    where = str(path or error.filename or "a file")
    if lack := shortage(error):
        return ShortageError(f"{lack} and run the command again.", where)
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return EinthovenError("no permission; change its rights or choose another place.", where)
        case errno.ENOENT:
            return EinthovenError("not found; check the path.", where)
        case errno.ENOTDIR | errno.EEXIST:
            return EinthovenError("a file stands where a folder is needed; choose another place.", where)
        case errno.EISDIR:
            return EinthovenError("is a folder where a file is needed; choose another path.", where)
        case _:
            return EinthovenError(f"{error.strerror or error}.", where)
