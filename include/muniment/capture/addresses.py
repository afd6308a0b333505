"""Where a capture may go: the account's own host, and public hosts that its data lead to.

An address that comes out of captured data is somebody else's word. Following it into the
agency's own network would let a stranger make us ask there (CWE-918), so such an address
must be https and resolve to public addresses only.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

from muniment.errors import CaptureError

Query = dict[str, str] | list[tuple[str, str]]
Resolve = Callable[[str, int], list[str]]  # host and port to numeric addresses

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # carries an IPv4 address: RFC 6052 section 2.1
# Local translation, 6to4 and Teredo can carry a private address: RFC 8215, RFC 3056, RFC 4380.
_TUNNELS = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b:1::/48", "2002::/16", "2001::/32"))
_DEFAULT_PORTS = {"https": 443, "http": 80}


class AddressRefusedError(CaptureError):
    """The address leads where a capture does not go."""


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of *url* (RFC 6454 section 4).

    Raises:
        AddressRefusedError: *url* is not http or https, has no host, or carries a user name.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefusedError("address: expected a URL, found something else") from None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise AddressRefusedError(f"address: expected http or https with a host, found scheme {parts.scheme!r}")
    return parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme]


def with_query(url: str, query: Query | None) -> str:
    """Return *url* with the fields of *query* after those that it has."""
    if not query:
        return url
    parts = urlsplit(url)
    pairs = list(query.items()) if isinstance(query, dict) else query
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(pairs))))))


def is_loopback(url: str) -> bool:
    """Tell whether *url*'s host is this machine by name or number."""
    _, host, _ = origin_of(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_private_channel(url: str) -> None:
    """Check that *url* is https, or http on the loopback interface.

    Raises:
        AddressRefusedError: it is neither.
    """
    if origin_of(url)[0] != "https" and not is_loopback(url):
        raise AddressRefusedError("address: expected https, or http on the loopback interface, found http", url=url)


def resolve_host(host: str, port: int) -> list[str]:
    """Return the numeric addresses of *host*, in the order of the system's preference.

    Raises:
        AddressRefusedError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefusedError(f"address: expected a host that resolves, found {host!r}") from None
    return [str(entry[4][0]) for entry in found]


def choose_address(url: str, *, home: str, resolve: Resolve = resolve_host) -> str | None:
    """Return the numeric address to connect to for *url*, an address found in captured data.

    None means the host as it is spelled: it is *home*'s own, or both are this machine. The
    caller connects to the very address returned, so that a second look-up cannot lead elsewhere.

    Raises:
        AddressRefusedError: *url* is not https, or leads into a private network.
    """
    check_private_channel(url)
    scheme, host, port = origin_of(url)
    if (scheme, host, port) == origin_of(home) or (is_loopback(url) and is_loopback(home)):
        return None
    addresses = [] if is_loopback(url) else resolve(host, port)
    if not addresses or not all(_is_public(address) for address in addresses):
        raise AddressRefusedError("address: expected a public network, found a private one", url=url)
    return addresses[0]


def _is_public(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        if any(number in network for network in _TUNNELS):
            return False
        mapped = number.ipv4_mapped
        if mapped is None and number in _NAT64:
            mapped = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        number = mapped or number
    return number.is_global and not number.is_multicast
