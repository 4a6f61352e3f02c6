"""Run the service: one process that listens until it is stopped."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn

from einthoven.serve.app import create_app
from einthoven.serve.connections import Connections
from einthoven.serve.http_limits import limit_http
from einthoven.serve.jobs import error_location
from einthoven.serve.pool import Pool
from einthoven.serve.settings import Settings
from einthoven.serve.websocket import limit_websocket

_MMAP_THRESHOLD = -3  # glibc's name of the option, malloc.h


def run(settings: Settings, listener: socket.socket, pool: Pool) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in progress.

    Parameters
    ----------
    settings
        The service's settings.
    listener
        The listening socket.
    pool
        The workers, not yet started.

    Raises
    ------
    EinthovenError
        If the workers cannot start.
    """
    _log_to_stderr()
    _return_memory()
    connections = Connections(settings)
    config = uvicorn.Config(
        create_app(settings, pool),
        loop="uvloop",
        http=limit_http(settings, connections),
        ws=limit_websocket(connections),
        ws_max_size=settings.max_message,
        ws_per_message_deflate=False,  # noise compresses little, and a bomb could grow much
        timeout_keep_alive=20,
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(_Server(config), pool, listener))


async def _serve(server: "_Server", pool: Pool, listener: socket.socket) -> None:
    await pool.start()
    gc.collect()
    gc.freeze()  # what is loaded stays; each scan of it would block the event loop for 50 ms
    await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Prints its address, and ends cleanly on a signal."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port, *_ = listener.getsockname()
            print(f"Einthoven listens on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _return_memory() -> None:
    """Have glibc return each large block when it is freed, instead of keeping it for the thread."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 2**20)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("einthoven.serve").setLevel(logging.INFO)


class _Formatter(logging.Formatter):
    """Logs class and place of an error instead of its traceback, which may quote a file or a client."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return one line."""
        return error_location(ei[1])
