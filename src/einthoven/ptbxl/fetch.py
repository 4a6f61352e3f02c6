"""One file over HTTP, whole or not at all: resumed where it was cut, repeated, and patient when asked to be.

`urllib3.Retry` cannot resume a body that was cut, and a Retry-After concerns all connections at once; so one
loop here handles every failure, and urllib3 only follows redirects.
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
"""Failures in a row, without a byte gained, after which a file is given up."""
WRONG_BYTES_AGAIN = 3
"""How often a file with wrong bytes is fetched again."""
BACKOFF_S = 0.5
"""First pause in s after a failure; it doubles with each, up to LONGEST_BACKOFF_S."""
LONGEST_BACKOFF_S = 30.0
LONGEST_WAIT_S = 120.0
"""A server that asks in Retry-After for more than this is not waited for."""

_TIMEOUT = urllib3.Timeout(connect=10, read=30)
_CHUNK = 16 * 1024
_BUSY = {408, 429, 500, 502, 503, 504}


class FetchError(Exception):
    """Why a file could not be fetched, in a few words."""


class UnreachableError(FetchError):
    """The connection failed or the server was too busy, time after time."""


class StoppedError(Exception):
    """The fetch was told to stop."""


class _PassingError(Exception):
    """A failure that may be gone at the next try."""


@dataclass
class _Part:
    """What is there of a file so far."""

    url: str
    path: Path
    validator: str | None = None  # names the version that the bytes are of; content is checked in any case

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


class Fetcher:
    """Fetches files below one URL, from any number of threads.

    `base_url` begins with http:// or https:// (EinthovenError otherwise). Proxies are taken from the
    environment (HTTPS_PROXY, NO_PROXY ...). Setting `stop` ends every fetch and every pause.
    """

    def __init__(self, base_url: str, connections: int, stop: threading.Event) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.received = 0
        """Bytes received so far."""
        self._stop = stop
        self._lock = threading.Lock()
        self._resume_at = 0.0  # monotonic time before which the server wants no request
        self._http = _pool(self.base_url, connections)

    @property
    def waits_s(self) -> float:
        """For how many s more the server has asked to be left alone."""
        return max(0.0, self._resume_at - time.monotonic())

    def fetch(self, name: str, target: Path, is_right: Callable[[Path], bool], tries: int = TRIES) -> None:
        """Fetch the file `name` below the base URL to `target`.

        It grows as `target` + ".part", from what an earlier call left of that, and becomes `target` when
        `is_right` says so of it. Raises FetchError (UnreachableError after `tries` failures in a row),
        StoppedError, EinthovenError where the server asks for too long a wait, and OSError of the disk.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _Part(self.base_url + quote(name), target.with_name(target.name + ".part"))
        failures, wrong, farthest = 0, 0, part.size
        while True:
            try:
                self._transfer(part)
            except _PassingError as error:
                if part.size > farthest:
                    failures, farthest = 0, part.size
                failures += 1
                if failures == tries:
                    raise UnreachableError(f"{error}, {tries} times") from error
                self._pause(min(BACKOFF_S * 2 ** (failures - 1), LONGEST_BACKOFF_S))
                continue
            if is_right(part.path):
                part.path.replace(target)
                return
            part.path.unlink()
            wrong += 1
            if wrong > WRONG_BYTES_AGAIN:
                raise FetchError(f"wrong bytes {wrong} times")

    def _transfer(self, part: _Part) -> None:
        """One request: what is missing of the part, or all of it where the server does not resume."""
        self._pause(self.waits_s)
        offset = part.size
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and part.validator:
            headers["If-Range"] = part.validator
        try:
            response = self._http.request("GET", part.url, headers=headers, preload_content=False)
        except exceptions.HTTPError as error:
            raise _PassingError(_describe(error)) from error
        try:
            if offset and (response.status == 416 or _resumes_elsewhere(response, offset)):
                part.path.unlink()
            else:
                self._judge(response)
                part.validator = _validator(response)
                self._receive(response, part.path, append=response.status == 206)
                return
        finally:
            response.close()  # its connection too, unless the body was read to the end
            response.release_conn()
        self._transfer(part)  # from the start, thus without Range

    def _judge(self, response: urllib3.BaseHTTPResponse) -> None:
        """Raise unless the answer holds the file."""
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
            raise EinthovenError(
                f"the server is busy ({answer}) and asks to come back in {wait_s:.0f} s.", self.base_url
            )
        self._resume_at = max(self._resume_at, time.monotonic() + wait_s)
        raise _PassingError(answer)

    def _receive(self, response: urllib3.BaseHTTPResponse, path: Path, append: bool) -> None:
        with path.open("ab" if append else "wb") as file:
            chunks = response.stream(_CHUNK)
            while True:
                try:
                    chunk = next(chunks, b"")
                except exceptions.HTTPError as error:
                    raise _PassingError(_describe(error)) from error
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
        raise EinthovenError("is no address to download from; it must begin with https:// or http://.", base_url)
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
    """What If-Range may name: a strong ETag, else the date of the last change."""
    etag = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _resumes_elsewhere(response: urllib3.BaseHTTPResponse, offset: int) -> bool:
    """Whether a partial answer begins at another byte than the one asked for."""
    content_range = response.headers.get("Content-Range", "")
    return response.status == 206 and not content_range.startswith(f"bytes {offset}-")


def _describe(error: exceptions.HTTPError) -> str:
    """A network failure in a few words."""
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
            return "no data came for a long time"
        case _:
            return "the connection was cut"
