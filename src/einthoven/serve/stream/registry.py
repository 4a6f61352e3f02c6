"""The streams that are under way, and those that a monitor may yet come back to."""

import asyncio
import itertools
import secrets
from typing import Any

from einthoven.serve.stream.handshake import StreamConfig, StreamError
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.session import Ask, EndedBy, StreamSession
from einthoven.serve.stream.window import DescribeStreamModel, StreamModel

WATCHERS = 8
"""Of one stream."""


class FullError(StreamError):
    """There are as many streams or watchers as the service takes."""


class SessionRegistry:
    """All streams by their ID, which is secret enough to be guessed by nobody."""

    def __init__(self, ask: Ask, most: int, keep_s: float) -> None:
        """At most so many streams, a broken one kept for `keep_s`; `ask` has a worker do a job."""
        self._model: StreamModel | None = None
        self._ask, self._most, self._keep_s = ask, most, keep_s
        self._streams: dict[str, StreamSession] = {}
        self._owners: dict[str, SendQueue] = {}  # of those whose monitor is connected
        self._forgetting: dict[str, asyncio.TimerHandle] = {}
        self._numbers = itertools.count()

    async def model(self) -> StreamModel:
        """What the workers' model needs."""
        if self._model is None:
            self._model = await self._ask(DescribeStreamModel())
        return self._model

    def open(self, config: StreamConfig, model: StreamModel, queue: SendQueue) -> StreamSession:
        """A new stream, answered into `queue`; one whose monitor has gone makes room for it. Raises FullError."""
        if len(self._streams) >= self._most and self._forgetting:
            self._forget(next(iter(self._forgetting)))
        if len(self._streams) >= self._most:
            raise FullError(f"There are {self._most} streams already; try again later.")
        stream = secrets.token_urlsafe(12)
        session = StreamSession(stream, next(self._numbers), config, model.thresholds, self._ask)
        self._streams[stream] = session
        self._attach(session, queue)
        return session

    def resume(self, stream: str, queue: SendQueue) -> StreamSession:
        """The stream of a monitor that comes back; who held it before holds it no more."""
        session = self.find(stream)
        if timer := self._forgetting.pop(stream, None):
            timer.cancel()
        if before := self._owners.get(stream):
            session.queues.remove(before)
        self._attach(session, queue)
        return session

    def _attach(self, session: StreamSession, queue: SendQueue) -> None:
        queue.samples = session.config.tracing
        self._owners[session.stream] = queue
        session.connected()  # first: what a client gets first is "ready"
        session.queues.append(queue)

    def holds(self, session: StreamSession, queue: SendQueue) -> bool:
        """Whether the stream is still that of the monitor with this queue."""
        return self._owners.get(session.stream) is queue

    def leave(self, session: StreamSession, queue: SendQueue, *, ended: bool) -> None:
        """The monitor with this queue has gone: for good where it `ended` the stream, else it may come back."""
        if not self.holds(session, queue):
            return
        del self._owners[session.stream]
        if ended:
            self._end(session.stream, "monitor")
            return
        session.queues.remove(queue)
        session.liveness.disconnect()
        loop = asyncio.get_running_loop()
        self._forgetting[session.stream] = loop.call_later(self._keep_s, self._forget, session.stream)

    def _forget(self, stream: str) -> None:
        """Give up a stream whose monitor has not come back."""
        self._forgetting.pop(stream).cancel()
        self._end(stream, "service")

    def _end(self, stream: str, ended_by: EndedBy) -> None:
        self._streams.pop(stream).end(ended_by)

    def find(self, stream: str) -> StreamSession:
        """The stream of an ID. Raises StreamError where there is none."""
        if stream not in self._streams:
            raise StreamError("There is no such stream, or no longer; begin a new one.")
        return self._streams[stream]

    def watch(self, stream: str, queue: SendQueue) -> StreamSession:
        """A stream, whose answers and samples now go into `queue` too. Raises FullError."""
        session = self.find(stream)
        if len(session.queues) > WATCHERS:
            raise FullError(f"{WATCHERS} watch this stream already; try again later.")
        session.queues.append(queue)
        return session

    def listing(self) -> list[dict[str, Any]]:
        """Each stream as those who may watch it see it."""
        return [
            {
                **session.facts(),
                "connected": stream in self._owners,
                "seconds": round(session.seconds, 1),
                "rate_hz": session.config.rate,
                "leads": session.config.leads,
                "heart_rate_bpm": session.heart_rate_bpm,
                "alert": session.alert and session.alert.to_dict(),
            }
            for stream, session in self._streams.items()
        ]
