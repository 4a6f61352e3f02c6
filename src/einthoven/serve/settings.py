"""Settings of a service, its address and its token."""

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from einthoven.errors import EinthovenError
from einthoven.workers import cpu_count

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MIN_TOKEN = 16
MIB = 2**20
_BACKLOG = 2048  # connections that wait until they are accepted


@dataclass(frozen=True)
class Settings:
    """Address, model and limits of a service."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 for any free port."""
    model: str = "default"
    model_key: Path | None = None
    """Public key of the required signer of the model's bundle; None accepts any bundle."""
    prevalence: Mapping[str, float] = field(default_factory=dict)
    workers: int = field(default_factory=cpu_count)
    token: str | None = field(default=None, repr=False)
    """The token that a client must send; None only on loopback."""
    allowed_hosts: tuple[str, ...] = ()
    """Further host names by which clients may call the service."""
    queue: int = 128
    """Jobs that may wait for a worker."""
    max_body: int = 32 * MIB
    """Bytes of one request."""
    max_bodies: int = 256 * MIB
    """Bytes of all requests together."""
    max_recordings: int = 256
    """Recordings of one batch."""
    max_connections: int = 512
    max_client_connections: int = 128
    """Connections from one address, except from this machine and `trusted_proxies`."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses, or networks such as 10.0.0.0/8, that serve many clients."""
    max_streams: int = 128
    """Live streams at once."""
    max_message: int = MIB // 4
    """Bytes of one WebSocket message."""
    stream_idle_seconds: float = 30.0
    """Time without a new sample after which a connection is closed."""
    stream_keep_seconds: float = 60.0
    """Time within which a monitor may resume after its connection broke."""
    receive_seconds: float = 30.0
    """Time within which a complete request must arrive."""
    stop_seconds: int = 30
    """Time for requests in progress to end when the service is stopped."""

    def check(self) -> None:
        """Check the settings.

        Raises
        ------
        EinthovenError
            If the service would be open to a network without a token, or a proxy is not an address.
        """
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise EinthovenError(
                    f"--trusted-proxy {proxy}: is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/8."
                ) from None
        if self.token is None and not is_loopback(self.host):
            raise EinthovenError(
                f"{self.host} can be reached from other machines, so the service needs a token. "
                "Add --token-file FILE, or listen on 127.0.0.1."
            )

    @property
    def hosts(self) -> frozenset[str]:
        """Host names by which clients may call the service, without port, in lower case."""
        own_address = () if self.host in ("", "0.0.0.0", "::") else (self.host,)
        machine_name = () if is_loopback(self.host) else (socket.gethostname(),)
        return frozenset(name.lower() for name in (*LOOPBACK, *own_address, *machine_name, *self.allowed_hosts))

    def admits(self, token: str | None) -> bool:
        """Return whether a client with this token is admitted; every wrong token takes the same time.

        Parameters
        ----------
        token
            Token that the client sent.

        Returns
        -------
        bool
            True also if the service needs no token.
        """
        return self.token is None or (token is not None and hmac.compare_digest(self.token.encode(), token.encode()))


def listen(settings: Settings) -> socket.socket:
    """Open the socket on which a service listens.

    Parameters
    ----------
    settings
        The service's host and port.

    Returns
    -------
    socket.socket
        A listening socket.

    Raises
    ------
    EinthovenError
        If the address is in use or does not belong to this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(settings.host or None, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise EinthovenError(
            f"{settings.host}:{settings.port}: cannot listen there ({error.strerror or error}). "
            "Choose another --host or --port."
        ) from None


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host.

    Parameters
    ----------
    host
        An address or a name.

    Returns
    -------
    bool
        True for loopback addresses and localhost.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_token(path: Path) -> str:
    """Read the token from a file with one line.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        The token.

    Raises
    ------
    EinthovenError
        If the file cannot be read, or its token is too short or has other characters.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not plain text"
        raise EinthovenError(f"the token cannot be read ({reason}). Check the path.", path) from None
    if len(token) < MIN_TOKEN or not token.isprintable() or " " in token:
        raise EinthovenError(
            f"has no token of at least {MIN_TOKEN} letters and digits on one line. "
            "`openssl rand -hex 32` makes a good one.",
            path,
        )
    return token
