"""The address that a service listens on."""

import socket

from einthoven.errors import EinthovenError
from einthoven.serve.settings import Settings

_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """A socket that listens there. Raises EinthovenError where it is taken, or is no address of this machine."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host or None, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise EinthovenError(
            f"{settings.host}:{settings.port}: cannot listen there ({error.strerror or error}); "
            "choose another --host or --port."
        ) from None
