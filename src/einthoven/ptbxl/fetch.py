"""Fetch files over HTTP: resume after a break, retry, and wait if the server asks for it.

`urllib3.Retry` cannot resume an interrupted body, and a Retry-After applies to all connections. So a loop here handles
every failure, and urllib3 only follows redirects.
HTTP semantics (Range, If-Range, Retry-After): RFC 9110.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions

from einthoven import __version__
from einthoven.errors import EinthovenError

TRIES = 8
"""Consecutive failures, without progress, after which a file is given up."""
WRONG_CONTENT_RETRIES = 3
"""Number of further attempts for a file with wrong content."""
BACKOFF_S = 0.5
"""First pause in s after a failure; it doubles with each, up to LONGEST_BACKOFF_S."""
LONGEST_BACKOFF_S = 30.0
LONGEST_WAIT_S = 120.0
"""The longest Retry-After in s that is respected; a longer one is an error."""

_TIMEOUT = urllib3.Timeout(connect=10, read=30)
_CHUNK = 16 * 1024
_BUSY = {408, 429, 500, 502, 503, 504}


class FetchError(Exception):
    """Short reason why a file could not be fetched."""


class UnreachableError(FetchError):
    """The connection failed or the server was too busy, several consecutive times."""


class StoppedError(Exception):
    """The fetch was stopped."""


class _TemporaryError(Exception):
    """A failure that may not occur at the next try."""


@dataclass
class _Part:
    """The part of a file that is there so far."""

    url: str
    path: Path
    validator: str | None = None  # of the version that the bytes come from; the content is checked in any case

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


class Fetcher:
    """Fetches files below one URL, from any number of threads.

    Proxies are taken from the environment (HTTPS_PROXY, NO_PROXY ...).

    Parameters
    ----------
    base_url
        Begins with http:// or https://.
    connections
        Number of connections kept open.
    stop
        Ends every fetch and every pause when it is set.

    Raises
    ------
    EinthovenError
        If the URL is not a web address.
    """

    def __init__(self, base_url: str, connections: int, stop: threading.Event) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.received = 0
        """Bytes received so far."""
        self._stop = stop
        self._lock = threading.Lock()
        self._resume_at = 0.0  # monotonic time before which the server accepts no request
        self._http = _pool(self.base_url, connections)

    @property
    def waits_s(self) -> float:
        """Time in s until the server accepts requests again."""
        return max(0.0, self._resume_at - time.monotonic())

    def fetch(self, name: str, target: Path, is_correct: Callable[[Path], bool], tries: int = TRIES) -> None:
        """Fetch one file, and resume it if an earlier call left a part of it.

        Parameters
        ----------
        name
            Path of the file below the base URL.
        target
            Path of the file. The unfinished file is `target` + ".part".
        is_correct
            Checks the fetched file.
        tries
            Consecutive failures after which to give up.

        Raises
        ------
        UnreachableError
            After that many consecutive failures.
        FetchError
            If the server refuses, or sends wrong content again and again.
        StoppedError
            If `stop` is set.
        EinthovenError
            If the server asks for too long a wait.
        OSError
            If the disk fails.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _Part(self.base_url + quote(name), target.with_name(target.name + ".part"))
        failures, wrong, farthest = 0, 0, part.size
        while True:
            try:
                self._transfer(part)
            except _TemporaryError as error:
                if part.size > farthest:
                    failures, farthest = 0, part.size
                failures += 1
                if failures == tries:
                    raise UnreachableError(f"{error}, {tries} times") from error
                self._pause(min(BACKOFF_S * 2 ** (failures - 1), LONGEST_BACKOFF_S))
                continue
            if is_correct(part.path):
                part.path.replace(target)
                return
            part.path.unlink()
            wrong += 1
            if wrong > WRONG_CONTENT_RETRIES:
                raise FetchError(f"wrong content {wrong} times")

    def _transfer(self, part: _Part) -> None:
        """Request the missing bytes, or the whole file if the server cannot resume."""
        self._pause(self.waits_s)
        offset = part.size
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and part.validator:
            headers["If-Range"] = part.validator
        try:
            response = self._http.request("GET", part.url, headers=headers, preload_content=False)
        except exceptions.HTTPError as error:
            raise _TemporaryError(_describe(error)) from error
        try:
            if offset and (response.status == 416 or _resumes_elsewhere(response, offset)):
                part.path.unlink()
            else:
                self._check_status(response)
                part.validator = _validator(response)
                self._receive(response, part.path, append=response.status == 206)
                return
        finally:
            response.close()  # its connection too, unless the body was read to the end
            response.release_conn()
        self._transfer(part)  # from the start, without Range

    def _check_status(self, response: urllib3.BaseHTTPResponse) -> None:
        """Raise an error unless the response has the file."""
        if response.status in (200, 206):
            return
        answer = f"{response.status} {response.reason or ''}".strip()
        if response.status not in _BUSY:
            raise FetchError(answer)
        try:
            wait_s = urllib3.Retry().get_retry_after(response) or 0.0
        except exceptions.InvalidHeader:
            wait_s = 0.0
        if wait_s > LONGEST_WAIT_S:
            raise EinthovenError(f"the server is busy ({answer}); try again in {wait_s:.0f} s.", self.base_url)
        self._resume_at = max(self._resume_at, time.monotonic() + wait_s)
        raise _TemporaryError(answer)

    def _receive(self, response: urllib3.BaseHTTPResponse, path: Path, append: bool) -> None:
        with path.open("ab" if append else "wb") as file:
            chunks = response.stream(_CHUNK)
            while True:
                try:
                    chunk = next(chunks, b"")
                except exceptions.HTTPError as error:
                    raise _TemporaryError(_describe(error)) from error
                if not chunk:
                    return
                file.write(chunk)
                with self._lock:
                    self.received += len(chunk)
                if self._stop.is_set():
                    raise StoppedError

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError


def _pool(base_url: str, connections: int) -> urllib3.PoolManager:
    url = urllib3.util.parse_url(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise EinthovenError("is not a web address; it must begin with https:// or http://.", base_url)
    # Redirects only: other failures reach the loop above as they are.
    retries = urllib3.Retry(redirect=5, connect=False, read=False, respect_retry_after_header=False)
    headers = {"User-Agent": f"einthoven/{__version__}", "Accept-Encoding": "identity"}
    proxy = None if proxy_bypass(url.host) else getproxies().get(url.scheme)
    if not proxy:
        return urllib3.PoolManager(maxsize=connections, timeout=_TIMEOUT, retries=retries, headers=headers)
    login = urllib3.util.parse_url(proxy).auth
    return urllib3.ProxyManager(
        proxy,
        maxsize=connections,
        timeout=_TIMEOUT,
        retries=retries,
        headers=headers,
        proxy_headers=urllib3.make_headers(proxy_basic_auth=login) if login else None,
    )


def _validator(response: urllib3.BaseHTTPResponse) -> str | None:
    """Return a validator for If-Range: a strong ETag, or else the date of the last change."""
    etag = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _resumes_elsewhere(response: urllib3.BaseHTTPResponse, offset: int) -> bool:
    """Return whether a partial response begins at another byte than requested."""
    content_range = response.headers.get("Content-Range", "")
    return response.status == 206 and not content_range.startswith(f"bytes {offset}-")


def _describe(error: exceptions.HTTPError) -> str:
    """Describe a network failure in a few words."""
    match error:
        case exceptions.MaxRetryError():
            return "too many redirects"
        case exceptions.ProxyError():
            return "the proxy does not answer"
        case exceptions.NameResolutionError():
            return "the server's name cannot be resolved"
        case exceptions.SSLError():
            return f"no secure connection ({error})"
        case exceptions.ConnectTimeoutError() | exceptions.NewConnectionError():
            return "no connection"
        case exceptions.ReadTimeoutError():
            return "no data for a long time"
        case _:
            return "the connection was closed"
