"""The files that belong to a recording: its own and, of a WFDB record, its signal files and segments."""

from functools import cache
from pathlib import Path

from einthoven.readers.sources import main_file
from einthoven.readers.wfdb_header import MAX_HEADER, is_wfdb

_HEADER_START = 1 << 16  # bytes from which a header is recognized


def list_record_files(source: Path) -> list[Path]:
    """List the files that reading a recording opens.

    Parameters
    ----------
    source
        A path as for `einthoven.read`.

    Returns
    -------
    list of Path
        The file that is read first and, if that is a WFDB header, its signal files and segments, even of a damaged
        header, and even if they are missing. If a file cannot be read, none that it names.
    """
    first = main_file(source)
    files, headers = {first: None}, [first]
    while headers:
        for file in _names_in(headers.pop()):
            if file not in files and file.suffix.lower() == ".hea":
                headers.append(file)
            files[file] = None
    return list(files)


def _names_in(header: Path) -> list[Path]:
    try:
        if not header.is_file():  # a pipe could block forever
            return []
        with header.open("rb") as file:
            start = file.read(_HEADER_START)
            if header.suffix.lower() != ".hea" and not is_wfdb(start):
                return []
            rest = file.read(MAX_HEADER) if len(start) == _HEADER_START else b""  # it makes room for all it may read
            text = (start + rest).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []
    lines = [line.split() for line in text.splitlines()]
    lines = [line for line in lines if line and not line[0].startswith("#")]
    ending = ".hea" if lines and "/" in lines[0][0] else ""
    names = dict.fromkeys(line[0].removeprefix("./") + ending for line in lines[1:] if line[0] != "~")
    in_folder = cache(lambda: {file.name.lower(): file for file in header.parent.iterdir()})
    files = [header.parent / name for name in names if len(name) < 200 and not set(name) & set("/\\:\0")]
    return [file if file.exists() else in_folder().get(file.name.lower(), file) for file in files]
