"""WebSockets from the socket on: parsed in small steps, and bounded before the token is shown."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from einthoven.serve.connections import Connections
from einthoven.serve.http_limits import StalledClientMixin, refusal

MAX_FIRST = 8 * 1024
"""Bytes of the first message, which holds the token."""
MAX_LINE = 8 * 1024
"""Bytes of a header line, of which websockets takes no more."""
MAX_FRAMES = 256
"""Frames that bring no message (fragments, pings, pongs) in FRAMES_SECONDS or in one message."""
FRAMES_SECONDS = 10.0
ADMIT = "einthoven.admit"
"""Key of the scope: a function to be called once the client has shown the token."""
_STEP = 1024  # bytes that are parsed until others get their turn: at most 170 frames


def limit_websocket(connections: Connections) -> type[WebSocketsSansIOProtocol]:
    """uvicorn's protocol with these limits."""
    return type("LimitedWebSocketProtocol", (_LimitedProtocol,), {"places": connections})


class _LimitedProtocol(StalledClientMixin, WebSocketsSansIOProtocol):
    places: Connections
    _coming = 0  # bytes that have come of the first message
    _first_came = False
    _frames = 0
    _since = 0.0  # when `_frames` was 0
    _next: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._unread = bytearray()
        self.watch_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.remove(self.transport)
        self.stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:  # uvicorn's copy of the request, which is whole
            super().data_received(data)
            if not self.handshake_initiated:  # its lines are longer, or more, than websockets takes
                self.transport.write(
                    refusal(431, f"The headers of a WebSocket may have {MAX_LINE // 1024} KiB a line.")
                )
                self.close_sent = self.handshake_complete = True
                self.transport.close()
            return
        self._unread += data
        self._go_on()

    def _go_on(self) -> None:
        """Parse what has come, unless that happens already, or the application has not taken the last message."""
        if self._unread and not self.read_paused and not self._next:
            self._parse()

    def _parse(self) -> None:
        self._next = None
        if self.transport.is_closing():
            return
        step = bytes(self._unread[:_STEP])
        del self._unread[:_STEP]
        super().data_received(step)
        if not self._first_came:
            self._coming += len(step)
            if self._coming > MAX_FIRST + _STEP:
                self._fail(CloseCode.MESSAGE_TOO_BIG, f"The first message may have {MAX_FIRST // 1024} KiB.")
        if self.transport.is_closing() or self.read_paused:
            return
        if self._unread:
            self.transport.pause_reading()
            self._next = self.loop.call_soon(self._parse)
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
        """Parse on where uvicorn reads on; it does not know of what has been read but not parsed."""
        if self._unread and not self.read_paused and not self.transport.is_closing():
            self.transport.pause_reading()
            self._next = self._next or self.loop.call_soon(self._parse)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            cast(dict[str, Any], self.scope)[ADMIT] = self._admit

    def _admit(self) -> None:
        self.places.busy(self.transport)

    def handle_cont(self, event: Frame) -> None:
        if self._count():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._count():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._count():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        if self.close_sent:  # the message is dropped
            self._count()
        else:
            self._frames = 0
            self._first_came = True
            if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
                self._fail(CloseCode.INVALID_DATA, "A text message must be UTF-8.")
                return
        super().send_receive_event_to_app()

    def _count(self) -> bool:
        """Count a frame that brings no message; whether there may be so many."""
        now = self.loop.time()
        if now - self._since > FRAMES_SECONDS:
            self._since, self._frames = now, 0
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
