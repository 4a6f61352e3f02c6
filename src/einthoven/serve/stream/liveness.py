"""Whether a stream is live: a watcher must never mistake old samples for new ones."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

State = Literal["live", "silent", "gone"]
"""Samples arrive; the monitor is connected but sent none for SILENT_S; the monitor's connection broke."""

SILENT_S = 2.0


class Liveness:
    """Watches the clock of one stream, independently of its samples.

    Parameters
    ----------
    report
        Called when the state changes, and every SILENT_S while the stream is not live. The repetition lets a watcher
        distinguish a silent monitor from a silent service.
    """

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report
        self._reported: State = "live"
        self._newest = time.monotonic()
        self._connected = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def silent_s(self) -> float:
        """Seconds since the last new sample, or since the stream began if there was none."""
        return time.monotonic() - self._newest

    @property
    def state(self) -> State:
        """The state at this moment."""
        if not self._connected:
            return "gone"
        return "live" if self.silent_s < SILENT_S else "silent"

    def connect(self) -> None:
        """Note that a monitor has connected, for the first time or again."""
        self._connected = True
        self._check()

    def disconnect(self) -> None:
        """Note that the monitor's connection broke."""
        self._connected = False
        self._check()

    def sample(self) -> None:
        """Note that a new sample has arrived."""
        self._newest = time.monotonic()
        if self._reported != "live":
            self._check()

    def stop(self) -> None:
        """Report nothing more: the stream has ended."""
        if self._timer:
            self._timer.cancel()

    def _check(self) -> None:
        """Report a state that is not live or has changed; check again when it could change or must be repeated."""
        self.stop()
        state = self.state
        if state != "live" or state != self._reported:
            self._reported = state
            self._report()
        wait = SILENT_S - self.silent_s if state == "live" else SILENT_S
        self._timer = asyncio.get_running_loop().call_later(wait, self._check)
