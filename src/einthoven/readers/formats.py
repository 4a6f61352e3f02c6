"""Detect a file's format by its content, and call its reader."""

from einthoven.errors import RecordingError
from einthoven.readers.csv_text import is_text, read_csv
from einthoven.readers.json_recording import is_json, read_json
from einthoven.readers.matlab import read_matlab
from einthoven.readers.matlab_file import is_matlab
from einthoven.readers.parquet import read_parquet
from einthoven.readers.sources import Files
from einthoven.readers.tables import Options, read_npy
from einthoven.readers.tracing import Tracing
from einthoven.readers.wfdb import read_wfdb
from einthoven.readers.wfdb_header import is_wfdb

READABLE = (
    "WFDB, DICOM, SCP-ECG, HL7 aECG, GE MUSE and CardioSoft, Philips Sierra, Schiller, Mortara, EDF, BDF, MFER, ISHNE, "
    "CSV, JSON, FHIR, NPY, MATLAB and Parquet are read, also compressed by gzip or ZIP"
)

_OTHERS = {  # files that users supply by mistake
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89HDF": "an HDF5 file",
}
_MATLAB_7_3 = b"MATLAB 7.3 MAT-file"


def read_tracing(files: Files, options: Options) -> Tracing:
    """Detect the format of a file by its content and read it.

    Parameters
    ----------
    files
        The file, and those next to it.
    options
        Sampling rate, unit, leads and scale stated by the caller.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file is empty, damaged or in no supported format, or states a value that the options state too.
    """
    data = files.data
    if not data:
        raise RecordingError("is empty.")
    if data.startswith(b"\x93NUMPY"):
        return read_npy(data, options)
    if data.startswith(b"PAR1"):
        return read_parquet(data, options)
    if is_matlab(data):
        return read_matlab(data, options)
    if is_wfdb(data):
        options.refuse_for("a WFDB record", allowed=("scale",))
        return read_wfdb(files, options.uv_per_unit)
    if tracing := _read_device(data, options):
        return tracing
    if is_json(data):
        options.refuse_for("JSON")
        return read_json(data)
    if data.startswith(_MATLAB_7_3):
        raise RecordingError("is a MATLAB 7.3 file (HDF5); save it again with save(file, '-v7').")
    for start, what in _OTHERS.items():
        if data.startswith(start):
            raise RecordingError(f"is {what}, not an ECG; {READABLE}.")
    from einthoven.readers.xml import is_web_page  # loaded by now

    if is_web_page(data):
        raise RecordingError(f"is a web page, not an ECG; download the file itself. {READABLE}.")
    if is_text(data):
        return read_csv(data, options)
    raise RecordingError(f"is in an unknown format ({READABLE}); a WFDB record needs its header (.hea) too.")


def _read_device(data: bytes, options: Options) -> Tracing | None:
    """Read a recorder's file, which states everything itself; return None if no recorder's format fits.

    The readers are imported here, because the libraries behind them take a moment.
    """
    from einthoven.readers.dicom import read_dicom
    from einthoven.readers.dicom_sniff import is_dicom
    from einthoven.readers.edf import is_edf, read_edf
    from einthoven.readers.holter import is_ishne, is_mfer, read_ishne, read_mfer
    from einthoven.readers.scp import is_scp, read_scp
    from einthoven.readers.xml import is_xml, read_xml

    formats = (
        (is_dicom, read_dicom),
        (is_edf, read_edf),
        (is_ishne, read_ishne),
        (is_scp, read_scp),  # before XML: it begins with a checksum, which may be b"<"
        (is_xml, read_xml),
        (is_mfer, read_mfer),  # last: its start is the least distinct
    )
    for fits, read in formats:
        if fits(data):
            tracing = read(data)
            options.refuse_for(tracing.format)
            return tracing
    return None
