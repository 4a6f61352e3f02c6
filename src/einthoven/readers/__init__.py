"""Read the file of any common recorder as a Recording."""

from collections.abc import Sequence

from einthoven.readers.read_span import read_span
from einthoven.readers.sources import Source
from einthoven.readers.span import make_span
from einthoven.readers.tables import Options
from einthoven.recording import Recording

__all__ = ["read"]


def read(
    source: Source,
    *,
    rate: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] | None = None,
    scale: str | float | None = None,
    follow_links: bool = False,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Recording:
    """Read one ECG in any supported format; the format is detected from the content of the file.

    Reading does not limit its CPU time or memory; `einthoven interpret` and the service do.

    Parameters
    ----------
    source
        A path (for a WFDB record also its stem or its signal file), an address such as `s3://bucket/ecg.dcm` (needs
        the extra `remote`), the bytes of a file, or `{name: bytes}` for the files of one WFDB record. Files may be
        compressed by gzip, or a ZIP archive of one recording.
    rate
        Sampling rate in Hz of a table (CSV, NPY, Parquet) that does not state it.
    unit
        Unit of a table that does not state it: nV, uV, mV or V.
    leads
        Names of the columns of a table that does not state them, in order.
    scale
        "uv-per-unit" to take each stored unit of a WFDB record as 1 uV, or a number of uV, instead of the gains in its
        header. Use it for headers that scale each lead separately, such as those of LUDB.
    follow_links
        Whether the signal files of a WFDB record may be links to another folder, such as those of git-annex.
    start_s, end_s
        Read only the part between these times, in s from the start of the recording; None for its start and its end.
        Of a WFDB record, only this part of the file is read, so that the record may be of any length.

    Returns
    -------
    Recording
        Recording with the standard leads in mV.

    Raises
    ------
    RecordingError
        If the source is not an ECG that can be trusted; the error names the source.
    ShortageError
        If the machine lacks what reading needs, such as file descriptors.
    """
    return read_span(source, Options(rate, unit, leads, scale), follow_links, make_span(start_s, end_s))
