"""Plays a recording to a service as a monitor would: the client's side of a live stream."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.json_text import dumps
from einthoven.report.summary import format_percent
from einthoven.serve.stream.frames import END, Samples, encode
from einthoven.serve.stream.liveness import SILENT_S
from einthoven.serve.stream.playback import Playback

Frame = tuple[int, bytes]
"""Sequence number and message."""

FRAME_S = 0.1
_KEPT = 600  # frames that are sent again after a broken connection, where they did not arrive
_TRIES = 5


@dataclass
class Replay:
    """A recording on its way to a service; call it."""

    playback: Playback
    leads: tuple[str, ...]
    rate: float
    url: str
    token: str | None = None
    speed: float = 1.0
    seconds: float = float("inf")
    """When to stop, by the recording's clock."""
    name: str | None = None
    """What the stream is called for those who watch it, such as a bed."""

    def __call__(self, say: Callable[[str], None]) -> None:
        """Play it to its end, giving `say` a line for each answer.

        Raises EinthovenError where the service cannot be reached or refuses the stream.
        """
        asyncio.run(self._play(say))

    async def _play(self, say: Callable[[str], None]) -> None:
        first: dict[str, Any] = {
            "leads": self.leads,
            "rate_hz": self.rate,
            "dtype": "float32",
            "uv_per_unit": 1000,
            "speed": self.speed,
            "name": self.name,
        }
        frames, sent, failed = self._frames(), deque[Frame](maxlen=_KEPT), 0
        while True:
            try:
                async with connect(self.url, compression=None) as socket:
                    await socket.send(dumps({**first, "token": self.token}).decode())
                    ready = _checked(await socket.recv())
                    first, failed = {"resume": ready["stream"]}, 0
                    missed = [frame for frame in sent if frame[0] >= (ready["next_sequence"] or 0)]
                    sending = asyncio.create_task(self._send(socket, missed, frames, sent))
                    try:
                        await _print(socket, say)
                    finally:
                        sending.cancel()
                return
            except (InvalidHandshake, InvalidURI) as error:
                raise EinthovenError(f"{self.url}: is no stream of Einthoven ({error}).") from None
            except (ConnectionClosed, OSError) as error:
                failed += 1
                if "resume" not in first or failed > _TRIES:
                    raise EinthovenError(f"{self.url}: the connection failed ({error}).") from None
                say("The connection broke; trying again.")
                await asyncio.sleep(failed)

    def _frames(self) -> Iterator[Frame]:
        place, count = 0, max(1, round(FRAME_S * self.rate))
        samples: Samples
        while place < self.seconds * self.rate and len(samples := self.playback.take(count)):
            yield place, encode(place, samples)
            place += len(samples)

    async def _send(
        self, socket: ClientConnection, missed: Iterable[Frame], frames: Iterator[Frame], sent: deque[Frame]
    ) -> None:
        """Send what was missed at once, and the rest as it falls due."""
        with contextlib.suppress(ConnectionClosed):  # of which whoever reads hears too
            for _, frame in missed:
                await socket.send(frame)
            began, first = time.monotonic(), None
            for place, frame in frames:
                sent.append((place, frame))
                first = place if first is None else first
                due = began + (place - first) / self.rate / self.speed
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await socket.send(frame)
            await socket.send(dumps(END).decode())


async def _print(socket: ClientConnection, say: Callable[[str], None]) -> None:
    """Say what comes, until the service closes the stream."""
    async for text in socket:
        message = _checked(text)
        if message["type"] == "warning":
            say(f"         {message['detail']}")
        elif message["type"] == "state" and message["state"] == "silent" and message["silent_s"] < 2 * SILENT_S:
            say(f"         No sample has reached the service for {message['silent_s']:.0f} s.")
        elif message["type"] == "answer":
            say(line(message))


def _checked(text: str | bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(text)
    if message["type"] == "error":
        raise EinthovenError(message["problem"]["detail"])
    return message


def line(message: dict[str, Any]) -> str:
    """An answer on one line: time, infarct pattern, heart rate, alert."""
    interpretation = message["interpretation"] and Interpretation.from_dict(message["interpretation"])
    rate, alert = interpretation and interpretation.heart_rate_bpm, message["alert"]
    if interpretation is None:
        found = message["detail"]
    elif interpretation.abstained:
        found = f"not interpreted: {'; '.join(interpretation.abstained_because)}"
    elif mi := interpretation.mi:
        found = f"{mi.in_words} ({format_percent(mi.probability)})"
    else:
        found = "interpreted"
    parts = [f"{message['time_s']:7.1f} s", f"heart rate {rate:3.0f} bpm" if rate else "heart rate   ? bpm", found]
    if alert and alert["active"]:
        parts.append(f"ALERT: infarct pattern since {alert['since_s']:g} s")
    elif alert and alert["windows"]:
        parts.append(f"{alert['windows']} of {alert['of']} windows towards an alert")
    return " | ".join(parts)
