"""One stream: samples in, windows to the workers, answers out. Its clock is the count of samples."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import numpy as np

from einthoven.errors import EinthovenError
from einthoven.interpret.json_text import Fragment, dumps
from einthoven.recording import MIN_SECONDS
from einthoven.serve.pool import Busy
from einthoven.serve.stream.alert import Alert, AlertThresholds
from einthoven.serve.stream.frames import Raw
from einthoven.serve.stream.handshake import StreamConfig
from einthoven.serve.stream.liveness import Liveness
from einthoven.serve.stream.pace import Pace
from einthoven.serve.stream.ring import Ring
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.trace import Trace
from einthoven.serve.stream.window import Window, WindowResult

Ask = Callable[[Any], Awaitable[Any]]
"""Has a worker do a job; may raise Busy, or the job's EinthovenError."""

EndedBy = Literal["monitor", "service"]
"""The monitor ended the stream, or the service gave it up because the monitor did not come back."""

LIVE_S = 1.0
"""A monitor whose samples are at most this early is live: it never waits, an answer is skipped instead. A replay that
is faster than real time waits."""
BURST_S = 60.0
"""Signal that may come at once, after a broken connection; a client that is still faster has to wait."""
_AGAIN_S = 0.05
_GOLDEN = 0.6180339887


class StreamSession:
    """A stream with the last 10 s of its samples."""

    def __init__(
        self, stream: str, number: int, config: StreamConfig, thresholds: AlertThresholds | None, ask: Ask
    ) -> None:
        """`number` tells the streams apart, so that their answers do not fall due at the same moment."""
        self.stream, self.config = stream, config
        self.queues: list[SendQueue] = []
        self.ring = Ring(config.samples, len(config.channels), np.int16 if config.dtype == "int16" else np.float32)
        self.alert = Alert(thresholds, config.alert_windows) if thresholds else None
        self.heart_rate_bpm: float | None = None
        self._ask = ask
        self._pace = Pace(config.rate, config.speed)
        self._step = round(config.interval_s * config.rate)
        self._due = round(MIN_SECONDS * config.rate) + int(number * _GOLDEN % 1 * self._step)
        self._asking: asyncio.Task[None] | None = None
        self._answered = 0  # place up to which there is an answer, or one is on its way
        self._skipped = 0
        self._shown = 0
        self._trace = Trace(stream, config)
        self._begun = False
        self.liveness = Liveness(self._tell_state)

    @property
    def seconds(self) -> float:
        """Time since the first sample, by the monitor's clock."""
        return self.ring.head / self.config.rate

    def connected(self) -> None:
        """A connection begins, or begins again: what comes next is timed anew."""
        self._begun = False
        self.liveness.connect()

    async def take(self, sequence: int, samples: Raw) -> int:
        """Take a frame, cut where answers fall due, so that answers do not depend on frames; how many were new."""
        place, new = self.ring.place(sequence), 0
        if place > self.ring.head + self.ring.capacity:
            self._begun = False  # the count leapt: that says nothing of how fast samples come
        while len(samples):
            until = self._due - place
            part = samples[:until] if 0 < until < len(samples) else samples
            head = self.ring.head
            new += self.ring.put(place, part)
            if self.ring.head > head:  # a late sample fills a gap, but shows nothing of now
                self.liveness.sample()
            samples, place = samples[len(part) :], place + len(part)
            await self._follow()
        return new

    async def _follow(self) -> None:
        """What is to be done when samples have come."""
        now, head = time.monotonic(), self.ring.head
        if not self._begun:
            self._pace.begin(now, head)
            self._begun = True
        ahead = self._pace.ahead_s(now, head)
        if sentence := self._pace.drift(now, head):
            self.warn(sentence)
        self._show()
        if ahead > BURST_S:
            await asyncio.sleep((ahead - BURST_S) / self.config.speed)
        if head >= self._due:
            self._due += self._step * (1 + (head - self._due) // self._step)
            await self._answer(live=ahead <= LIVE_S and self.config.speed <= 1)

    def _show(self) -> None:
        """Send samples to those who want them."""
        self._shown = max(self._shown, self.ring.head - self.ring.capacity)
        whole = (self.ring.head - self._shown) // self._trace.step * self._trace.step
        if whole and (viewers := [queue for queue in self.queues if queue.samples]):
            message = self._trace.message(self._shown, self.ring.between(self._shown, self._shown + whole))
            for queue in viewers:
                queue.put(message)
        self._shown += whole

    async def _answer(self, *, live: bool) -> None:
        """Have the newest 10 s interpreted, unless an answer is still on its way to a live monitor."""
        if self._asking and not self._asking.done():
            if live:
                self._skipped += 1
                return
            await self._asking
        self._answered = head = self.ring.head
        samples = self.ring.between(max(0, head - self.ring.capacity), head)
        window = Window(self.stream, self.config, samples)
        self._asking = asyncio.create_task(self._interpret(window, self.ring.missing(len(samples)), self.seconds, live))

    async def _interpret(self, window: Window, missing: int, time_s: float, live: bool) -> None:
        result = await self._result(window, live)
        if result is None:
            self._skipped += 1
            return
        if self.alert:
            self.alert.update(time_s, result.mi)
        self.heart_rate_bpm = result.heart_rate_bpm
        seconds = len(window.samples) / self.config.rate
        message = dumps(
            {
                "type": "answer",
                "stream": self.stream,
                "time_s": round(time_s, 3),
                "window_s": round(seconds, 3),
                "missing_s": round(missing / self.config.rate, 3),
                "skipped": self._skipped,
                "heart_rate_bpm": result.heart_rate_bpm,
                "alert": self.alert and self.alert.to_dict(),
                "detail": result.detail,
                "quality": result.quality and Fragment(result.quality),
                "interpretation": result.interpretation and Fragment(result.interpretation),
            }
        ).decode()
        for queue in self.queues:
            queue.put_answer(message)

    async def _result(self, window: Window, live: bool) -> WindowResult | None:
        """What the workers make of it; None where they have too much to do."""
        while True:
            try:
                result: WindowResult = await self._ask(window)
                return result
            except Busy:
                if live:
                    return None
                await asyncio.sleep(_AGAIN_S)
            except EinthovenError as error:
                return WindowResult(detail=f"The last samples were not interpreted: {error}")

    def warn(self, sentence: str) -> None:
        """Tell all who listen."""
        for queue in self.queues:
            queue.put(dumps({"type": "warning", "stream": self.stream, "detail": sentence}).decode())

    def facts(self) -> dict[str, Any]:
        """What the stream is called, and whether its samples come."""
        return {
            "stream": self.stream,
            "name": self.config.name,
            "state": self.liveness.state,
            "silent_s": round(self.liveness.silent_s, 1),
        }

    def _tell_state(self) -> None:
        """Tell all who listen whether samples come."""
        message = dumps({"type": "state", **self.facts(), "time_s": round(self.seconds, 3)}).decode()
        for queue in self.queues:
            queue.put(message)

    def end(self, ended_by: EndedBy) -> None:
        """Tell all who listen that nothing more will come."""
        self.liveness.stop()
        facts = {"stream": self.stream, "time_s": round(self.seconds, 3), "ended_by": ended_by}
        for queue in self.queues:
            queue.close(dumps({"type": "ended", **facts}).decode())

    async def finish(self) -> None:
        """Wait for the answer that is on its way; then answer about what came after it."""
        if self._asking:
            await self._asking
        if self.ring.head > self._answered and self.ring.head >= MIN_SECONDS * self.config.rate:
            await self._answer(live=False)
        if self._asking:
            await self._asking
