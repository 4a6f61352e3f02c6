"""Read the files of a bundle from any source: regular files of bounded size, inside its folder."""

import os
import stat
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.files import explain

MODEL, CARD, SIGNATURE = "model.onnx", "card.json", "card.json.sig"
GATE, PLACEMENT, GOLDEN, GOLDEN_JSON = "gate.json", "placement.onnx", "golden.npz", "golden.json"
RHYTHM = "rhythm.json"
MEASUREMENTS, MEASUREMENTS_MODEL = "measurements.json", "measurements.onnx"
_MIB = 2**20
_MAX_MIB = {MODEL: 1024, CARD: 8}
_MAX_OTHER_MIB = 64


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
