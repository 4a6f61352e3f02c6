"""Bodies of requests, kept in memory and counted as they arrive."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

from fastapi import Request

from einthoven.serve.pool import Busy
from einthoven.serve.problems import Problem
from einthoven.serve.settings import MIB, Settings


class BodyLimits:
    """Limits each body, and all bodies in memory together.

    Parameters
    ----------
    settings
        The limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._max_body, self._max_total, self._total = settings.max_body, settings.max_bodies, 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Read the body of a request, which counts until the block ends.

        Parameters
        ----------
        request
            The request; its scope gets the body's SHA-256 for the log.

        Yields
        ------
        bytes
            The body.

        Raises
        ------
        Problem
            If the body is too large, as soon as that is known.
        Busy
            If all bodies together are too large.
        """
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_body:
            raise self._too_large()
        body, sha256, size = BytesIO(), hashlib.sha256(), 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                self._total += len(chunk)
                if size > self._max_body:
                    raise self._too_large()
                if self._total > self._max_total:
                    raise Busy
                sha256.update(chunk)  # chunk by chunk, so that a large body does not block the event loop
                body.write(chunk)
            request.scope["sha256"] = sha256.hexdigest()
            yield body.getvalue()  # shares the memory of `body`
        finally:
            self._total -= size

    def _too_large(self) -> Problem:
        return Problem(
            413,
            "too-large",
            "Request too large",
            f"A request may have {self._max_body / MIB:g} MiB. Cut the recording, or send fewer recordings at once.",
            {"connection": "close"},
        )
