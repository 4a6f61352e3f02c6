"""Files of a folder on a disk or in an object store."""

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from obstore.exceptions import InvalidPathError, PermissionDeniedError, UnauthenticatedError

from einthoven.batch.archive.bucket import Bucket, first_line
from einthoven.batch.archive.places import Disk, Place
from einthoven.errors import EinthovenError, ShortageError
from einthoven.files import explain
from einthoven.readers.record_files import list_record_files
from einthoven.readers.remote import is_url
from einthoven.readers.sources import MAX_BYTES, SIGNALS

_MAX_FILES = 1000
"""Most files of one recording: a header could name any number."""
_NOT_READABLE = (
    FileNotFoundError,
    PermissionError,
    PermissionDeniedError,
    IsADirectoryError,
    NotADirectoryError,
    ValueError,
)
"""Errors of one file. obstore raises ValueError for a name that no object can have."""
_T = TypeVar("_T")


class Store:
    """A folder.

    Parameters
    ----------
    url
        A path, or a URL such as s3://bucket/folder.

    Raises
    ------
    EinthovenError
        If the URL or the credentials are wrong.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") or "/"
        self.local = not is_url(self.url)
        scheme, _, rest = self.url.partition("://")
        bucket, _, folder = rest.partition("/")
        self._place: Place = Disk(Path(self.url)) if self.local else Bucket(f"{scheme}://{bucket}", folder)

    def names(self) -> list[str]:
        """List the files of the folder and of all folders in it.

        Returns
        -------
        list of str
            Sorted names relative to this folder, without hidden files. Empty if there is no such folder.
        """
        names = self._try(lambda: list(self._place.names()))
        return sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))

    def exists(self, name: str) -> bool:
        """Return whether there is a file.

        Parameters
        ----------
        name
            Relative to this folder; "" for the URL itself.

        Returns
        -------
        bool
            Current answer of the store.
        """
        return self._try(lambda: self._place.exists(name), name)

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
        return self._try(lambda: self._place.open(name), name)

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all; a reader never sees a part of it.

        Parameters
        ----------
        name
            Relative to this folder.
        data
            Content of the file.
        """
        self._try(lambda: self._place.write(name, data), name)

    def segments(self, name: str) -> set[str]:
        """Return the segments that a WFDB header lists.

        Parameters
        ----------
        name
            Name of the header.

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
            Name of a file, or of a WFDB record also without suffix or by its signal file, as for `einthoven.read`.
        folder
            An empty folder for the files.

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
        try:
            with to.open("wb") as file:
                for chunk in self._place.chunks(name):
                    file.write(chunk)
                    if file.tell() > MAX_BYTES:
                        break
            return True
        except _NOT_READABLE:
            to.unlink(missing_ok=True)
            return False
        except Exception as error:
            raise _explain_store(error, f"{self.url}/{name}") from error

    def _try(self, call: Callable[[], _T], name: str = "") -> _T:
        try:
            return call()
        except EinthovenError:
            raise
        except Exception as error:
            raise _explain_store(error, f"{self.url}/{name}".rstrip("/")) from error


def _explain_store(error: Exception, url: str) -> EinthovenError:
    """Return an EinthovenError that explains why a store failed; a ShortageError if a later try can succeed."""
    if isinstance(error, PermissionError | PermissionDeniedError | UnauthenticatedError):
        return EinthovenError("no permission; check the credentials in your environment.", url)
    if isinstance(error, FileNotFoundError) or "NoSuchBucket" in str(error):
        return EinthovenError("not found; check the name of the bucket and the folder.", url)
    if isinstance(error, InvalidPathError):
        what = f"has an object with a name that cannot be read ({first_line(error)})"
        return EinthovenError(f"{what}; rename it, or list the others in a manifest.", url)
    if isinstance(error, OSError) and error.errno not in (None, errno.EIO):
        return explain(error, Path(url))
    return ShortageError(f"the store does not respond ({first_line(error)}); try again later.", url)
