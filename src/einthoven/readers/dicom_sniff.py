"""Recognize DICOM waveforms by the first bytes of a file, without pydicom, which takes a moment to load."""

MAX_START = 2048
"""Bytes of a file that suffice."""
_WAVEFORMS = b"1.2.840.10008.5.1.4.1.1.9."
"""The start of the SOP classes of waveforms (PS3.4, B.5)."""


def is_dicom(data: bytes) -> bool:
    """Return whether a file begins like DICOM.

    Parameters
    ----------
    data
        Content of the file, or its start.

    Returns
    -------
    bool
        True also for a file without preamble.
    """
    if data[128:132] == b"DICM":
        return True
    explicit = data[4:6] in (b"UL", b"CS", b"UI", b"DA")
    implicit = data[:2] == b"\x08\0" and data[3:4] == b"\0" and data[5:8] == b"\0\0\0" and len(data) >= 256
    return (explicit and data[:2] in (b"\x02\0", b"\x08\0", b"\0\x08")) or implicit


def starts_dicom_waveform(data: bytes) -> bool:
    """Return whether a file begins like a DICOM file of waveforms, not of images or reports.

    Parameters
    ----------
    data
        The first MAX_START bytes.

    Returns
    -------
    bool
        True if the SOP class, which is among the first elements of every file, is one of waveforms.
    """
    return is_dicom(data) and _WAVEFORMS in data[:MAX_START]
