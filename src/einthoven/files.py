"""Write files atomically, and explain errors of the operating system."""

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
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a path next to `path` to write to; it replaces `path` if the block succeeds.

    On any error the new file is removed and an older `path` stays as it was. A file is synced to the disk before it
    replaces `path`, so that a power cut leaves the old one or the new one.

    Parameters
    ----------
    path
        A file, or a folder that the block creates.

    Yields
    ------
    Path
        A path in the same folder.

    Raises
    ------
    EinthovenError
        If `path` is a recording, a pipe or a device, or is not writable.
    ShortageError
        If the disk is full.
    """
    path = resolve_output(path)
    with _part(path) as part:
        yield part
        if part.is_file():
            _sync(part)
        part.replace(path)
        _sync(path.parent)


def resolve_output(path: Path) -> Path:
    """Return the file that output to `path` replaces.

    Parameters
    ----------
    path
        Path where the user wants the output.

    Returns
    -------
    Path
        `path`, or the target of a link.

    Raises
    ------
    EinthovenError
        If that is a recording, a pipe or a device, which must not be replaced.
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
    """Return the properties that all names of a file have in common.

    Parameters
    ----------
    path
        A file that need not exist.

    Returns
    -------
    tuple
        Device and inode number. For a file that does not exist yet: the identity of its folder, and its name in the
        form that file systems compare if they ignore case and Unicode form.
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
    """Write `path` to the disk now; a folder only if the system can."""
    if os.name == "nt":  # Windows opens no folders, and syncs only files that are open for writing
        return
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):  # the file cannot be synced or opened
            raise


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write files to; they move into `folder` if the block succeeds.

    Files of the same names are replaced, others stay.

    Parameters
    ----------
    folder
        Folder for the files; created if it does not exist.

    Yields
    ------
    Path
        A folder in `folder`.

    Raises
    ------
    EinthovenError
        If a file would replace a recording, a pipe or a device, or `folder` is not writable.
    ShortageError
        If the disk is full.
    """
    with _part(folder / "new") as part:
        part.mkdir()
        yield part
        targets = {file: resolve_output(folder / file.name) for file in part.iterdir()}
        for file, path in targets.items():
            file.replace(path)


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """Yield a path next to `path` that is removed after the block; explain errors of the operating system."""
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


def remove_parts(folder: Path) -> None:
    """Remove what interrupted processes left of the files that they wrote with `atomic_write`.

    Parameters
    ----------
    folder
        A folder that no other process writes to; its subfolders are searched too.
    """
    for part in folder.rglob(".*.part"):
        if part.name.split(".")[-2].isdecimal():
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write text to a file, whole or not at all.

    Parameters
    ----------
    path
        The file.
    text
        Content of the file, encoded as UTF-8.

    Raises
    ------
    EinthovenError
        For the same reasons as `atomic_write`.
    """
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def explain(error: OSError, path: Path | None = None) -> EinthovenError:
    """Return an EinthovenError that explains an error of the operating system and how to fix it.

    Parameters
    ----------
    error
        The error.
    path
        The file at fault; by default the file that the error names.

    Returns
    -------
    EinthovenError
        A ShortageError if a later try can succeed.
    """
    where = str(path or error.filename or "a file")
    if lack := shortage(error):
        return ShortageError(f"{lack} and run the command again.", where)
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return EinthovenError("no permission; change its permissions or choose another path.", where)
        case errno.ENOENT:
            return EinthovenError("not found; check the path.", where)
        case errno.ENOTDIR | errno.EEXIST:
            return EinthovenError("is a file where a folder is needed; choose another path.", where)
        case errno.EISDIR:
            return EinthovenError("is a folder where a file is needed; choose another path.", where)
        case _:
            return EinthovenError(f"{error.strerror or error}.", where)
