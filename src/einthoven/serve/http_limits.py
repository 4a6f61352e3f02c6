"""HTTP from the socket on, with an end to everything that a client may draw out."""

import asyncio
import logging
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from einthoven.interpret.json_text import dumps
from einthoven.serve.connections import Connections
from einthoven.serve.problems import MEDIA_TYPE
from einthoven.serve.settings import Settings

MAX_HEAD = 64 * 1024
"""Bytes of a request that are no body: its headers, above all; and the framing of a body that comes in chunks."""
MAX_HEADERS = 100
MAX_URL = 8 * 1024
FRAMING = 1 / 32
"""Share of a chunked body that its framing may take beyond MAX_HEAD: tiny chunks cost more than they bring."""
SILENT_SECONDS = 5.0
"""Within which the first byte must have come."""
HEAD_SECONDS = 10.0
"""Within which the headers must have come."""
WRITE_SECONDS = 30.0
"""How long a client may leave its answer lying."""
MAX_PIPELINED = 16
"""Requests that a client may send before it has the first answer."""
_STEP = 16 * 1024  # bytes that are parsed before they are counted
_log = logging.getLogger("einthoven.serve")


def limit_http(settings: Settings, connections: Connections) -> type[HttpToolsProtocol]:
    """uvicorn's protocol, which has no such limits, with those of `settings`."""
    return type("LimitedHttpProtocol", (_LimitedProtocol,), {"settings": settings, "places": connections})


class StalledClientMixin(asyncio.Protocol):
    """Closes the connection of a client that does not read what it is sent."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _abort_timer: asyncio.TimerHandle | None = None

    def watch_writing(self) -> None:
        """Have `pause_writing` called whenever the system does not take all that is written."""
        self.transport.set_write_buffer_limits(high=0)

    def stop_watching(self) -> None:
        """Wait for the client no longer."""
        if self._abort_timer:
            self._abort_timer.cancel()

    def pause_writing(self) -> None:
        """Start to wait until the client reads."""
        super().pause_writing()
        self._abort_timer = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that the client has read."""
        self.stop_watching()
        super().resume_writing()


class _Refused(Exception):  # noqa: N818
    """Ends the parser; what to answer is in `_refusal` of the protocol."""


class _LimitedProtocol(StalledClientMixin, HttpToolsProtocol):
    settings: Settings
    places: Connections
    _timer: asyncio.TimerHandle | None = None
    _overhead = 0  # bytes of the request that are no body, counted as they come
    _head = 0  # bytes of headers, counted by the parser
    _body = 0
    _first = 0.0  # when the request began
    _refusal: tuple[int, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.watch_writing()
        if refusal := self.places.add(transport, self.client[0] if self.client else ""):
            self._refuse(*refusal)
        else:
            self._first = self.loop.time()
            seconds = min(SILENT_SECONDS, self.settings.receive_seconds)
            self._limit(seconds, f"No request came within {seconds:g} s.")

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.remove(self.transport)
        self._limit(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _STEP):
            part = data[start : start + _STEP]
            self._overhead += len(part)
            super().data_received(part)
            if self.transport.is_closing() or self.transport.get_protocol() is not self:  # a WebSocket now
                return
            if self._overhead > MAX_HEAD + FRAMING * self._body:
                self._refusal = _TOO_LARGE
                self.send_400_response("")
                return

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._first = self.loop.time()
        seconds = min(HEAD_SECONDS, self.settings.receive_seconds)
        self._limit(seconds, f"The headers of the request did not come within {seconds:g} s.")
        if len(self.pipeline) >= MAX_PIPELINED:
            self._stop(429, f"{MAX_PIPELINED} requests wait for their answers; wait for one.")

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._head += len(url)
        if len(self.url) > MAX_URL:
            self._stop(414, f"The address of a request may have {MAX_URL // 1024} KiB.")

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._head += len(name) + len(value) + len(b": \r\n")
        if self._head > MAX_HEAD or len(self.headers) > MAX_HEADERS:
            self._stop(*_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._overhead -= self._head  # which has a limit of its own
        left = self._first + self.settings.receive_seconds - self.loop.time()
        self._limit(left, f"The request did not come within {self.settings.receive_seconds:g} s.")
        super().on_headers_complete()
        self.places.busy(self.transport)

    def on_body(self, body: bytes) -> None:
        self._overhead -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._overhead = self._body = 0
        self._limit(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # else others wait in the pipeline
            self.places.idle(self.transport)
            if self._refusal and not self.transport.is_closing():
                self._refuse(*self._refusal)

    def handle_websocket_upgrade(self) -> None:
        self._limit(None)
        self.places.idle(self.transport)  # until it shows the token
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._refusal = self._refusal or (400, "What came is no HTTP request.")
        if self._answering:
            self.flow.pause_reading()  # it is said after the answer to the request before
        else:
            self._refuse(*self._refusal)

    @property
    def _answering(self) -> bool:
        """Whether an answer is under way, so that no other can be given now."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and (cycle.response_started or not cycle.more_body)

    def _limit(self, seconds: float | None, otherwise: str = "") -> None:
        """Give the client so many seconds for what is expected next; None where nothing is."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._refuse, 408, otherwise)

    def _stop(self, status: int, detail: str) -> None:
        """Refuse, from within the parser."""
        self._refusal = status, detail
        raise _Refused

    def _refuse(self, status: int, detail: str) -> None:
        """Close, saying why where no answer is under way."""
        self._limit(None)
        if not self._answering:
            self.transport.write(refusal(status, detail))
            _log.warning("id=- %d before a request was whole", status)
        self.transport.close()


_TOO_LARGE = (
    431,
    f"The headers of a request may have {MAX_HEAD // 1024} KiB in {MAX_HEADERS} lines, and a body that comes in chunks "
    "must have chunks of some hundred bytes.",
)


def refusal(status: int, detail: str) -> bytes:
    """The whole answer to a request that is not heard; the connection is to be closed."""
    facts = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body = dumps(facts)
    retry = "retry-after: 1\r\n" if status in (429, 503) else ""
    head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n{retry}connection: close\r\n\r\n"
    return STATUS_LINE[status] + head.encode() + body
