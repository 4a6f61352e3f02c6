"""HTTP from the socket on, with an end to everything that a client may draw out."""

import asyncio
import json
import logging
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from einthoven.serve.problems import MEDIA_TYPE
from einthoven.serve.settings import Settings

MAX_HEAD = 64 * 1024
"""Bytes of a request that are no body: its headers, above all."""
HEAD_SECONDS = 10.0
"""Within which the headers must have come."""
WRITE_SECONDS = 30.0
"""How long a client may leave its answer lying."""
_log = logging.getLogger("einthoven.serve")


def bounded(settings: Settings) -> type[HttpToolsProtocol]:
    """uvicorn's protocol, which has no such limits, with those of `settings`."""
    return type("Bounded", (_Bounded,), {"settings": settings})


class _Bounded(HttpToolsProtocol):
    settings: Settings
    _timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None
    _unbodied = 0  # bytes since the last that belonged to a body
    _first = 0.0  # when the request began

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.settings.max_connections:
            self._refuse(503, "The service has as many connections as it takes; try again in a second.")
        else:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._limit(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unbodied += len(data)
        super().data_received(data)
        if self._unbodied > MAX_HEAD and not self.transport.is_closing():
            self._refuse(431, f"The headers of a request may have {MAX_HEAD // 1024} KiB.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> None:
        self._unbodied = 0
        left = self._first + self.settings.receive_seconds - self.loop.time()
        self._limit(left, f"The request did not come within {self.settings.receive_seconds:g} s.")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unbodied = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unbodied = 0
        self._limit(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._limit(None)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        if self._write_timer:
            self._write_timer.cancel()
        super().resume_writing()

    def _begin(self) -> None:
        self._first = self.loop.time()
        seconds = min(HEAD_SECONDS, self.settings.receive_seconds)
        self._limit(seconds, f"The headers of the request did not come within {seconds:g} s.")

    def _limit(self, seconds: float | None, otherwise: str = "") -> None:
        """Give the client so many seconds for what is expected next; None where nothing is."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._refuse, 408, otherwise)

    def _refuse(self, status: int, detail: str) -> None:
        """Close, saying why where no answer is under way."""
        self._limit(None)
        cycle = self.cycle
        awaited = cycle is not None and not cycle.response_complete
        if not awaited or (cycle.more_body and not cycle.response_started):
            facts = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
            body = json.dumps(facts).encode()
            head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
            _log.warning("id=- %d before a request was whole", status)
        self.transport.close()
