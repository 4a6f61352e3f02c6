"""Files of a folder on a disk or in an object store. Only this module uses fsspec."""

import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from einthoven.errors import EinthovenError, ShortageError, missing_extra
from einthoven.files import explain, write_beside
from einthoven.readers.record_files import list_record_files
from einthoven.readers.sources import MAX_BYTES, SIGNALS

_CHUNK = 16 * 2**20
"""Bytes of one request; nearly all files are smaller."""
_MAX_FILES = 1000
"""Most files of one recording: a header could name any number."""
_NOT_READABLE = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)


class Store:
    """A folder.

    Parameters
    ----------
    url
        A path, or a URL that fsspec knows, such as s3://bucket/folder.

    Raises
    ------
    EinthovenError
        If fsspec does not know the URL, or a package for it is missing.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") or "/"
        try:
            self._fs, self._root = fsspec.core.url_to_fs(url, use_listings_cache=False)  # others write, too
        except (ImportError, ValueError) as error:
            raise EinthovenError(f"{str(error).rstrip('.')}.", url) from error
        self.local = isinstance(self._fs, LocalFileSystem)

    def names(self, folder: str = "") -> list[str]:
        """List the files of the folder and of all folders in it.

        Parameters
        ----------
        folder
            Of this folder, which to list.

        Returns
        -------
        list of str
            Sorted names relative to this folder, without hidden files. Empty if there is no such folder.
        """
        root = self._path(folder)
        try:
            paths = self._fs.find(root)
        except FileNotFoundError:
            return []
        except Exception as error:
            raise explain_store(error, self.url) from error
        names = (str(PurePosixPath(path).relative_to(self._root)) for path in paths if path != root)
        return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))

    def exists(self, name: str) -> bool:
        """Return whether there is a file.

        Parameters
        ----------
        name
            Relative to this folder.

        Returns
        -------
        bool
            As the store says now.
        """
        try:
            return bool(self._fs.exists(self._path(name)))
        except Exception as error:
            raise explain_store(error, self.url) from error

    def open(self, name: str) -> Any:
        """Open a file for reading, by ranges.

        Parameters
        ----------
        name
            Relative to this folder.

        Returns
        -------
        file
            Binary.
        """
        try:
            return self._fs.open(self._path(name), "rb")
        except Exception as error:
            raise explain_store(error, f"{self.url}/{name}") from error

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all; a reader never sees a part of it.

        Parameters
        ----------
        name
            Relative to this folder.
        data
            Its content.
        """
        try:
            if self.local:
                with write_beside(Path(self._path(name))) as part:
                    part.write_bytes(data)
            else:
                self._fs.pipe_file(self._path(name), data)  # an object appears when it is complete
        except EinthovenError:
            raise
        except Exception as error:
            raise explain_store(error, f"{self.url}/{name}") from error

    def segments(self, name: str) -> set[str]:
        """Return the segments that a WFDB header lists.

        Parameters
        ----------
        name
            Of the header.

        Returns
        -------
        set of str
            Names of their headers; empty if the header is damaged, which the reader will report.
        """
        with tempfile.TemporaryDirectory() as folder:
            header = Path(folder) / "record.hea"
            if not self._fetch(name, header):
                return set()
            files = list_record_files(header)[1:]
        return {str(PurePosixPath(name).with_name(file.name)) for file in files if file.suffix.lower() == ".hea"}

    def fetch_recording(self, name: str, folder: Path) -> Path:
        """Copy the files of a recording, so that it can be read as a local one.

        Parameters
        ----------
        name
            As for `einthoven.read`: a file, or a WFDB record also without suffix or by its signal file.
        folder
            Where the files go; empty.

        Returns
        -------
        Path
            The file to read. It does not exist if the store has no such file.

        Raises
        ------
        EinthovenError
            If the store cannot be reached.
        """
        path, parent = PurePosixPath(name), PurePosixPath(name).parent
        header = path.with_suffix(".hea") if path.suffix.lower() in SIGNALS else path.with_name(f"{path.name}.hea")
        candidates = [header, path] if path.suffix.lower() in SIGNALS else [path, header]
        local = next((folder / key.name for key in candidates if self._fetch(str(key), folder / key.name)), None)
        if not local:
            return folder / path.name
        tried = {local}
        while missing := [file for file in list_record_files(local)[:_MAX_FILES] if file not in tried]:
            for file in missing:  # a header may list segments, with headers of their own
                self._fetch(str(parent / file.name), file)
            tried.update(missing)
        return local

    def _fetch(self, name: str, to: Path) -> bool:
        """Copy a file, up to slightly more than the reader accepts; return whether there is one."""
        path = self._path(name)
        try:
            with to.open("wb") as file:
                for chunk in self._chunks(path):
                    file.write(chunk)
            return True
        except _NOT_READABLE:
            to.unlink(missing_ok=True)
            return False
        except Exception as error:
            raise explain_store(error, f"{self.url}/{name}") from error

    def _chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file with one request for most, because a request costs as much time as a small file."""
        for start in range(0, MAX_BYTES + 1, _CHUNK):
            try:
                chunk = self._fs.cat_file(path, start=start, end=start + _CHUNK)
            except _NOT_READABLE:
                raise
            except Exception:
                if self._fs.info(path)["size"] > start:
                    raise
                return  # some stores refuse a range that begins at the end of the file
            yield chunk
            if len(chunk) < _CHUNK:
                return

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}" if name else self._root


def explain_store(error: Exception, url: str) -> EinthovenError:
    """Return an EinthovenError that explains why a store failed.

    Parameters
    ----------
    error
        Of fsspec or one of its implementations.
    url
        What was asked for.

    Returns
    -------
    EinthovenError
        A ShortageError if a later try can succeed.
    """
    if isinstance(error, ModuleNotFoundError):
        return EinthovenError(f"needs {missing_extra(error.name, 'ray')}", url)
    if isinstance(error, PermissionError):
        return EinthovenError("no permission; check the credentials in your environment.", url)
    if isinstance(error, FileNotFoundError):
        return EinthovenError("not found; check the name of the bucket and the folder.", url)
    if "credentials" in type(error).__name__.lower():
        return EinthovenError("needs credentials; set those of your store in the environment.", url)
    if isinstance(error, OSError) and error.errno not in (None, errno.EIO):
        return explain(error, Path(url))
    return ShortageError(f"the store does not respond ({type(error).__name__}); try again later.", url)
