"""`WS /v1/stream` for monitors and those who watch, and `GET /v1/streams`."""

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
from einthoven.serve.stream.frames import decode
from einthoven.serve.stream.handshake import Resume, StreamConfig, StreamError, Watch, fields, parse_handshake
from einthoven.serve.stream.registry import FullError, SessionRegistry
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.session import StreamSession
from einthoven.serve.websocket import ADMIT, MAX_FIRST

router = APIRouter()

FIRST_S = 10.0
"""Within which the first message must have come."""
_LAST_S = 2.0  # for what still waits to be sent when a connection ends
_DONE, _WRONG, _LATER = 1000, 1008, 1013  # RFC 6455, 7.4.1, and its registry


@router.get("/v1/streams", summary="The streams under way")
async def streams(request: Request) -> Response:
    """Their IDs, names, leads, states, heart rates and alerts."""
    sessions: SessionRegistry = request.app.state.sessions
    return JSONResponse({"streams": sessions.listing()})


@router.websocket("/v1/stream")
async def stream(socket: WebSocket) -> None:
    """What docs/how-to/monitor.md tells."""
    await socket.accept()
    queue, code, problem = SendQueue(), _DONE, None
    sender = asyncio.create_task(_send(socket, queue))
    try:
        await _converse(socket, queue, sender)
    except WebSocketDisconnect:
        sender.cancel()
        return
    except (EinthovenError, Problem) as error:
        problem = _problem(error)
        code = _LATER if problem.status in (429, 503) else _WRONG
    finally:
        queue.close()
    with contextlib.suppress(WebSocketDisconnect, TimeoutError):
        await asyncio.wait_for(sender, _LAST_S)
        if problem:
            await socket.send_text(
                dumps({"type": "error", "problem": problem.facts(socket.scope["request_id"])}).decode()
            )
        await socket.close(code)


async def _converse(socket: WebSocket, queue: SendQueue, sender: "asyncio.Task[None]") -> None:
    """From the first message to the end; raises what the client is to be told, or that it has gone."""
    sessions: SessionRegistry = socket.app.state.sessions
    message = await _receive(socket, FIRST_S)
    if len(message) > MAX_FIRST:
        raise StreamError(f"The first message may have {MAX_FIRST // 1024} KiB, not {len(message)} bytes.")
    first = fields(message)
    token = first.get("token")
    if not socket.app.state.settings.admits(token if isinstance(token, str) else None):
        raise Problem(401, "token-needed", "A token is needed", 'The first message needs the "token" of this service.')
    socket.scope[ADMIT]()
    model = await sessions.model()
    wish = await asyncio.to_thread(parse_handshake, first, model.leads)  # a recording is tried
    if isinstance(wish, Watch):
        await _watch(socket, sessions, wish, queue, sender)
        return
    session = (
        sessions.open(wish, model, queue) if isinstance(wish, StreamConfig) else sessions.resume(wish.stream, queue)
    )
    ended = False
    try:
        queue.put(_ready(session, isinstance(wish, Resume)))
        await _listen(socket, sessions, session, queue)
        ended = True
    except WebSocketDisconnect as gone:
        ended = gone.code == _DONE
        raise
    finally:
        sessions.leave(session, queue, ended=ended)


def _ready(session: StreamSession, resumed: bool) -> str:
    config = session.config
    return dumps(
        {
            "type": "ready",
            **session.facts(),
            "resumed": resumed,
            "next_sequence": session.ring.next_sequence if session.ring.head else None,
            "leads": config.leads,
            "rate_hz": config.rate,
            "interval_s": config.interval_s,
            "warnings": [warning._asdict() for warning in config.warnings],
        }
    ).decode()


async def _listen(socket: WebSocket, sessions: SessionRegistry, session: StreamSession, queue: SendQueue) -> None:
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
                f"No new sample came for {idle_s:g} s, only such as were there or are too old; "
                "where the sequence numbers began anew, begin a new stream."
            )


async def _watch(
    socket: WebSocket, sessions: SessionRegistry, wish: Watch, queue: SendQueue, sender: "asyncio.Task[None]"
) -> None:
    """Send answers and samples until the stream ends or the watcher goes."""
    queue.samples = wish.tracing
    session = sessions.watch(wish.stream, queue)
    try:
        queue.put(_ready(session, False))
        gone = asyncio.create_task(_gone(socket))
        await asyncio.wait((gone, sender), return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
    finally:
        session.queues.remove(queue)


async def _gone(socket: WebSocket) -> None:
    """Read until the client goes; what it says does not matter."""
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
        raise StreamError(f"Nothing came for {seconds:g} s.") from None
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    found: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
    return found


async def _send(socket: WebSocket, queue: SendQueue) -> None:
    """Send what comes into the queue, until it is closed or the client has gone."""
    with contextlib.suppress(WebSocketDisconnect):
        while messages := await queue.take():
            for message in messages:
                await socket.send_text(message)


def _problem(error: Exception) -> Problem:
    """What a client is told of an error."""
    if isinstance(error, FullError):
        return Problem(429, "busy", "Too many streams", str(error))
    if isinstance(error, StreamError):
        return Problem(400, "stream-refused", "The stream cannot go on", str(error))
    return problem_of(error)
