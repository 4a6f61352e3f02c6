"""The HTTP protocol from the socket on, with limits on the size and the duration of every request."""

import asyncio
import logging
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from einthoven.interpret.json_text import dumps
from einthoven.serve.connections import Connections
from einthoven.serve.problems import MEDIA_TYPE
from einthoven.serve.settings import Settings

MAX_HEAD = 64 * 1024
"""Bytes of a request that are not its body: mainly its headers, and the framing of a chunked body."""
MAX_HEADERS = 100
MAX_URL = 8 * 1024
FRAMING = 1 / 32
"""Framing that a chunked body may have beyond MAX_HEAD, as a share of the body: tiny chunks are costly."""
SILENT_SECONDS = 5.0
"""Time within which the first byte must arrive."""
HEAD_SECONDS = 10.0
"""Time within which the headers must arrive."""
WRITE_SECONDS = 30.0
"""Time for which a client may leave its response unread."""
MAX_PIPELINED = 16
"""Requests that a client may send before its first response."""
_STEP = 16 * 1024  # bytes that are parsed at a time, and then counted
_log = logging.getLogger("einthoven.serve")


def limit_http(settings: Settings, connections: Connections) -> type[HttpToolsProtocol]:
    """Return uvicorn's HTTP protocol with limits.

    Parameters
    ----------
    settings
        The limits.
    connections
        All connections of the service.

    Returns
    -------
    type[HttpToolsProtocol]
        A class for `uvicorn.Config`.
    """
    return type("LimitedHttpProtocol", (_LimitedProtocol,), {"settings": settings, "all_connections": connections})


class StalledClientMixin(asyncio.Protocol):
    """Closes the connection of a client that does not read its responses."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _abort_timer: asyncio.TimerHandle | None = None

    def watch_writing(self) -> None:
        """Have `pause_writing` called whenever the system does not accept all bytes that are written."""
        self.transport.set_write_buffer_limits(high=0)

    def stop_watching(self) -> None:
        """Stop waiting for the client."""
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
    """Ends the parser; the protocol's `_refusal` has the response."""


class _LimitedProtocol(StalledClientMixin, HttpToolsProtocol):
    settings: Settings
    all_connections: Connections
    _timer: asyncio.TimerHandle | None = None
    _overhead = 0  # bytes of the request that are not its body, counted as they arrive
    _head = 0  # bytes of headers, counted by the parser
    _body = 0
    _request_start = 0.0  # by the loop's clock
    _refusal: tuple[int, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.watch_writing()
        if refusal := self.all_connections.add(transport, self.client[0] if self.client else ""):
            self._refuse(*refusal)
        else:
            self._request_start = self.loop.time()
            seconds = min(SILENT_SECONDS, self.settings.receive_seconds)
            self._set_deadline(seconds, f"No request arrived within {seconds:g} s.")

    def connection_lost(self, exc: Exception | None) -> None:
        self.all_connections.remove(self.transport)
        self._set_deadline(None)
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
        self._request_start = self.loop.time()
        seconds = min(HEAD_SECONDS, self.settings.receive_seconds)
        self._set_deadline(seconds, f"The headers of the request did not arrive within {seconds:g} s.")
        if len(self.pipeline) >= MAX_PIPELINED:
            self._refuse_in_parser(429, f"{MAX_PIPELINED} requests wait for their responses. Wait for one of them.")

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._head += len(url)
        if len(self.url) > MAX_URL:
            self._refuse_in_parser(414, f"The URL of a request may have {MAX_URL // 1024} KiB.")

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._head += len(name) + len(value) + len(b": \r\n")
        if self._head > MAX_HEAD or len(self.headers) > MAX_HEADERS:
            self._refuse_in_parser(*_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._overhead -= self._head  # the headers have their own limit
        left = self._request_start + self.settings.receive_seconds - self.loop.time()
        self._set_deadline(left, f"The request did not arrive within {self.settings.receive_seconds:g} s.")
        super().on_headers_complete()
        self.all_connections.mark_busy(self.transport)

    def on_body(self, body: bytes) -> None:
        self._overhead -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._overhead = self._body = 0
        self._set_deadline(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # otherwise other requests wait in the pipeline
            self.all_connections.mark_idle(self.transport)
            if self._refusal and not self.transport.is_closing():
                self._refuse(*self._refusal)

    def handle_websocket_upgrade(self) -> None:
        self._set_deadline(None)
        self.all_connections.mark_idle(self.transport)  # until the client shows the token
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._refusal = self._refusal or (400, "The bytes received are not an HTTP request.")
        if self._answering:
            self.flow.pause_reading()  # refuse after the response to the previous request
        else:
            self._refuse(*self._refusal)

    @property
    def _answering(self) -> bool:
        """Whether a response is in progress, so that no other can be sent now."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and (cycle.response_started or not cycle.more_body)

    def _set_deadline(self, seconds: float | None, detail: str = "") -> None:
        """Refuse with `detail` if the client does not continue to send in time; None if nothing is expected."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._refuse, 408, detail)

    def _refuse_in_parser(self, status: int, detail: str) -> None:
        """Refuse from within the parser."""
        self._refusal = status, detail
        raise _Refused

    def _refuse(self, status: int, detail: str) -> None:
        """Close the connection; first send the reason, unless a response is in progress."""
        self._set_deadline(None)
        if not self._answering:
            self.transport.write(raw_problem(status, detail))
            _log.warning("id=- %d before the request was complete", status)
        self.transport.close()


_TOO_LARGE = (
    431,
    f"The headers of a request may have {MAX_HEAD // 1024} KiB in {MAX_HEADERS} lines. The chunks of a chunked body "
    "must have some hundred bytes.",
)


def raw_problem(status: int, detail: str) -> bytes:
    """Return the bytes of an error response to a request that does not reach the application.

    Parameters
    ----------
    status
        HTTP status.
    detail
        Description of the error.

    Returns
    -------
    bytes
        Status line, headers and body; the connection is to be closed after it.
    """
    body = dumps({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail})
    retry = "retry-after: 1\r\n" if status in (429, 503) else ""
    head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n{retry}connection: close\r\n\r\n"
    return STATUS_LINE[status] + head.encode() + body
