"""The streams in progress, and those that a monitor may still resume."""

import asyncio
import itertools
import secrets
from typing import Any

from einthoven.serve.stream.fields import StreamError
from einthoven.serve.stream.handshake import StreamConfig
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.session import Ask, EndedBy, StreamSession
from einthoven.serve.stream.window import DescribeStreamModel, StreamModel

MAX_WATCHERS = 8
"""Watchers of one stream."""


class FullError(StreamError):
    """There are as many streams or watchers as the service allows."""


class SessionRegistry:
    """All streams by their ID, which nobody can guess.

    Parameters
    ----------
    ask
        Function that has a worker do a job.
    max_streams
        Maximum number of streams.
    keep_s
        Time in s for which a stream is kept after its monitor's connection broke.
    """

    def __init__(self, ask: Ask, max_streams: int, keep_s: float) -> None:
        self._model: StreamModel | None = None
        self._ask, self._max_streams, self._keep_s = ask, max_streams, keep_s
        self._sessions: dict[str, StreamSession] = {}
        self._owners: dict[str, SendQueue] = {}  # of streams whose monitor is connected
        self._expiries: dict[str, asyncio.TimerHandle] = {}  # of streams whose monitor has gone
        self._numbers = itertools.count()

    async def model(self) -> StreamModel:
        """Return the facts about the model that streams need.

        Returns
        -------
        StreamModel
            The workers' model.
        """
        if self._model is None:
            self._model = await self._ask(DescribeStreamModel())
        return self._model

    def open(self, config: StreamConfig, model: StreamModel, queue: SendQueue) -> StreamSession:
        """Open a stream. A stream whose monitor has gone makes room for it if necessary.

        Parameters
        ----------
        config
            Stream configuration declared by the monitor.
        model
            The workers' model.
        queue
            Queue of the monitor's messages.

        Returns
        -------
        StreamSession
            The new stream.

        Raises
        ------
        FullError
            If there are too many streams.
        """
        if len(self._sessions) >= self._max_streams and self._expiries:
            self._expire(next(iter(self._expiries)))
        if len(self._sessions) >= self._max_streams:
            raise FullError(f"There are {self._max_streams} streams already. Try again later.")
        stream = secrets.token_urlsafe(12)
        session = StreamSession(stream, next(self._numbers), config, model.thresholds, self._ask)
        self._sessions[stream] = session
        self._attach(session, queue)
        return session

    def resume(self, stream: str, queue: SendQueue) -> StreamSession:
        """Resume the stream of a monitor; a connection that had the stream loses it.

        Parameters
        ----------
        stream
            ID of the stream.
        queue
            Queue of the monitor's messages.

        Returns
        -------
        StreamSession
            The stream.

        Raises
        ------
        StreamError
            If there is no such stream.
        """
        session = self.find(stream)
        if timer := self._expiries.pop(stream, None):
            timer.cancel()
        if previous := self._owners.get(stream):
            session.queues.remove(previous)
        self._attach(session, queue)
        return session

    def _attach(self, session: StreamSession, queue: SendQueue) -> None:
        queue.samples = session.config.tracing
        self._owners[session.stream] = queue
        session.connect()  # before the queue is attached: the first message of a client must be "ready"
        session.queues.append(queue)

    def holds(self, session: StreamSession, queue: SendQueue) -> bool:
        """Return whether a stream still belongs to the monitor with this queue.

        Parameters
        ----------
        session
            The stream.
        queue
            The monitor's queue.

        Returns
        -------
        bool
            False if another connection has resumed the stream.
        """
        return self._owners.get(session.stream) is queue

    def leave(self, session: StreamSession, queue: SendQueue, *, ended: bool) -> None:
        """Note that a monitor has gone.

        Parameters
        ----------
        session
            The stream.
        queue
            The monitor's queue.
        ended
            Whether the monitor ended the stream; otherwise it may come back.
        """
        if not self.holds(session, queue):
            return
        del self._owners[session.stream]
        if ended:
            self._end(session.stream, "monitor")
            return
        session.queues.remove(queue)
        session.liveness.disconnect()
        loop = asyncio.get_running_loop()
        self._expiries[session.stream] = loop.call_later(self._keep_s, self._expire, session.stream)

    def _expire(self, stream: str) -> None:
        """End a stream whose monitor has not come back."""
        self._expiries.pop(stream).cancel()
        self._end(stream, "service")

    def _end(self, stream: str, ended_by: EndedBy) -> None:
        self._sessions.pop(stream).end(ended_by)

    def find(self, stream: str) -> StreamSession:
        """Return a stream.

        Parameters
        ----------
        stream
            ID of the stream.

        Returns
        -------
        StreamSession
            The stream.

        Raises
        ------
        StreamError
            If there is no such stream.
        """
        if stream not in self._sessions:
            raise StreamError("There is no such stream, or no longer. Start a new one.")
        return self._sessions[stream]

    def watch(self, stream: str, queue: SendQueue) -> StreamSession:
        """Send the messages of a stream to a watcher too.

        Parameters
        ----------
        stream
            ID of the stream.
        queue
            Queue of the watcher's messages.

        Returns
        -------
        StreamSession
            The stream.

        Raises
        ------
        StreamError
            If there is no such stream; FullError if it has too many watchers.
        """
        session = self.find(stream)
        if len(session.queues) > MAX_WATCHERS:
            raise FullError(f"This stream has {MAX_WATCHERS} watchers already. Try again later.")
        session.queues.append(queue)
        return session

    def listing(self) -> list[dict[str, Any]]:
        """Return all streams for JSON.

        Returns
        -------
        list[dict[str, Any]]
            Facts that a watcher needs to choose a stream.
        """
        return [
            {
                **session.state_fields(),
                "connected": stream in self._owners,
                "seconds": round(session.seconds, 1),
                "rate_hz": session.config.rate,
                "leads": session.config.leads,
                "heart_rate_bpm": session.heart_rate_bpm,
                "alert": session.alert and session.alert.to_dict(),
                "critical_alerts": session.critical.to_list(),
                "rhythm": session.rhythm.to_dict(),
                "st_alert": session.st_trend.to_dict()["alert"],
            }
            for stream, session in self._sessions.items()
        ]
