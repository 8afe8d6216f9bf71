"""Web Push endpoints come from clients, and this server connects to them: https and public addresses alone.

Otherwise whoever has an account could make the server knock on doors inside its own network.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

MAX_ENDPOINT = 2048
_NAT64 = IPv6Network("64:ff9b::/96")


class BadEndpoint(ValueError):
    """The text names the rule that was broken, never the endpoint."""


def check_endpoint(endpoint: str) -> None:
    """Raises BadEndpoint. What a name resolves to is checked when it is connected to (`public_only`)."""
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint or len(endpoint) > MAX_ENDPOINT:
        raise BadEndpoint("at most 2048 printable ASCII characters")
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadEndpoint("not a URL") from None
    if not host or "@" in parts.netloc or parts.fragment:
        raise BadEndpoint("a URL with a host, without user and fragment")
    if origin(parts) in settings.PUSH_TRUSTED_ORIGINS:
        return
    if parts.scheme != "https":
        raise BadEndpoint("https only")
    if _is_address(host):
        if not public_only(host):
            raise BadEndpoint("public addresses only")
    elif "." not in host or host.endswith((".localhost", ".local", ".internal")) or host[-1].isdigit():
        # A last label of digits is a short or octal form of an IPv4 address.
        raise BadEndpoint("public names only")


def origin(parts: SplitResult) -> str:
    """`scheme://host:port` as the endpoint writes it, without a user."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def trusted(endpoint: str) -> bool:
    return origin(urlsplit(endpoint)) in settings.PUSH_TRUSTED_ORIGINS


def public_only(address: str) -> bool:
    """Whether the IP address is one of the public internet, also when it carries an IPv4 address inside."""
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast and not found.is_reserved


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
