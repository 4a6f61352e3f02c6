"""Decompress gzip data, within limits."""

import zlib

from einthoven.errors import RecordingError

GZIP = b"\x1f\x8b"
"""The first bytes of gzip data."""
FREE_BYTES = 8 << 20
"""Bytes that an archive of any size may decompress to."""
BYTES_PER_BYTE = 30
"""Bytes that each byte of an archive may represent beyond these; tables and XML compress to 1/4 to 1/15."""


def max_unpacked(n_bytes: int, largest: int) -> int:
    """Return the number of bytes to which an archive may decompress.

    Parameters
    ----------
    n_bytes
        Size of the archive.
    largest
        Most bytes of any file.

    Returns
    -------
    int
        Number of bytes, at most `largest`.
    """
    return min(largest, FREE_BYTES + BYTES_PER_BYTE * n_bytes)


def too_large(n_bytes: int, largest: int) -> RecordingError:
    """Return the error for an archive that decompresses to more than it may.

    Parameters
    ----------
    n_bytes
        Size of the archive.
    largest
        Most bytes of any file.

    Returns
    -------
    RecordingError
        Error whose message states the limit.
    """
    limit = max_unpacked(n_bytes, largest) >> 20
    return RecordingError(f"decompresses to more than {limit} MiB, which no ECG of this size does; unpack it first.")


def gunzip(data: bytes, largest: int) -> bytes:
    """Return the content of a gzip file, whose parts follow each other.

    Parameters
    ----------
    data
        The file.
    largest
        Most bytes of any file.

    Returns
    -------
    bytes
        Decompressed content of all members.

    Raises
    ------
    RecordingError
        If the file is damaged, cut short or decompresses to too much.
    """
    left, parts, rest = max_unpacked(len(data), largest), list[bytes](), data
    try:
        while rest.startswith(GZIP):
            stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            parts.append(stream.decompress(rest, left + 1))
            left -= len(parts[-1])
            if left < 0:
                raise too_large(len(data), largest)
            if not stream.eof:
                raise RecordingError("is a gzip file that is cut short; get it again.")
            rest = stream.unused_data
    except zlib.error as error:
        raise RecordingError("is a damaged gzip file; get it again.") from error
    return b"".join(parts)
