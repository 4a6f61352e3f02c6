"""`WS /v1/stream` for monitors and watchers, and `GET /v1/streams`."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, WebSocket
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocketDisconnect

from einthoven.errors import EinthovenError
from einthoven.interpret.json_text import dumps
from einthoven.serve.problems import Problem, problem_of
from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.frames import decode
from einthoven.serve.stream.handshake import Resume, StreamConfig, Watch, parse_handshake, read_first_message
from einthoven.serve.stream.registry import FullError, SessionRegistry
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.session import StreamSession
from einthoven.serve.websocket import ADMIT, MAX_FIRST

router = APIRouter()

FIRST_S = 10.0
"""Time within which the first message must arrive."""
_FLUSH_S = 2.0  # to send what still waits when a connection ends
_NORMAL_CLOSURE, _POLICY_VIOLATION, _TRY_AGAIN_LATER = 1000, 1008, 1013  # RFC 6455, 7.4.1, and its registry


@router.get("/v1/streams", summary="The streams in progress")
async def _streams(request: Request) -> Response:
    """Return their IDs, names, leads, states, heart rates and alerts."""
    sessions: SessionRegistry = request.app.state.sessions
    return JSONResponse({"streams": sessions.listing()})


@router.websocket("/v1/stream")
async def _stream(socket: WebSocket) -> None:
    """Follow the protocol of docs/how-to/monitor.md with a client."""
    await socket.accept()
    queue, code, problem = SendQueue(), _NORMAL_CLOSURE, None
    sender = asyncio.create_task(_send(socket, queue))
    try:
        await _converse(socket, queue, sender)
    except WebSocketDisconnect:
        sender.cancel()
        return
    except (EinthovenError, Problem) as error:
        problem = _problem(error)
        code = _TRY_AGAIN_LATER if problem.status in (429, 503) else _POLICY_VIOLATION
    finally:
        queue.close()
    with contextlib.suppress(WebSocketDisconnect, TimeoutError):
        await asyncio.wait_for(sender, _FLUSH_S)
        if problem:
            await socket.send_text(
                dumps({"type": "error", "problem": problem.to_dict(socket.scope["request_id"])}).decode()
            )
        await socket.close(code)


async def _converse(socket: WebSocket, queue: SendQueue, sender: "asyncio.Task[None]") -> None:
    """Receive from the first message to the end; raise what ends the conversation."""
    sessions: SessionRegistry = socket.app.state.sessions
    message = await _receive(socket, FIRST_S)
    if len(message) > MAX_FIRST:
        raise StreamError(f"The first message may have {MAX_FIRST // 1024} KiB, not {len(message)} bytes.")
    fields = read_first_message(message)
    token = fields.get("token")
    if not socket.app.state.settings.admits(token if isinstance(token, str) else None):
        raise Problem(401, "token-needed", "Token required", 'The first message must have the "token" of this service.')
    socket.scope[ADMIT]()
    model = await sessions.model()
    handshake = await asyncio.to_thread(parse_handshake, fields, model.leads)  # makes a flat recording
    if isinstance(handshake, Watch):
        await _watch(socket, sessions, handshake, queue, sender)
        return
    if isinstance(handshake, StreamConfig):
        session = sessions.open(handshake, model, queue)
    else:
        session = sessions.resume(handshake.stream, queue)
    ended = False
    try:
        queue.put(_ready(session, isinstance(handshake, Resume)))
        await _take_frames(socket, sessions, session, queue)
        ended = True
    except WebSocketDisconnect as disconnect:
        ended = disconnect.code == _NORMAL_CLOSURE
        raise
    finally:
        sessions.leave(session, queue, ended=ended)


def _ready(session: StreamSession, resumed: bool) -> str:
    config = session.config
    return dumps(
        {
            "type": "ready",
            **session.state_fields(),
            "resumed": resumed,
            "next_sequence": session.ring.next_sequence if session.ring.head else None,
            "leads": config.leads,
            "rate_hz": config.rate,
            "interval_s": config.interval_s,
            "warnings": [warning._asdict() for warning in config.warnings],
        }
    ).decode()


async def _take_frames(socket: WebSocket, sessions: SessionRegistry, session: StreamSession, queue: SendQueue) -> None:
    """Take frames until the monitor ends the stream."""
    idle_s: float = socket.app.state.settings.stream_idle_seconds
    newest = time.monotonic()
    async for message in _messages(socket, idle_s):
        if not sessions.holds(session, queue):
            raise StreamError("Another connection has resumed this stream.")
        frame = decode(message, session.config)
        if frame is None:
            await session.finish()
            return
        if await session.take(*frame):
            newest = time.monotonic()
        elif time.monotonic() - newest > idle_s:
            raise StreamError(
                f"No new sample arrived for {idle_s:g} s, only repeated or too old ones. "
                "If the sequence numbers restarted, start a new stream."
            )


async def _watch(
    socket: WebSocket, sessions: SessionRegistry, handshake: Watch, queue: SendQueue, sender: "asyncio.Task[None]"
) -> None:
    """Send answers and samples until the stream ends or the watcher goes."""
    queue.samples = handshake.tracing
    session = sessions.watch(handshake.stream, queue)
    try:
        queue.put(_ready(session, False))
        disconnect = asyncio.create_task(_wait_for_disconnect(socket))
        await asyncio.wait((disconnect, sender), return_when=asyncio.FIRST_COMPLETED)
        disconnect.cancel()
    finally:
        session.queues.remove(queue)


async def _wait_for_disconnect(socket: WebSocket) -> None:
    """Read, and ignore, messages until the client goes."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _messages(socket: WebSocket, idle_s: float) -> AsyncIterator[str | bytes]:
    while True:
        yield await _receive(socket, idle_s)


async def _receive(socket: WebSocket, seconds: float) -> str | bytes:
    try:
        async with asyncio.timeout(seconds):
            message: dict[str, Any] = dict(await socket.receive())
    except TimeoutError:
        raise StreamError(f"Nothing arrived for {seconds:g} s.") from None
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    content: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
    return content


async def _send(socket: WebSocket, queue: SendQueue) -> None:
    """Send the messages of the queue until it is closed or the client has gone."""
    with contextlib.suppress(WebSocketDisconnect):
        while messages := await queue.take():
            for message in messages:
                await socket.send_text(message)


def _problem(error: Exception) -> Problem:
    """Return the problem that a client is sent for an error."""
    if isinstance(error, FullError):
        return Problem(429, "busy", "Too many streams", str(error))
    if isinstance(error, StreamError):
        return Problem(400, "stream-refused", "The stream is refused", str(error))
    return problem_of(error)
