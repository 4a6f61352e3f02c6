"""The streams that are under way, and those that a monitor may yet come back to."""

import asyncio
import itertools
import secrets
from typing import Any

from einthoven.serve.stream.errors import StreamError
from einthoven.serve.stream.live import Ask, EndedBy, Live
from einthoven.serve.stream.opening import Montage
from einthoven.serve.stream.outbox import Outbox
from einthoven.serve.stream.window import Describe, Model

WATCHERS = 8
"""Of one stream."""


class FullError(StreamError):
    """There are as many streams or watchers as the service takes."""


class Streams:
    """All streams by their ID, which is secret enough to be guessed by nobody."""

    def __init__(self, ask: Ask, most: int, keep_s: float) -> None:
        """At most so many streams, a broken one kept for `keep_s`; `ask` has a worker do a job."""
        self._model: Model | None = None
        self._ask, self._most, self._keep_s = ask, most, keep_s
        self._streams: dict[str, Live] = {}
        self._owners: dict[str, Outbox] = {}  # of those whose monitor is connected
        self._forgetting: dict[str, asyncio.TimerHandle] = {}
        self._numbers = itertools.count()

    async def model(self) -> Model:
        """What the workers' model needs."""
        if self._model is None:
            self._model = await self._ask(Describe())
        return self._model

    def open(self, montage: Montage, model: Model, outbox: Outbox) -> Live:
        """A new stream, answered into `outbox`; one whose monitor has gone makes room for it. Raises FullError."""
        if len(self._streams) >= self._most and self._forgetting:
            self._forget(next(iter(self._forgetting)))
        if len(self._streams) >= self._most:
            raise FullError(f"There are {self._most} streams already; try again later.")
        stream = secrets.token_urlsafe(12)
        live = Live(stream, next(self._numbers), montage, model.limits, self._ask)
        self._streams[stream] = live
        self._attach(live, outbox)
        return live

    def resume(self, stream: str, outbox: Outbox) -> Live:
        """The stream of a monitor that comes back; who held it before holds it no more."""
        live = self.find(stream)
        if timer := self._forgetting.pop(stream, None):
            timer.cancel()
        if before := self._owners.get(stream):
            live.outboxes.remove(before)
        self._attach(live, outbox)
        return live

    def _attach(self, live: Live, outbox: Outbox) -> None:
        outbox.samples = live.montage.tracing
        self._owners[live.stream] = outbox
        live.connected()  # first: what a client gets first is "ready"
        live.outboxes.append(outbox)

    def holds(self, live: Live, outbox: Outbox) -> bool:
        """Whether the stream is still that of the monitor with this outbox."""
        return self._owners.get(live.stream) is outbox

    def leave(self, live: Live, outbox: Outbox, *, ended: bool) -> None:
        """The monitor with this outbox has gone: for good where it `ended` the stream, else it may come back."""
        if not self.holds(live, outbox):
            return
        del self._owners[live.stream]
        if ended:
            self._end(live.stream, "monitor")
            return
        live.outboxes.remove(outbox)
        live.liveness.disconnect()
        loop = asyncio.get_running_loop()
        self._forgetting[live.stream] = loop.call_later(self._keep_s, self._forget, live.stream)

    def _forget(self, stream: str) -> None:
        """Give up a stream whose monitor has not come back."""
        self._forgetting.pop(stream).cancel()
        self._end(stream, "service")

    def _end(self, stream: str, ended_by: EndedBy) -> None:
        self._streams.pop(stream).end(ended_by)

    def find(self, stream: str) -> Live:
        """The stream of an ID. Raises StreamError where there is none."""
        if stream not in self._streams:
            raise StreamError("There is no such stream, or no longer; begin a new one.")
        return self._streams[stream]

    def watch(self, stream: str, outbox: Outbox) -> Live:
        """A stream, whose answers and samples now go into `outbox` too. Raises FullError."""
        live = self.find(stream)
        if len(live.outboxes) > WATCHERS:
            raise FullError(f"{WATCHERS} watch this stream already; try again later.")
        live.outboxes.append(outbox)
        return live

    def listing(self) -> list[dict[str, Any]]:
        """Each stream as those who may watch it see it."""
        return [
            {
                **live.facts(),
                "connected": stream in self._owners,
                "seconds": round(live.seconds, 1),
                "rate_hz": live.montage.rate,
                "leads": live.montage.leads,
                "heart_rate_bpm": live.heart_rate_bpm,
                "alert": live.alert and live.alert.to_dict(),
            }
            for stream, live in self._streams.items()
        ]
