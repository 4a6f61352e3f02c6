"""Compressed recordings: a gzip file, or a ZIP archive of one recording. Nothing is written to a disk."""

import io
import zipfile
from zipfile import ZipFile, ZipInfo

from einthoven.errors import RecordingError
from einthoven.readers.gunzip import GZIP, gunzip, max_unpacked, too_large
from einthoven.readers.sources import MAX_BYTES, Files, main_headers

MAX_ENTRIES = 2000
"""Files in a ZIP archive."""
ZIP = b"PK\x03\x04"
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
        return Files(_not_packed(gunzip(files.data, MAX_BYTES)), files.siblings)
    if files.data.startswith((ZIP, _EMPTY_ZIP)):
        return _unzip(files.data)
    return files


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
    """Decompress files, after a check of the sizes that the archive declares."""
    if sum(entry.file_size for entry in entries.values()) > max_unpacked(n_bytes, MAX_BYTES):
        raise too_large(n_bytes, MAX_BYTES)
    for entry in entries.values():
        if entry.flag_bits & _ENCRYPTED:
            raise RecordingError("is an encrypted ZIP archive; unpack it with its password, and give what is inside.")
        if entry.compress_type not in _METHODS:
            raise RecordingError("is a ZIP archive with an unusual compression; pack it again with the usual deflate.")
    return {name: archive.read(entry) for name, entry in entries.items()}
