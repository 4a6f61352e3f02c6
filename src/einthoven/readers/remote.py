"""Read recordings from a web server or an object store by fsspec; this needs the extra `remote`.

Only a user's own call reads an address: `einthoven.read` and the command line. The service passes on bytes, and a name
inside a file is never an address, because `Files.sibling` accepts plain names only.
"""

import re
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import quote, urlsplit

from einthoven.errors import RecordingError, missing_extra

MAX_SECONDS = 100.0
"""Longest time in s that a file may take to arrive."""
_PACKAGES = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}
SCHEMES = ("https", "http", "s3", *_PACKAGES, "memory")
"""Schemes of addresses that are read."""
_CONNECT_S, _WAIT_S = 10, 30  # to connect, and without a byte
_CHUNK = 1 << 20
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_UNREACHABLE = ("ClientConnectorError", "ClientConnectorDNSError", "EndpointConnectionError", "ConnectTimeoutError")
_SLOW = ("TimeoutError", "FSTimeoutError", "ReadTimeoutError", "ServerTimeoutError", "ConnectionTimeoutError")
_NO_RIGHTS = ("PermissionError", "NoCredentialsError", "DefaultCredentialsError", "ClientAuthenticationError")
_DENIED, _ABSENT = (401, 403), (404, 410)


def is_url(source: object) -> TypeGuard[str]:
    """Return whether a source is an address such as `s3://bucket/ecg.dcm`.

    Parameters
    ----------
    source
        The recording to read; see `einthoven.read`.

    Returns
    -------
    bool
        False for paths, also those of Windows.
    """
    return isinstance(source, str) and bool(_SCHEME.match(source))


def shown_url(url: str) -> str:
    """Return an address without what may be secret: user, password, query and fragment.

    Parameters
    ----------
    url
        Address as the user gave it.

    Returns
    -------
    str
        Scheme, host and path.
    """
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


class RemoteFolder(Mapping[str, bytes]):
    """The files next to a remote file, fetched when a reader asks for them.

    Parameters
    ----------
    url
        Address of the file.
    max_bytes
        Most bytes of all files together.

    Raises
    ------
    RecordingError
        If the scheme is not read, or a package is missing.
    """

    def __init__(self, url: str, max_bytes: int) -> None:
        scheme = url.partition("://")[0].lower()
        if scheme not in SCHEMES or "::" in url:
            raise RecordingError(f"is an address that is not read; give a path, or {', '.join(SCHEMES[:4])} or az.")
        try:
            from fsspec.core import url_to_fs

            self._open_system = partial(url_to_fs, url, **_options(scheme))
            self._system, path = self._open_system()
        except ImportError as error:
            package = _PACKAGES.get(scheme)
            how = f"{package}; run: pip install {package}" if package else missing_extra("fsspec", "remote")
            raise RecordingError(f"is an address; reading it needs {how}") from error
        except Exception as error:
            raise _failure(error) from error
        self._web, self._may_be_public = scheme in ("http", "https"), scheme == "s3"
        place, self._query = path, ""
        if self._web:
            parts = urlsplit(path)
            place = parts._replace(query="", fragment="").geturl()
            self._query = f"?{parts.query}" if parts.query else ""
        self._folder, _, self.name = place.rpartition("/")
        self._max_bytes, self._left = max_bytes, max_bytes
        self._fetched = dict[str, bytes]()

    def __getitem__(self, name: str) -> bytes:
        """Fetch a file; KeyError if there is none of that name."""
        if name not in self._fetched:
            self._fetched[name] = self._fetch(name)
            self._left -= len(self._fetched[name])
        return self._fetched[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fetched)

    def __len__(self) -> int:
        return len(self._fetched)

    def _fetch(self, name: str) -> bytes:
        """Fetch a file; without credentials if there are none, as public buckets allow."""
        try:
            return self._download(name)
        except RecordingError as error:
            if not (self._may_be_public and type(error.__cause__).__name__ == "NoCredentialsError"):
                raise
        self._may_be_public = False
        self._system, _ = self._open_system(anon=True)
        return self._download(name)

    def _download(self, name: str) -> bytes:
        place = f"{self._folder}/{quote(name, safe='%')}{self._query}" if self._web else f"{self._folder}/{name}"
        options = {"block_size": 0} if self._web else {}  # in one piece, not by ranges
        began, parts, left = time.monotonic(), list[bytes](), self._left
        try:
            with self._system.open(place, "rb", **options) as file:
                while part := file.read(_CHUNK):
                    parts.append(part)
                    left -= len(part)
                    if left < 0:
                        raise RecordingError(f"has more than {self._max_bytes >> 20} MiB; cut it into parts.")
                    if time.monotonic() - began > MAX_SECONDS:
                        raise TimeoutError
            return b"".join(parts)
        except FileNotFoundError as error:  # fsspec calls every error of HTTP so
            cause = error.__cause__
            if isinstance(cause, Exception) and getattr(cause, "status", None) not in _ABSENT:
                raise _failure(cause) from error
            raise KeyError(name) from error
        except (RecordingError, MemoryError):
            raise
        except Exception as error:  # each file system has its own errors
            raise _failure(error) from error


def _options(scheme: str) -> dict[str, Any]:
    """Return the options of a file system that limit how long it waits."""
    if scheme in ("http", "https"):
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(total=MAX_SECONDS, sock_connect=_CONNECT_S, sock_read=_WAIT_S)
        return {"client_kwargs": {"timeout": timeout}, "skip_instance_cache": True}
    if scheme == "s3":
        limits = {"connect_timeout": _CONNECT_S, "read_timeout": _WAIT_S, "retries": {"max_attempts": 2}}
        return {"config_kwargs": limits, "skip_instance_cache": True}
    return {}


def _failure(error: Exception) -> RecordingError:
    """Return the error for the user; it has none of the library's words, which may hold the whole address."""
    names = {cause.__name__ for cause in type(error).__mro__}
    status = getattr(error, "status", None)
    if status in _DENIED or not names.isdisjoint(_NO_RIGHTS):
        return RecordingError("is not accessible: the server demands credentials, or other rights; check them.")
    if not names.isdisjoint(_SLOW):
        return RecordingError("did not arrive in time; check the network, and try again.")
    if not names.isdisjoint(_UNREACHABLE):
        return RecordingError("cannot be reached; check the host in the address, and the network.")
    what = f"status {status}" if isinstance(status, int) else type(error).__name__
    return RecordingError(f"cannot be fetched ({what}); check the address.")
