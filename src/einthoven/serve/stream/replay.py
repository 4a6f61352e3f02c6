"""Play a recording to a service as a monitor would: the client side of a live stream."""

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
_MAX_RESENT = 600  # newest frames, which are sent again if they did not arrive before a connection broke
_MAX_TRIES = 5  # consecutive tries to connect


@dataclass
class Replay:
    """Plays a recording to a service when called."""

    playback: Playback
    leads: tuple[str, ...]
    """Leads of the playback."""
    rate: float
    """Sampling rate in Hz."""
    url: str
    """Address of the service's WebSocket."""
    token: str | None = None
    """The service's token."""
    speed: float = 1.0
    """Speed relative to real time."""
    seconds: float = float("inf")
    """Time on the recording's clock at which to stop, in s."""
    name: str | None = None
    """Name of the stream for watchers, such as a bed."""

    def __call__(self, say: Callable[[str], None]) -> None:
        """Play the recording to its end.

        Parameters
        ----------
        say
            Called with a line of text for each answer and warning.

        Raises
        ------
        EinthovenError
            If the service cannot be reached or refuses the stream.
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
        frames, sent, failed = self._frames(), deque[Frame](maxlen=_MAX_RESENT), 0
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
                raise EinthovenError(f"is not a stream of Einthoven ({error}).", self.url) from None
            except (ConnectionClosed, OSError) as error:
                failed += 1
                if "resume" not in first or failed > _MAX_TRIES:
                    raise EinthovenError(f"the connection failed ({error}).", self.url) from None
                say("The connection broke. Trying again.")
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
        """Send missed frames at once, and the others when they are due."""
        with contextlib.suppress(ConnectionClosed):  # `_print` raises it too
            for _, frame in missed:
                await socket.send(frame)
            start, first = time.monotonic(), None
            for place, frame in frames:
                sent.append((place, frame))
                first = place if first is None else first
                due = start + (place - first) / self.rate / self.speed
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await socket.send(frame)
            await socket.send(dumps(END).decode())


async def _print(socket: ClientConnection, say: Callable[[str], None]) -> None:
    """Print messages until the service closes the stream."""
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
    """Format an answer as one line: time, heart rate, rhythm, infarct pattern, alerts.

    Parameters
    ----------
    message
        An answer of the service.

    Returns
    -------
    str
        The line.
    """
    interpretation = message["interpretation"] and Interpretation.from_dict(message["interpretation"])
    rate, alert = interpretation and interpretation.heart_rate_bpm, message["alert"]
    if interpretation is None:
        result = message["detail"]
    elif interpretation.abstained:
        result = f"not interpreted: {'; '.join(interpretation.abstained_because)}"
    elif mi := interpretation.mi:
        result = f"{mi.in_words} ({format_percent(mi.probability)})"
    else:
        result = "interpreted"
    rhythm = message["rhythm"]["name"] if message["rhythm"] else "rhythm not confirmed"
    columns = [f"{message['time_s']:7.1f} s", f"heart rate {rate:3.0f} bpm" if rate else "heart rate   ? bpm"]
    columns += [rhythm, result]
    columns += [f"CRITICAL: {value['name']} since {value['since_s']:g} s" for value in message["critical_alerts"]]
    if st_alert := message["st_trend"]["alert"]:
        columns.append(f"ST changed in {', '.join(st_alert['leads'])} since {st_alert['since_s']:g} s")
    if alert and alert["active"]:
        columns.append(f"ALERT: infarct pattern since {alert['since_s']:g} s")
    elif alert and alert["windows"]:
        columns.append(f"{alert['windows']} of {alert['of']} windows towards an alert")
    return " | ".join(columns)
