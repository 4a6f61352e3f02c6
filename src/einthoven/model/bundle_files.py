"""Find a bundle, and read its files from any source: regular files of bounded size, inside its folder."""

import hashlib
import os
import stat
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import explain

SHIPPED = Path(__file__).parent.parent / "bundles"
"""Folder of the bundles that come with the package."""
MODEL, CARD, SIGNATURE = "model.onnx", "card.json", "card.json.sig"
GATE, PLACEMENT, GOLDEN, GOLDEN_JSON = "gate.json", "placement.onnx", "golden.npz", "golden.json"
RHYTHM = "rhythm.json"
MEASUREMENTS, MEASUREMENTS_MODEL = "measurements.json", "measurements.onnx"
_MIB = 2**20
_MAX_MIB = {MODEL: 1024, CARD: 8}
_MAX_OTHER_MIB = 64


def bundle_names() -> list[str]:
    """Return the names of the bundles that come with the package.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / CARD).exists())


def bundle_folder(name_or_path: str | Path) -> Path:
    """Return the folder of a bundle.

    Parameters
    ----------
    name_or_path
        Name of a shipped bundle, or a folder.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    EinthovenError
        If there is no such bundle; the message lists the shipped ones.
    """
    if str(name_or_path) in bundle_names():
        return SHIPPED / str(name_or_path)
    if not Path(name_or_path).is_dir():
        names = ", ".join(bundle_names()) or "none"
        raise EinthovenError(f"there is no such folder, and no shipped bundle of that name ({names}).", name_or_path)
    return Path(name_or_path)


def read_card(folder: Path) -> bytes:
    """Read the card of a bundle.

    Parameters
    ----------
    folder
        Folder of the bundle.

    Returns
    -------
    bytes
        Content of card.json.

    Raises
    ------
    EinthovenError
        If there is none, or as `read_file` does.
    """
    if not (folder / CARD).exists():
        raise EinthovenError(f"contains no bundle (no {CARD}); `einthoven export` makes one.", folder)
    return read_file(folder, CARD)


def read_file(folder: Path, name: str) -> bytes:
    """Read a file of a bundle.

    Parameters
    ----------
    folder
        Folder of the bundle.
    name
        Name of the file.

    Returns
    -------
    bytes
        Content of the file.

    Raises
    ------
    EinthovenError
        If it is missing, not a regular file (a pipe is not waited for), a link out of the folder, or too large.
    """
    path, max_mib = folder / name, _MAX_MIB.get(name, _MAX_OTHER_MIB)
    try:
        if not Path(os.path.realpath(path, strict=True)).is_relative_to(os.path.realpath(folder)):
            raise EinthovenError("is a link out of the bundle's folder; put the file itself there.", path)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise EinthovenError("is not a regular file; get the bundle again.", path)
            if status.st_size > max_mib * _MIB:
                raise EinthovenError(f"is larger than {max_mib} MiB, the limit; get the bundle again.", path)
            return file.read(status.st_size)
    except (FileNotFoundError, NotADirectoryError):
        raise EinthovenError("not found; get the bundle again.", path) from None
    except OSError as error:
        raise explain(error, path) from error


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's content.

    Parameters
    ----------
    content
        All bytes of the file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256(content).hexdigest()
