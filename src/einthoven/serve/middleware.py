"""Middleware before every request: host name, origin, token, headers of the response, and the log."""

import logging
import time
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from einthoven.serve.jobs import error_location
from einthoven.serve.metrics import Metrics
from einthoven.serve.problems import Problem, problem_of
from einthoven.serve.settings import Settings

PROBES = frozenset({"/health", "/ready"})
"""Paths without any check: a container manager calls them by address."""
OPEN = frozenset({"/", "/openapi.json"})
"""Paths that need no token, in addition to the viewer's files."""
_OPEN_FOLDER = "/viewer/"
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NO_STORE = (b"cache-control", b"no-store")
_CLIENT_GONE = 499  # as nginx logs a client that left
_log = logging.getLogger("einthoven.serve")


class AccessMiddleware:
    """Refuses pages of other origins, unknown host names and wrong tokens; gives each request an ID, and logs it.

    The log has the ID, the route (not the path), the status, the time and the body's SHA-256: no names, no addresses.

    Parameters
    ----------
    app
        The application.
    settings
        Host names and token.
    metrics
        Metrics that count the requests.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics, self._hosts = app, settings, metrics, settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it.

        Parameters
        ----------
        scope
            The request; it gets a `request_id`.
        receive
            Receives the request's messages.
        send
            Sends the response's messages.
        """
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        request_id = scope["request_id"] = str(uuid4())
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = [*message.get("headers", ()), *_HEADERS]
                headers.append((b"x-request-id", request_id.encode()))
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = status or _CLIENT_GONE
        except Exception as error:
            problem = problem_of(error)
            if not isinstance(error, Problem):
                _log.error("id=%s %s", request_id, error_location(error))
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": problem.title})
            elif not status:
                await problem.response(request_id)(scope, receive, send_with_headers)
        self._log_request(scope, status, time.perf_counter() - start)

    def _check(self, scope: Scope) -> None:
        """Raise a Problem if the request must not reach the application."""
        if scope["path"] in PROBES:
            return
        hosts, origins, tokens = [], [], []
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value.decode("latin-1").lower())
            elif name == b"origin":
                origins.append(value.decode("latin-1").lower())
            elif name == b"authorization":
                tokens.append(value.decode("latin-1"))
        if len(hosts) != 1 or _without_port(hosts[0]) not in self._hosts:
            raise Problem(
                421,
                "unknown-host",
                "Unknown host name",
                "The Host header is not a name of this service. Start it with --allowed-host NAME.",
            )
        if origins and [_authority(origin) for origin in origins] != hosts:
            raise Problem(403, "foreign-origin", "Foreign origin", "Pages of other origins may not call this service.")
        if scope["type"] == "websocket":  # the handshake holds the token
            return
        path = scope["path"]
        if path in OPEN or path.startswith(_OPEN_FOLDER):
            return
        kind, _, token = tokens[0].partition(" ") if len(tokens) == 1 else ("", "", "")
        if not self._settings.admits(token.strip() if kind.lower() == "bearer" else None):
            raise Problem(
                401,
                "token-needed",
                "Token required",
                "Send the header Authorization: Bearer TOKEN with the token of this service.",
                {"www-authenticate": "Bearer"},
            )

    def _log_request(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "-")
        method = scope.get("method", "WS")
        self._metrics.record(method, route, status, seconds)
        _log.info(
            "id=%s %s %s %d %.1f ms sha256=%s",
            scope["request_id"],
            method,
            route,
            status,
            1e3 * seconds,
            scope.get("sha256", "-"),
        )


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _authority(origin: str) -> str:
    return origin.partition("://")[2]
