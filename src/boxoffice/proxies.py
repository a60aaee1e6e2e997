"""Whose address a request comes from: the connection's, unless proxies are trusted to tell it in a header. Pure.

What a client writes into such a header itself stands to the left of what a trusted proxy adds, and is never reached.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import Literal, TypeAlias

from boxoffice.errors import CannotStart

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Header: TypeAlias = Literal["x-forwarded-for", "forwarded"]

HOPS_MAX = 16
"""Proxies in a row that are believed; whoever is behind more of them is taken for the last of these."""
IPV6_CLIENT_BITS = 64
"""A client of IPv6 has a whole network of this many bits to itself, and is counted by it."""

_FOR = re.compile(r'(?:^|;)\s*for=("[^"]*"|[^";\s]*)\s*(?:;|$)', re.ASCII | re.IGNORECASE)


class Proxies:
    """The proxies that are believed about their clients, and the header in which they tell of them."""

    def __init__(self, networks: Sequence[Network] = (), header: Header = "x-forwarded-for") -> None:
        self._networks = networks
        self.header = header

    def client_of(self, peer: str, told: Sequence[str]) -> str:
        """Return what a client is counted by, given the connection's address and every value of `header`.

        It is the nearest address that no trusted proxy has; where a proxy told none, the address of that proxy.
        """
        address = read_address(peer)
        if address is None:
            return peer
        for hop in islice(self._hops(told), HOPS_MAX):
            if hop is None or not self._trusts(address):
                break
            address = hop
        return name_of(address)

    def _hops(self, told: Sequence[str]) -> Iterator[Address | None]:
        """Yield the addresses that were told, the nearest first; None for what is no address."""
        if not self._networks:
            return
        for element in (element for value in reversed(told) for element in _from_the_right(value)):
            if self.header == "x-forwarded-for":
                yield read_hop(element)
            else:
                named = _FOR.search(element.strip())
                yield read_hop(named[1]) if named else None

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _from_the_right(value: str) -> Iterator[str]:
    """Yield the elements of a list with commas, the last first; a comma within quotes parts nothing.

    Quotes are paired from the right: one that a client left open on its side must not reach what a proxy wrote.
    """
    end, quoted = len(value), False
    for at in range(len(value) - 1, -1, -1):
        if value[at] == '"':
            quoted = not quoted
        elif value[at] == "," and not quoted:
            yield value[at + 1 : end]
            end = at
    yield value[:end]


def name_of(address: Address) -> str:
    """Return what a client of this address is counted by: the address, or for IPv6 its network."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address) >> IPV6_CLIENT_BITS << IPV6_CLIENT_BITS, IPV6_CLIENT_BITS)))


def read_hop(text: str) -> Address | None:
    """Return the address in one element of a header, its port and brackets left out; None when it is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        return read_address(bare[1:].partition("]")[0])
    return read_address(bare.partition(":")[0] if bare.count(":") == 1 else bare)


def read_address(text: str) -> Address | None:
    """Return the address that a text is, an IPv4 one that came as IPv6 as what it is; None when it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks that a list with commas names; a single address is one too. Raises CannotStart."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(ip_network(part) for part in parts)
    except ValueError as error:
        raise CannotStart(f"Expected addresses and networks with commas between them: {error}") from error
