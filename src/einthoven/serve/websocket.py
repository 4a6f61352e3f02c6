"""The WebSocket protocol from the socket on: parsed in small steps, and limited until the token is shown."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from einthoven.serve.connections import Connections
from einthoven.serve.http_limits import StalledClientMixin, raw_problem

MAX_FIRST = 8 * 1024
"""Bytes of the first message, which has the token."""
MAX_LINE = 8 * 1024
"""Bytes of a header line; the limit of the websockets library."""
MAX_FRAMES = 256
"""Frames without a message (fragments, pings, pongs) in FRAMES_SECONDS or in one message."""
FRAMES_SECONDS = 10.0
ADMIT = "einthoven.admit"
"""Key of the scope: a function to call when the client has shown the token."""
_STEP = 1024  # bytes that are parsed before other connections get their turn: at most 170 frames


def limit_websocket(connections: Connections) -> type[WebSocketsSansIOProtocol]:
    """Return uvicorn's WebSocket protocol with limits.

    Parameters
    ----------
    connections
        All connections of the service.

    Returns
    -------
    type[WebSocketsSansIOProtocol]
        A class for `uvicorn.Config`.
    """
    return type("LimitedWebSocketProtocol", (_LimitedProtocol,), {"all_connections": connections})


class _LimitedProtocol(StalledClientMixin, WebSocketsSansIOProtocol):
    all_connections: Connections
    _first_bytes = 0  # of the first message so far
    _first_complete = False
    _frames = 0
    _frames_since = 0.0  # when `_frames` was 0
    _next_step: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._unparsed = bytearray()
        self.watch_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.all_connections.remove(self.transport)
        self.stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:  # uvicorn passes on the request, which is complete
            super().data_received(data)
            if not self.handshake_initiated:  # a line is too long, or there are too many lines, for websockets
                self.transport.write(raw_problem(431, f"A header line of a WebSocket may have {MAX_LINE // 1024} KiB."))
                self.close_sent = self.handshake_complete = True
                self.transport.close()
            return
        self._unparsed += data
        self._parse_if_possible()

    def _parse_if_possible(self) -> None:
        """Parse, unless a step is due already or the application has not taken the last message."""
        if self._unparsed and not self.read_paused and not self._next_step:
            self._parse()

    def _parse(self) -> None:
        self._next_step = None
        if self.transport.is_closing():
            return
        step = bytes(self._unparsed[:_STEP])
        del self._unparsed[:_STEP]
        super().data_received(step)
        if not self._first_complete:
            self._first_bytes += len(step)
            if self._first_bytes > MAX_FIRST + _STEP:
                self._fail(CloseCode.MESSAGE_TOO_BIG, f"The first message may have {MAX_FIRST // 1024} KiB.")
        if self.transport.is_closing() or self.read_paused:
            return
        if self._unparsed:
            self.transport.pause_reading()
            self._next_step = self.loop.call_soon(self._parse)
        else:
            self.transport.resume_reading()

    async def receive(self) -> Any:
        message = await super().receive()
        self._resume()
        return message

    async def send(self, message: Any) -> None:
        await super().send(message)
        self._resume()

    def _resume(self) -> None:
        """Continue to parse when uvicorn continues to read; it does not know of bytes that are not parsed yet."""
        if self._unparsed and not self.read_paused and not self.transport.is_closing():
            self.transport.pause_reading()
            self._next_step = self._next_step or self.loop.call_soon(self._parse)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            cast(dict[str, Any], self.scope)[ADMIT] = self._admit

    def _admit(self) -> None:
        self.all_connections.mark_busy(self.transport)

    def handle_cont(self, event: Frame) -> None:
        if self._allow_frame():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._allow_frame():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._allow_frame():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        if self.close_sent:  # uvicorn drops the message
            self._allow_frame()
        else:
            self._frames = 0
            self._first_complete = True
            if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
                self._fail(CloseCode.INVALID_DATA, "A text message must be UTF-8.")
                return
        super().send_receive_event_to_app()

    def _allow_frame(self) -> bool:
        """Count a frame without a message; return False if there are too many."""
        now = self.loop.time()
        if now - self._frames_since > FRAMES_SECONDS:
            self._frames_since, self._frames = now, 0
        self._frames += 1
        if self._frames > MAX_FRAMES:
            self._fail(CloseCode.POLICY_VIOLATION, "Too many frames without a message.")
        return self._frames <= MAX_FRAMES

    def _fail(self, code: CloseCode, reason: str) -> None:
        if not self.transport.is_closing():
            self.conn.fail(code, reason)
            self.handle_parser_exception()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
