"""All connections of the service: how many there are, whose they are, and which of them gives way to a new one."""

import ipaddress
from asyncio import Transport
from collections import Counter

from einthoven.serve.settings import Settings

_SUBNET = 64  # bits of an IPv6 address that tell clients apart: one client has all addresses of its network


class Connections:
    """Counts connections, and closes the longest idle one if a new one finds no room.

    Idle is a connection without a request under way: it has sent nothing yet, or too little, or keeps alive.
    """

    def __init__(self, settings: Settings) -> None:
        self._most, self._most_of_client = settings.max_connections, settings.max_client_connections
        self._trusted = tuple(map(ipaddress.ip_network, settings.trusted_proxies))
        self._clients = dict[Transport, str]()  # "" if the client is not limited
        self._counts = Counter[str]()
        self._idle = dict[Transport, None]()  # the longest idle first

    def add(self, transport: Transport, address: str) -> tuple[int, str] | None:
        """Take a connection from `address`, or give the status and the sentence with which it is refused."""
        client = self._client(address)
        if client and self._counts[client] >= self._most_of_client and not self._close_idle(client):
            return 429, f"A client may have {self._most_of_client} connections; close some, or try again in a second."
        if len(self._clients) >= self._most and not self._close_idle():
            return 503, "The service has as many connections as it takes; try again in a second."
        self._clients[transport] = client
        self._counts[client] += 1
        self.idle(transport)
        return None

    def idle(self, transport: Transport) -> None:
        """The connection has no request under way, from now on."""
        if transport in self._clients:
            self._idle[transport] = None

    def busy(self, transport: Transport) -> None:
        """The connection has a request under way, or a stream that shows the token."""
        self._idle.pop(transport, None)

    def remove(self, transport: Transport) -> None:
        """The connection is closed; one that was not taken changes nothing."""
        self.busy(transport)
        client = self._clients.pop(transport, None)
        if client is not None:
            self._counts[client] -= 1
            if not self._counts[client]:
                del self._counts[client]

    def _close_idle(self, client: str | None = None) -> bool:
        """Close the longest idle connection, of this client if one is given; False if there is none."""
        for transport in self._idle:
            if client in (None, self._clients[transport]):
                self.remove(transport)
                transport.close()
                return True
        return False

    def _client(self, address: str) -> str:
        """What connections from `address` are counted as; "" for proxies and this machine, which speak for many."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:  # a Unix socket
            return ""
        found = getattr(found, "ipv4_mapped", None) or found
        if found.is_loopback or any(found in network for network in self._trusted):
            return ""
        return str(ipaddress.ip_network((found, _SUBNET), strict=False) if found.version == 6 else found)
