"""Operations of a store in an object store. Only this module and `store` use obstore.

obstore is a client in Rust for S3, Google Cloud and Azure. A request of s3fs takes about ten times its CPU time, and
with two small objects per recording that is nearly as much as the recording itself.
"""

import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import obstore
import obstore.exceptions
from obstore.store import from_url

from einthoven.batch.archive.places import CHUNK
from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_CLIENT: "ClientConfig" = {"allow_http": True, "connect_timeout": "10s", "timeout": "300s"}
_RETRY: "RetryConfig" = {"max_retries": 8}  # waits twice as long each time, about 25 s in all


class Bucket:
    """A folder in an object store.

    Parameters
    ----------
    bucket
        URL of the bucket, such as s3://bucket.
    folder
        Path of a folder within the bucket; "" for the whole bucket.

    Raises
    ------
    EinthovenError
        If the URL is of another kind, or the environment lacks something.
    """

    def __init__(self, bucket: str, folder: str) -> None:
        try:
            self._store = _connect(bucket)
        except obstore.exceptions.BaseError as error:
            reason = f"{first_line(error)}; use a path, s3://, gs:// or az://, with its settings in the environment."
            raise EinthovenError(reason, bucket) from error
        self._folder = folder

    def names(self) -> Iterable[str]:
        """List the files of the folder and of all folders in it.

        Returns
        -------
        iterable of str
            Relative to the folder; none if there is no such folder.
        """
        start = len(f"{self._folder}/") if self._folder else 0
        for batch in obstore.list(self._store, self._folder or None):
            yield from (item["path"][start:] for item in batch)

    def exists(self, name: str) -> bool:
        """Return whether there is a file.

        Parameters
        ----------
        name
            Relative to the folder; "" for the folder's own path.

        Returns
        -------
        bool
            Current answer of the store.
        """
        try:
            obstore.head(self._store, self._key(name))
        except FileNotFoundError:
            return False
        return True

    def open(self, name: str) -> Any:
        """Open a file for reading at any position.

        Parameters
        ----------
        name
            Relative to the folder.

        Returns
        -------
        file
            Binary.
        """
        return io.BufferedReader(_RangeReader(obstore.open_reader(self._store, self._key(name))))

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all; a reader never sees a part of it.

        Parameters
        ----------
        name
            Relative to the folder.
        data
            Content of the file.
        """
        obstore.put(self._store, self._key(name), data)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a file from start to end.

        Parameters
        ----------
        name
            Relative to the folder.

        Yields
        ------
        bytes
            Content of the file in chunks.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        for chunk in obstore.get(self._store, self._key(name)).stream(CHUNK):
            yield bytes(chunk)

    def _key(self, name: str) -> str:
        return "/".join(filter(None, (self._folder, name)))


@lru_cache(100)
def _connect(bucket: str) -> "ObjectStore":
    """Return the client for a bucket, whose connections all folders share."""
    own: dict[str, Any] = {}
    if bucket.startswith("s3"):
        import boto3.session
        from botocore.exceptions import BotoCoreError
        from obstore.auth.boto3 import Boto3CredentialProvider

        try:
            session = boto3.session.Session()  # knows profiles, roles, and single sign-on
            public = session.get_credentials() is None
        except BotoCoreError as error:
            raise EinthovenError(f"{first_line(error)}; check the credentials in your environment.", bucket) from error
        own = {"skip_signature": True} if public else {"credential_provider": Boto3CredentialProvider(session)}
    return from_url(bucket, client_options=_CLIENT, retry_config=_RETRY, **own)


def first_line(error: Exception) -> str:
    """Return the first line of an obstore error, without the queries of addresses, which can hold secrets.

    Parameters
    ----------
    error
        Any exception.

    Returns
    -------
    str
        First line without a full stop.
    """
    line = str(error).partition("\n")[0].partition(": <")[0]
    return re.sub(r"\?\S*", "", line).rstrip(". ")


class _RangeReader(io.RawIOBase):
    """A file of an object store, as the `io` module knows files."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any, /) -> int:
        data = self._reader.read(len(buffer))
        buffer[: len(data)] = memoryview(data)
        return len(data)
