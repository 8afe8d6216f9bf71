"""How often one may try, without keeping anyone's address.

A bucket's name is an HMAC of the client's address under a random key that this process forgets every ten minutes,
together with the buckets. Nothing of it reaches the disk, the logs or another process.
"""

import hmac
import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpRequest

from chat.delivery.rates import Bucket
from chat.models import Device
from chat.protocol.errors import Code, ProtocolError

_FORGET_AFTER_SECONDS = 600.0
_MOST_BUCKETS = 50_000


@dataclass(frozen=True)
class Rate:
    """`per_second` tries come in, up to `burst`."""

    name: str
    per_second: float
    burst: float


# A whole group may join behind one address on one evening; a secret has 128 bits, so this is about load, not luck.
INVITE_CHECK = Rate("invite_check", 0.5, 60)
JOIN = Rate("join", 0.2, 40)
# Someone who tries a few times; and the waiting of a whole evening behind one address.
LINK_OFFER = Rate("link_offer", 0.1, 20)
LINK_TAKE = Rate("link_take", 5, 600)
# In parts: twice what an answer can have.
LINK_ANSWER = Rate("link_answer", 0.1, 64)
DEVICES = Rate("devices", 0.1, 20)
ROOM_INVITE_CHECK = Rate("room_invite_check", 0.5, 60)
# A person types twelve words a few times; a house full of people may do so behind one address.
BACKUP_FETCH = Rate("backup_fetch", 1 / 60, 10)
# Each may be eight MiB, and a client saves every few minutes at most.
BACKUP_SAVE = Rate("backup_save", 1 / 60, 20)
# Pictures: an album at once, then one every few seconds; reading back through a room of them.
BLOB_KEEP = Rate("blob_keep", 0.2, 60)
BLOB_FETCH = Rate("blob_fetch", 2, 300)
# In key packages: enough to add everyone to a room of 300 twice.
CLAIM = Rate("claim", 1, 600)
PUSH = Rate("push", 0.1, 20)
# Wrong secrets from anywhere: a guesser with many addresses slows itself, and people with real invites pass at night.
FAILURES = Rate("failures", 5, 600)


class Rates:
    """Token buckets in this process's memory; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._key = secrets.token_bytes(32)
        self._since = monotonic()
        self._buckets: dict[bytes, Bucket] = {}

    def take(self, rate: Rate, who: str, count: float = 1) -> None:
        """Raises rate_limited (with `retry_after_ms`) when `who` has no try left."""
        wait = self._try(rate, who, count)
        if wait:
            raise ProtocolError(Code.RATE_LIMITED, retry_after_ms=wait)

    def peek(self, rate: Rate) -> None:
        """Raises rate_limited when the bucket that all share is empty; takes nothing."""
        wait = self._try(rate, "", 1)
        if wait:
            raise ProtocolError(Code.RATE_LIMITED, retry_after_ms=wait)
        self._try(rate, "", -1)

    def count(self, rate: Rate) -> None:
        """Takes one from the bucket that all share, if there is one."""
        self._try(rate, "", 1)

    def _try(self, rate: Rate, who: str, count: float) -> int:
        now = monotonic()
        with self._lock:
            if now - self._since > _FORGET_AFTER_SECONDS or len(self._buckets) > _MOST_BUCKETS:
                self.forget()
            name = hmac.digest(self._key, f"{rate.name}\x00{who}".encode(), "sha256")
            bucket = self._buckets.get(name)
            if bucket is None:
                scale = settings.RATE_SCALE
                bucket = self._buckets[name] = Bucket((rate.per_second * scale, rate.burst * scale), now)
            return bucket.take(count, now)


rates = Rates()


def limit_by_address(request: HttpRequest, rate: Rate) -> None:
    """Counts one try of the client's address. Raises rate_limited."""
    rates.peek(FAILURES)
    rates.take(rate, client_address(request))


def limit_by_device(device: Device, rate: Rate, count: float = 1) -> None:
    rates.take(rate, str(device.pk), count)


def count_failure() -> None:
    """Counts a wrong secret for everyone."""
    rates.count(FAILURES)


def client_address(request: HttpRequest) -> str:
    """The network address of the client; of IPv6 the /64, since one household has all of it."""
    text = str(request.META.get("REMOTE_ADDR") or "")
    if settings.TRUSTED_PROXY and text == settings.TRUSTED_PROXY:
        # The last one is what the trusted proxy itself saw; those before it are anyone's claim.
        text = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip() or text
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
