"""All connections of the service: the number per client, and the choice of one to close for a new one."""

import ipaddress
from asyncio import Transport
from collections import Counter

from einthoven.serve.settings import Settings

_SUBNET_BITS = 64  # of an IPv6 address: one client has all addresses of its network


class Connections:
    """Counts connections, and closes the longest idle one to make room for a new one.

    A connection is idle if no request is in progress: it has sent nothing yet, or too little, or is kept alive.

    Parameters
    ----------
    settings
        The limits and the trusted proxies.
    """

    def __init__(self, settings: Settings) -> None:
        self._max, self._max_of_client = settings.max_connections, settings.max_client_connections
        self._trusted = tuple(map(ipaddress.ip_network, settings.trusted_proxies))
        self._clients = dict[Transport, str]()  # "" if the client is not limited
        self._counts = Counter[str]()
        self._idle = dict[Transport, None]()  # the longest idle first

    def add(self, transport: Transport, address: str) -> tuple[int, str] | None:
        """Add a connection, which is idle, or refuse it.

        Parameters
        ----------
        transport
            The connection.
        address
            The client's IP address.

        Returns
        -------
        tuple[int, str] | None
            Status and detail of a refusal; None if the connection was added.
        """
        client = self._client(address)
        if client and self._counts[client] >= self._max_of_client and not self._close_idle(client):
            return 429, f"A client may have {self._max_of_client} connections. Close some, or try again in a second."
        if len(self._clients) >= self._max and not self._close_idle():
            return 503, "The service has as many connections as it allows. Try again in a second."
        self._clients[transport] = client
        self._counts[client] += 1
        self.mark_idle(transport)
        return None

    def mark_idle(self, transport: Transport) -> None:
        """Note that no request is in progress on a connection.

        Parameters
        ----------
        transport
            The connection.
        """
        if transport in self._clients:
            self._idle[transport] = None

    def mark_busy(self, transport: Transport) -> None:
        """Note that a request is in progress, or a stream that has shown the token.

        Parameters
        ----------
        transport
            The connection.
        """
        self._idle.pop(transport, None)

    def remove(self, transport: Transport) -> None:
        """Remove a closed connection; one that was refused changes nothing.

        Parameters
        ----------
        transport
            The connection.
        """
        self.mark_busy(transport)
        client = self._clients.pop(transport, None)
        if client is not None:
            self._counts[client] -= 1
            if not self._counts[client]:
                del self._counts[client]

    def _close_idle(self, client: str | None = None) -> bool:
        """Close the longest idle connection, or that of a client; return False if there is none."""
        for transport in self._idle:
            if client in (None, self._clients[transport]):
                self.remove(transport)
                transport.close()
                return True
        return False

    def _client(self, address: str) -> str:
        """Return the key by which an address is counted; "" for proxies and this machine, which serve many clients."""
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:  # a Unix socket
            return ""
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if ip.is_loopback or any(ip in network for network in self._trusted):
            return ""
        return str(ipaddress.ip_network((ip, _SUBNET_BITS), strict=False) if ip.version == 6 else ip)
