"""One stream: takes samples, sends windows to the workers, and sends answers. Its clock is the count of samples."""

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
from einthoven.serve.stream.critical_alerts import CriticalAlerts, RhythmTrend
from einthoven.serve.stream.frames import Raw
from einthoven.serve.stream.handshake import StreamConfig
from einthoven.serve.stream.liveness import Liveness
from einthoven.serve.stream.pace import Pace
from einthoven.serve.stream.ring import Ring
from einthoven.serve.stream.send_queue import SendQueue
from einthoven.serve.stream.st_trend import StTrend
from einthoven.serve.stream.trace import Trace
from einthoven.serve.stream.window import Window, WindowResult

Ask = Callable[[Any], Awaitable[Any]]
"""Function that has a worker do a job; may raise Busy, or the job's EinthovenError."""

EndedBy = Literal["monitor", "service"]
"""The monitor ended the stream, or the service ended it because the monitor did not come back."""

LIVE_S = 1.0
"""A monitor whose samples are at most this early is live: it never waits, and an answer is skipped instead. A replay
faster than real time waits."""
BURST_S = 60.0
"""Signal that may arrive at once, after a broken connection; a faster client has to wait."""
_RETRY_S = 0.05  # before a job is submitted again if the service is busy
_GOLDEN_RATIO = 0.6180339887  # its multiples modulo 1 spread evenly, however many there are


class StreamSession:
    """A stream with the last 10 s of its samples.

    Parameters
    ----------
    stream
        ID of the stream.
    number
        Number of the stream, so that answers of different streams are not due at the same moment.
    config
        Stream configuration declared by the monitor.
    thresholds
        Thresholds of the alert; None for no alert.
    ask
        Function that has a worker do a job.
    """

    def __init__(
        self, stream: str, number: int, config: StreamConfig, thresholds: AlertThresholds | None, ask: Ask
    ) -> None:
        self.stream, self.config = stream, config
        self.queues: list[SendQueue] = []
        self.ring = Ring(config.samples, len(config.channels), np.int16 if config.dtype == "int16" else np.float32)
        self.alert = Alert(thresholds, config.alert_windows) if thresholds else None
        self.critical, self.rhythm, self.st_trend = CriticalAlerts(), RhythmTrend(), StTrend()
        self.heart_rate_bpm: float | None = None
        self._ask = ask
        self._pace = Pace(config.rate, config.speed)
        self._step = round(config.interval_s * config.rate)
        self._due = round(MIN_SECONDS * config.rate) + int(number * _GOLDEN_RATIO % 1 * self._step)
        self._answer_task: asyncio.Task[None] | None = None
        self._answered = 0  # place up to which an answer exists or is being computed
        self._skipped = 0  # answers
        self._sent = 0  # place up to which samples were sent
        self._trace = Trace(stream, config)
        self._pace_started = False
        self.liveness = Liveness(self._send_state)

    @property
    def seconds(self) -> float:
        """Time since the first sample, by the monitor's clock."""
        return self.ring.head / self.config.rate

    def connect(self) -> None:
        """Note that a connection begins, for the first time or again; time its samples from now on."""
        self._pace_started = False
        self.liveness.connect()

    async def take(self, sequence: int, samples: Raw) -> int:
        """Take a frame. It is cut where answers are due, so that answers do not depend on frames.

        Parameters
        ----------
        sequence
            Sequence number of the first sample.
        samples
            Samples of shape (samples, channels).

        Returns
        -------
        int
            Number of samples that were new.
        """
        place, new = self.ring.place(sequence), 0
        if place > self.ring.head + self.ring.capacity:
            self._pace_started = False  # the count jumped, so it does not show how fast samples arrive
        while len(samples):
            until = self._due - place
            part = samples[:until] if 0 < until < len(samples) else samples
            head = self.ring.head
            new += self.ring.put(place, part)
            if self.ring.head > head:  # a late sample fills a gap, but does not show that the monitor is live
                self.liveness.sample()
            samples, place = samples[len(part) :], place + len(part)
            await self._follow()
        return new

    async def _follow(self) -> None:
        """Send the samples and the answers that are due after samples have arrived."""
        now, head = time.monotonic(), self.ring.head
        if not self._pace_started:
            self._pace.begin(now, head)
            self._pace_started = True
        ahead = self._pace.ahead_s(now, head)
        if sentence := self._pace.drift(now, head):
            self._send_warning(sentence)
        self._send_samples()
        if ahead > BURST_S:
            await asyncio.sleep((ahead - BURST_S) / self.config.speed)
        if head >= self._due:
            self._due += self._step * (1 + (head - self._due) // self._step)
            await self._answer(live=ahead <= LIVE_S and self.config.speed <= 1)

    def _send_samples(self) -> None:
        """Send samples to the clients that requested them."""
        self._sent = max(self._sent, self.ring.head - self.ring.capacity)
        whole = (self.ring.head - self._sent) // self._trace.step * self._trace.step
        if whole and (queues := [queue for queue in self.queues if queue.samples]):
            message = self._trace.message(self._sent, self.ring.between(self._sent, self._sent + whole))
            for queue in queues:
                queue.put(message)
        self._sent += whole

    async def _answer(self, *, live: bool) -> None:
        """Have the newest 10 s interpreted, unless the last answer for a live monitor is still being computed."""
        if self._answer_task and not self._answer_task.done():
            if live:
                self._skipped += 1
                return
            await self._answer_task
        self._answered = head = self.ring.head
        samples = self.ring.between(max(0, head - self.ring.capacity), head)
        window, missing = Window(self.stream, self.config, samples), self.ring.missing(len(samples))
        self._answer_task = asyncio.create_task(self._interpret(window, missing, self.seconds, live))

    async def _interpret(self, window: Window, missing: int, time_s: float, live: bool) -> None:
        result = await self._result(window, live)
        if result is None:
            self._skipped += 1
            return
        if self.alert:
            self.alert.update(time_s, result.mi)
        self.critical.update(time_s, result.critical)
        self.rhythm.update(time_s, result.rhythm)
        self.st_trend.update(time_s, result.st_mv)
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
                "critical_alerts": self.critical.to_list(),
                "rhythm": self.rhythm.to_dict(),
                "st_trend": self.st_trend.to_dict(),
                "detail": result.detail,
                "quality": result.quality and Fragment(result.quality),
                "interpretation": result.interpretation and Fragment(result.interpretation),
            }
        ).decode()
        for queue in self.queues:
            queue.put_answer(message)

    async def _result(self, window: Window, live: bool) -> WindowResult | None:
        """Return the workers' result; None if they are busy and the monitor is live."""
        while True:
            try:
                result: WindowResult = await self._ask(window)
                return result
            except Busy:
                if live:
                    return None
                await asyncio.sleep(_RETRY_S)
            except EinthovenError as error:
                return WindowResult(detail=f"The last samples were not interpreted: {error}")

    def _send_warning(self, sentence: str) -> None:
        for queue in self.queues:
            queue.put(dumps({"type": "warning", "stream": self.stream, "detail": sentence}).decode())

    def state_fields(self) -> dict[str, Any]:
        """Return ID, name and state of the stream for JSON.

        Returns
        -------
        dict[str, Any]
            Fields of several messages.
        """
        return {
            "stream": self.stream,
            "name": self.config.name,
            "state": self.liveness.state,
            "silent_s": round(self.liveness.silent_s, 1),
        }

    def _send_state(self) -> None:
        """Send all clients whether samples arrive."""
        message = dumps({"type": "state", **self.state_fields(), "time_s": round(self.seconds, 3)}).decode()
        for queue in self.queues:
            queue.put(message)

    def end(self, ended_by: EndedBy) -> None:
        """End the stream, and send all clients that it has ended.

        Parameters
        ----------
        ended_by
            Party that ended the stream.
        """
        self.liveness.stop()
        fields = {"stream": self.stream, "time_s": round(self.seconds, 3), "ended_by": ended_by}
        for queue in self.queues:
            queue.close(dumps({"type": "ended", **fields}).decode())

    async def finish(self) -> None:
        """Wait for the answer that is being computed, and for one about the samples after it."""
        if self._answer_task:
            await self._answer_task
        if self.ring.head > self._answered and self.ring.head >= MIN_SECONDS * self.config.rate:
            await self._answer(live=False)
        if self._answer_task:
            await self._answer_task
