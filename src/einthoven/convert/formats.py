"""The output formats for recordings, the facts that each can hold, and the choice of a format by the path."""

from collections.abc import Mapping
from pathlib import Path

from einthoven.convert.aecg import encode_aecg
from einthoven.convert.dicom import encode_dicom
from einthoven.convert.edf import encode_edf
from einthoven.convert.encoded import Fact, Format
from einthoven.convert.fhir import encode_fhir
from einthoven.convert.tables import encode_csv, encode_npy, encode_parquet
from einthoven.convert.wfdb import encode_wfdb, encode_wfdb_flac
from einthoven.errors import EinthovenError


def _facts(*facts: Fact) -> frozenset[Fact]:
    return frozenset(facts)


_LEADS = _facts("supplemental leads", "sampling rate", "names of the leads")
_IDENTITY = _facts("name", "patient ID", "birth date")
_TIME = _facts("time of the recording", "time zone")
_CLINICAL = _LEADS | _IDENTITY | _TIME | _facts("age", "sex", "recorder")
_WFDB = _LEADS | _facts("age", "sex", "time of the recording", "pacing spikes", "that it is simulated")
_EDF = _LEADS | _IDENTITY | _facts("sex", "time of the recording", "recorder", "filters", "pacing spikes")

FORMATS: Mapping[str, Format] = {
    "dicom": Format("DICOM", ".dcm", encode_dicom, _CLINICAL | _facts("filters")),
    "wfdb": Format("WFDB", ".hea", encode_wfdb, _WFDB),
    "wfdb-flac": Format("WFDB with FLAC", ".hea", encode_wfdb_flac, _WFDB),
    "aecg": Format("HL7 aECG", ".xml", encode_aecg, _CLINICAL | _facts("filters")),
    "edf": Format("EDF+", ".edf", encode_edf, _EDF),
    "csv": Format("CSV", ".csv", encode_csv, _LEADS | _TIME),
    "npy": Format("NPY", ".npy", encode_npy, _facts()),
    "parquet": Format("Parquet", ".parquet", encode_parquet, _LEADS),
    "fhir": Format("FHIR", ".json", encode_fhir, _CLINICAL),
}
"""Formats by the name that `--format` and `einthoven.write` take."""
_BY_SUFFIX = {format.suffix: name for name, format in FORMATS.items() if name != "wfdb-flac"}


def _find_format(name: str) -> Format:
    """Return a format by its name; raise an EinthovenError if there is none of that name."""
    if name not in FORMATS:
        raise EinthovenError(f"{name!r} is not a format; choose {', '.join(FORMATS)}.")
    return FORMATS[name]


def choose_format(path: Path, name: str | None) -> Format:
    """Return the format of a file to write.

    Parameters
    ----------
    path
        The file, whose suffix chooses the format.
    name
        Name of the format, one of FORMATS: then `path` needs no suffix. None for the format of the suffix.

    Returns
    -------
    Format
        The format.

    Raises
    ------
    EinthovenError
        If the name or the suffix is unknown, or they contradict each other.
    """
    by_suffix = _BY_SUFFIX.get(path.suffix.lower())
    if name is None:
        if by_suffix is None:
            suffixes = ", ".join(dict.fromkeys(format.suffix for format in FORMATS.values()))
            raise EinthovenError(f"its suffix names no format; end it in {suffixes}, or choose a format.", path)
        return FORMATS[by_suffix]
    format = _find_format(name)
    if by_suffix and FORMATS[by_suffix].suffix != format.suffix:
        raise EinthovenError(f"its suffix is that of {FORMATS[by_suffix].label}, not of {format.label}.", path)
    if format.suffix == ".hea" and not by_suffix:
        raise EinthovenError("is to be the header of a WFDB record; end its name in .hea.", path)
    return format
