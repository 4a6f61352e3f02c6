"""Monitors as clients of a service in its own process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from einthoven.recording import LEADS
from einthoven.serve.stream.handshake import StreamConfig, parse_handshake

TOKEN = "a-token-for-the-tests"
IDLE_S = 5.0
MAX_STREAMS = 6
Messages = list[dict[str, Any]]
FIRST = {"leads": list(LEADS), "rate_hz": 500, "dtype": "float32", "uv_per_unit": 1000, "speed": 20}


def config(**fields: Any) -> StreamConfig:
    handshake = parse_handshake(FIRST | fields, LEADS)
    assert isinstance(handshake, StreamConfig)
    return handshake


def answers(messages: Messages) -> Messages:
    return [message for message in messages if message["type"] == "answer"]


@dataclass
class Service:
    """Address of a service."""

    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/stream"

    @contextmanager
    def dial(self, first: dict[str, Any] | str = FIRST, **fields: Any) -> Iterator[ClientConnection]:
        """Open a connection and send the first message."""
        with connect(self.url, compression=None) as socket:
            socket.send(first if isinstance(first, str) else json.dumps({"token": TOKEN, **first, **fields}))
            yield socket


def receive(socket: ClientConnection, kind: str | None = None) -> Messages:
    """Receive messages up to the first of a kind, or to the end."""
    messages = []
    with suppress(ConnectionClosed):
        while not messages or messages[-1]["type"] != kind:
            messages.append(json.loads(socket.recv()))
        return messages
    assert kind is None, messages
    return messages
