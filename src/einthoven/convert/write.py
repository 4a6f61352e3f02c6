"""Write a recording to a file of a standard format."""

from os import PathLike
from pathlib import Path

from einthoven.convert.encoded import Format
from einthoven.convert.formats import choose_format
from einthoven.files import atomic_write, explain, resolve_output
from einthoven.recording import Recording


def write(recording: Recording, path: str | PathLike[str], format: str | None = None) -> tuple[str, ...]:
    """Write a recording to a file.

    The rate is kept, no sample is clipped, and each lead has the finest resolution that its amplitude allows: 0.1 uV up
    to 3.2 mV, 1 uV up to 32 mV. A file that exists already is replaced only if it holds no recording.

    Parameters
    ----------
    recording
        Recording such as `einthoven.read` returns.
    path
        The file. Its suffix chooses the format: .dcm, .hea (WFDB), .xml (HL7 aECG), .edf, .csv, .npy, .parquet or
        .json (FHIR).
    format
        Format: dicom, wfdb, wfdb-flac, aecg, edf, csv, npy, parquet or fhir; None for the format of the suffix.

    Returns
    -------
    tuple of str
        Facts of this recording that the format cannot hold, such as "filters"; empty if it holds everything.

    Raises
    ------
    EinthovenError
        If the format is unknown, the path is not writable or holds another recording, or a package is missing.
    ShortageError
        If the disk is full.
    """
    path = Path(path)
    return write_as(recording, path, choose_format(path, format))


def write_as(recording: Recording, path: Path, format: Format) -> tuple[str, ...]:
    """Write a recording to a file of a format.

    Files that have the content already stay as they are, so that an interrupted run can be repeated.

    Parameters
    ----------
    recording
        The recording.
    path
        Path of the file that a reader opens.
    format
        Format of the file.

    Returns
    -------
    tuple of str
        Facts of this recording that the format cannot hold.

    Raises
    ------
    EinthovenError
        For the same reasons as `write`.
    """
    name = path.name.removesuffix(path.suffix) if path.suffix.lower() == format.suffix else path.name
    encoded = format.encode(recording, name)
    main = list(encoded.files)[-1]
    files = {path if file == main else path.with_name(file): data for file, data in encoded.files.items()}
    changed = {file: data for file, data in files.items() if not _holds(file, data)}
    for file in changed:
        resolve_output(file)  # before the first is written
    for file, data in changed.items():
        with atomic_write(file) as part:
            part.write_bytes(data)
    return tuple(dict.fromkeys([*format.lost(recording), *encoded.lost]))


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError as error:
        raise explain(error, path) from error
