"""Compressed recordings: a gzip file, or a ZIP archive of one recording. Nothing is written to a disk."""

import io
import zipfile
import zlib
from zipfile import ZipFile, ZipInfo

from einthoven.errors import RecordingError
from einthoven.readers.sources import MAX_BYTES, Files, main_headers

FREE_BYTES = 8 << 20
"""Bytes that an archive of any size may decompress to."""
BYTES_PER_BYTE = 30
"""Bytes that each byte of an archive may stand for beyond these; tables and XML compress to 1/4 to 1/15."""
MAX_ENTRIES = 2000
"""Files in a ZIP archive."""
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"  # begins each entry of the directory
_EMPTY_ZIP = b"PK\x05\x06"
_TAR, _TAR_AT = b"ustar", 257
_MAX_NAMED, _LONGEST_NAME = 3, 60
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OFFICE = frozenset(("[Content_Types].xml", "mimetype", "META-INF/manifest.xml"))
_ENCRYPTED = 1  # a bit of an entry's flags
_RECORDINGS = (".hea", ".dcm", ".dicom", ".scp", ".xml", ".edf", ".bdf", ".mwf", ".mfer", ".mfr", ".ecg", ".ish")
_TABLES = (".csv", ".tsv", ".npy", ".parquet", ".mat", ".json")
_DOCUMENTS = (".txt", ".md", ".rst", ".pdf", ".png", ".jpg", ".jpeg", ".svg", ".html", ".htm", ".log", ".ini")
_NO_RECORDINGS = ("dicomdir", "records", "annotators", "license", "readme", "thumbs.db", "desktop.ini", "sha256sums")


def unpack(files: Files) -> Files:
    """Return the recording in a gzip file or a ZIP archive.

    Parameters
    ----------
    files
        The file to read, compressed or not.

    Returns
    -------
    Files
        The recording; `files` itself if it is not compressed.

    Raises
    ------
    RecordingError
        If the archive is damaged, encrypted or nested, holds several recordings or none, or decompresses to too much.
    """
    if files.data.startswith(GZIP):
        return Files(_not_packed(_gunzip(files.data)), files.siblings)
    if files.data.startswith((ZIP, _EMPTY_ZIP)):
        return _unzip(files.data)
    return files


def _max_bytes(n_bytes: int) -> int:
    """Return how many bytes an archive of `n_bytes` may decompress to."""
    return min(MAX_BYTES, FREE_BYTES + BYTES_PER_BYTE * n_bytes)


def _too_large(n_bytes: int) -> RecordingError:
    return RecordingError(
        f"decompresses to more than {_max_bytes(n_bytes) >> 20} MiB, which no ECG of this size does; unpack it first."
    )


def _gunzip(data: bytes) -> bytes:
    """Return the content of a gzip file, whose parts follow each other."""
    left, parts, rest = _max_bytes(len(data)), list[bytes](), data
    try:
        while rest.startswith(GZIP):
            stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            parts.append(stream.decompress(rest, left + 1))
            left -= len(parts[-1])
            if left < 0:
                raise _too_large(len(data))
            if not stream.eof:
                raise RecordingError("is a gzip file that is cut short; get it again.")
            rest = stream.unused_data
    except zlib.error as error:
        raise RecordingError("is a damaged gzip file; get it again.") from error
    return b"".join(parts)


def _not_packed(content: bytes) -> bytes:
    """Return `content`, unless it is an archive itself."""
    if content.startswith((GZIP, ZIP)):
        raise RecordingError("holds an archive within an archive; unpack it once, and give what is inside.")
    if content.startswith(_TAR, _TAR_AT):
        raise RecordingError("is a compressed tar archive; unpack it, and give the recording or the folder.")
    return content


def _unzip(data: bytes) -> Files:
    """Return the one recording of a ZIP archive, with the files next to it."""
    if data.count(_ENTRY) > MAX_ENTRIES:  # before an object is made of each
        raise RecordingError(f"is a ZIP archive of more than {MAX_ENTRIES:,} files; unpack it, and give the folder.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_zip(archive, len(data))
    except (RecordingError, MemoryError):
        raise
    except Exception as error:  # a damaged archive can cause any error in zipfile
        raise RecordingError(f"is a damaged ZIP archive ({type(error).__name__}); get it again.") from error


def _read_zip(archive: ZipFile, n_bytes: int) -> Files:
    entries = {entry.filename.replace("\\", "/"): entry for entry in archive.infolist()}
    entries = {name: entry for name, entry in entries.items() if not _is_hidden(name)}
    if not _OFFICE.isdisjoint(entries):
        raise RecordingError("is an office document or a program, not an ECG; export the table as CSV.")
    headers = {name: entry for name, entry in entries.items() if name.lower().endswith(".hea")}
    texts = _contents(archive, headers, n_bytes)
    name = _only_recording(list(entries), _records(texts))
    if name not in headers:
        data = _contents(archive, {name: entries[name]}, n_bytes)[name]
        return Files(_not_packed(data), {})
    folder, header = _split(name)
    named = b"".join(texts.values()).lower()
    files = {name: entry for name, entry in entries.items() if _split(name)[0] == folder and name not in headers}
    files = {name: entry for name, entry in files.items() if _split(name)[1].lower().encode() in named}
    contents = texts | _contents(archive, files, n_bytes)
    siblings = {_split(name)[1]: data for name, data in contents.items() if _split(name)[0] == folder}
    return Files(siblings[header], siblings)


def _split(name: str) -> tuple[str, str]:
    """Return the folder and the file of a name in an archive."""
    folder, _, file = name.rpartition("/")
    return folder, file


def _is_hidden(name: str) -> bool:
    """Return whether an entry is a folder, or one of the files that macOS adds."""
    file = _split(name)[1]
    return not file or name.startswith("__MACOSX/") or file.startswith(".")


def _records(headers: dict[str, bytes]) -> list[str]:
    """Return the WFDB headers that no other header of their folder names."""
    folders = dict[str, dict[str, bytes]]()
    for name, text in headers.items():
        folder, file = _split(name)
        folders.setdefault(folder, {})[file] = text
    return [f"{folder}/{file}".lstrip("/") for folder, files in folders.items() for file in main_headers(files)]


def _only_recording(names: list[str], headers: list[str]) -> str:
    """Return the one recording among the files of an archive, by their names.

    Recordings count before tables, tables before other files, and these before documents.
    """
    others = [name for name in names if not name.lower().endswith(".hea")]
    others = [name for name in others if not _split(name)[1].lower().startswith(_NO_RECORDINGS)]
    kinds = (
        headers + [name for name in others if name.lower().endswith(_RECORDINGS)],
        [name for name in others if name.lower().endswith(_TABLES)],
        [name for name in others if not name.lower().endswith(_DOCUMENTS)],
        others,
    )
    recordings = next(filter(None, kinds), [])
    if not recordings:
        raise RecordingError("is a ZIP archive without a recording; check what it holds.")
    if len(recordings) > 1:
        names = [name[-_LONGEST_NAME:] for name in recordings[:_MAX_NAMED]] + ["..."] * (len(recordings) > _MAX_NAMED)
        raise RecordingError(
            f"is a ZIP archive of {len(recordings)} recordings ({', '.join(names)}); unpack it, and give the folder."
        )
    return recordings[0]


def _contents(archive: ZipFile, entries: dict[str, ZipInfo], n_bytes: int) -> dict[str, bytes]:
    """Decompress files, after a check of what the archive declares about them."""
    if sum(entry.file_size for entry in entries.values()) > _max_bytes(n_bytes):
        raise _too_large(n_bytes)
    for entry in entries.values():
        if entry.flag_bits & _ENCRYPTED:
            raise RecordingError("is an encrypted ZIP archive; unpack it with its password, and give what is inside.")
        if entry.compress_type not in _METHODS:
            raise RecordingError("is a ZIP archive with an unusual compression; pack it again with the usual deflate.")
    return {name: archive.read(entry) for name, entry in entries.items()}
