"""Messages that wait to be sent to one client; bounded, however slowly the client reads."""

import asyncio
from collections import deque

_MAX_WAITING = 32


class SendQueue:
    """Holds the newest answer and the newest few other messages; older ones are dropped.

    Parameters
    ----------
    samples
        Whether the client gets samples too.
    """

    def __init__(self, *, samples: bool = False) -> None:
        self.samples = samples
        self.closed = False
        self._last: str | None = None
        self._others: deque[str] = deque(maxlen=_MAX_WAITING)
        self._answer: str | None = None
        self._filled = asyncio.Event()

    def put(self, message: str) -> None:
        """Add a message that is not an answer, such as a warning or samples.

        Parameters
        ----------
        message
            JSON.
        """
        self._others.append(message)
        self._filled.set()

    def put_answer(self, message: str) -> None:
        """Add an answer; it replaces one that still waits.

        Parameters
        ----------
        message
            JSON.
        """
        self._answer = message
        self._filled.set()

    def close(self, last: str | None = None) -> None:
        """Accept no more messages.

        Parameters
        ----------
        last
            JSON of a last message.
        """
        self.closed = True
        self._last = last or self._last
        self._filled.set()

    async def take(self) -> list[str]:
        """Wait for messages, and return all that wait.

        Returns
        -------
        list[str]
            JSON; empty if the queue is closed and no message is left.
        """
        await self._filled.wait()
        messages = [*self._others, *filter(None, (self._answer, self._last))]
        self._others.clear()
        self._answer = self._last = None
        if not self.closed:
            self._filled.clear()
        return messages
