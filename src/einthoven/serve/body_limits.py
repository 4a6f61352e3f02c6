"""Bodies of requests, kept in memory and counted as they come."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

from fastapi import Request

from einthoven.serve.pool import Busy
from einthoven.serve.problems import Problem
from einthoven.serve.settings import MIB, Settings


class BodyLimits:
    """All bodies that are under way; together they are bounded too."""

    def __init__(self, settings: Settings) -> None:
        self._most, self._most_together, self._held = settings.max_body, settings.max_bodies, 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body of `request`, which counts until the block ends.

        Raises Problem where it is too large, as soon as that is known, and Busy where all together are.
        """
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._most:
            raise self._too_large()
        body, hashed, held = BytesIO(), hashlib.sha256(), 0
        try:
            async for chunk in request.stream():
                held += len(chunk)
                self._held += len(chunk)
                if held > self._most:
                    raise self._too_large()
                if self._held > self._most_together:
                    raise Busy
                hashed.update(chunk)  # piece by piece, so that nobody waits for a large one
                body.write(chunk)
            request.scope["sha256"] = hashed.hexdigest()
            yield body.getvalue()  # shares the memory of `body`
        finally:
            self._held -= held

    def _too_large(self) -> Problem:
        return Problem(
            413,
            "too-large",
            "The request is too large",
            f"A request may have {self._most / MIB:g} MiB; cut the recording, or send fewer at once.",
            {"connection": "close"},
        )
