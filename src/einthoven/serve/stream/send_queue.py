"""What waits to be sent to one client: bounded, however slowly it reads."""

import asyncio
from collections import deque

_WAITING = 32


class SendQueue:
    """The newest answer, and the newest few of everything else; what is older is dropped."""

    def __init__(self, *, samples: bool = False) -> None:
        """`samples`: whether the client wants samples too."""
        self.samples = samples
        self.closed = False
        self._last: str | None = None
        self._others: deque[str] = deque(maxlen=_WAITING)
        self._answer: str | None = None
        self._filled = asyncio.Event()

    def put(self, message: str) -> None:
        """A warning, or samples."""
        self._others.append(message)
        self._filled.set()

    def put_answer(self, message: str) -> None:
        """An answer, instead of the one that may still wait."""
        self._answer = message
        self._filled.set()

    def close(self, last: str | None = None) -> None:
        """Nothing more will come, after a `last` message."""
        self.closed = True
        self._last = last or self._last
        self._filled.set()

    async def take(self) -> list[str]:
        """All that waits; waits for something. Empty where nothing more will come."""
        await self._filled.wait()
        messages = [*self._others, *filter(None, (self._answer, self._last))]
        self._others.clear()
        self._answer = self._last = None
        if not self.closed:
            self._filled.clear()
        return messages
