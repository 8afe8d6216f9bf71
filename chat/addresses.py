"""Where a request comes from, as far as rate limits need it: the client's address and the networks that it lies in."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

NO_PROXY = "none"
"""TRUSTED_PROXY where people connect to this server directly."""

_IPV4 = ((32, 1.0), (24, 16.0))
_IPV6 = ((64, 1.0), (56, 4.0), (48, 16.0))
"""Of an address, the prefixes that are limited, each with how many times a single client's allowance it has.

One household has a /64, a customer a /56 or a /48 with 65,536 of them."""

_warned: set[str] = set()


@lru_cache(maxsize=8)
def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The addresses and networks of a comma-separated list, no one's for `none`. Raises ValueError."""
    if text.lower() == NO_PROXY:
        return ()
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_prefixes(request: HttpRequest) -> list[tuple[str, float]]:
    """The prefixes that the client's address lies in, narrowest first, each with its allowance."""
    text = client_address(request)
    address = _parsed(text)
    if address is None:
        return [(text, 1.0)]
    widths = _IPV4 if isinstance(address, IPv4Address) else _IPV6
    bits = address.max_prefixlen
    return [(f"{int(address) >> (bits - width):x}/{address.version}/{width}", many) for width, many in widths]


def client_address(request: HttpRequest) -> str:
    """The network address of the client: behind a trusted proxy the last one that no trusted proxy has, as the proxy saw it."""
    seen = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    trusted = networks(settings.TRUSTED_PROXY)
    if not _within(seen, trusted):
        if forwarded:
            _warn_once(
                "a proxy that TRUSTED_PROXY does not name sends X-Forwarded-For: all who come by it share its limits"
            )
        return seen
    if not forwarded:
        _warn_once("the proxy that TRUSTED_PROXY names sends no X-Forwarded-For: all who come by it share its limits")
        return seen
    # From the last on: what stands before the first stranger is anyone's claim.
    return next((part for part in reversed(forwarded) if not _within(part, trusted)), forwarded[0])


def _within(text: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    address = _parsed(text)
    return address is not None and any(address in network for network in trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address, which some proxies give with its port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _warn_once(what: str) -> None:
    """Without the address: none is ever logged."""
    if settings.ORIGIN and what not in _warned:
        _warned.add(what)
        logger.warning(what)
