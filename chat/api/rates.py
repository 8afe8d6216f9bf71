"""How often one may try, without keeping anyone's address.

Each address has allowances of its own, and the networks around it have larger ones (chat/addresses.py): who floods uses up
their own, and whoever comes from elsewhere does not notice. There is no allowance that all share.

A bucket's name is an HMAC of the client's address under a random key that this process forgets within ten minutes,
together with the name. Nothing of it reaches the disk, the logs or another process.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock, Timer
from time import monotonic

from django.conf import settings
from django.http import HttpRequest

from chat.addresses import client_prefixes
from chat.delivery.rates import Bucket
from chat.models import Device
from chat.protocol.errors import Code, ProtocolError

_KEY_SECONDS = 240.0
"""How long a key makes names; for as long again, buckets are still found under it."""
_LOOK_SECONDS = 60.0
"""How often it is looked at though nobody asks: no name is known for longer than ten minutes."""
_MOST_BUCKETS = 50_000

Where = Sequence[tuple[str, float]]
"""Whose tries are counted: names, each with how many times the rate it has."""


@dataclass(frozen=True)
class Rate:
    """`per_second` tries come in, up to `burst`. One with a wrong secret counts as `wrong` of them."""

    name: str
    per_second: float
    burst: float
    wrong: float = 1


# A whole group may join behind one address on one evening; a secret has 128 bits, so this is about load, not luck.
INVITE_CHECK = Rate("invite_check", 0.5, 60)
JOIN = Rate("join", 0.2, 40)
# Someone who tries a few times; and the waiting of a whole evening behind one address.
LINK_OFFER = Rate("link_offer", 0.1, 20)
LINK_TAKE = Rate("link_take", 5, 600, wrong=10)
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


class Rates:
    """Token buckets in this process's memory; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._timer: Timer | None = None
        self.forget()

    def forget(self) -> None:
        """Everyone has full buckets again."""
        self._key = self._older_key = secrets.token_bytes(32)
        self._since = monotonic()
        self._buckets: dict[bytes, Bucket] = {}
        self._older: dict[bytes, Bucket] = {}

    def take(self, rate: Rate, where: Where, count: float = 1) -> None:
        """Raises rate_limited (with `retry_after_ms`) when one of them has no try left; then nothing is taken."""
        now = monotonic()
        with self._lock:
            buckets = self._found(rate, where, now)
            wait = max(bucket.wait(count, now) for bucket in buckets)
            if not wait:
                for bucket in buckets:
                    bucket.take(count, now)
        if wait:
            raise ProtocolError(Code.RATE_LIMITED, retry_after_ms=wait)

    def spend(self, rate: Rate, where: Where, count: float) -> None:
        """Takes up to `count` more of what each of them has."""
        now = monotonic()
        with self._lock:
            for bucket in self._found(rate, where, now):
                bucket.spend(count)

    def _found(self, rate: Rate, where: Where, now: float) -> list[Bucket]:
        self._renew_key(now)
        if len(self._buckets) + len(self._older) > _MOST_BUCKETS:
            self._make_room(now)
        return [self._bucket(rate, name, many, now) for name, many in where]

    def _bucket(self, rate: Rate, who: str, many: float, now: float) -> Bucket:
        text = f"{rate.name}\x00{who}".encode()
        name = hmac.digest(self._key, text, "sha256")
        bucket = self._buckets.get(name)
        if bucket is None:
            if self._older:
                bucket = self._older.pop(hmac.digest(self._older_key, text, "sha256"), None)
            if bucket is None:
                scale = settings.RATE_SCALE * many
                bucket = Bucket((rate.per_second * scale, rate.burst * scale), now)
            self._buckets[name] = bucket
        return bucket

    def _renew_key(self, now: float) -> None:
        """Names under the key before are forgotten; a bucket that is used meanwhile goes on under the new key."""
        if now - self._since >= 2 * _KEY_SECONDS:
            self.forget()
        elif now - self._since >= _KEY_SECONDS:
            self._older, self._older_key = self._buckets, self._key
            self._buckets, self._key = {}, secrets.token_bytes(32)
            self._since = now
        if self._timer is None:
            self._timer = Timer(_LOOK_SECONDS, self._on_time)
            self._timer.daemon = True
            self._timer.start()

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
            if self._buckets or self._older:
                self._renew_key(monotonic())

    def _make_room(self, now: float) -> None:
        """Forgets the fullest half, which hold nobody back; those that do are kept."""
        kept = (self._buckets, self._older)
        fullest = sorted(
            ((bucket.share(now), number, name) for number, some in enumerate(kept) for name, bucket in some.items()),
            reverse=True,
        )
        for share, number, name in fullest:
            if share < 1 and len(self._buckets) + len(self._older) <= _MOST_BUCKETS // 2:
                break
            del kept[number][name]


rates = Rates()


def limit_by_address(request: HttpRequest, rate: Rate) -> None:
    """Counts one try of the client's address. Raises rate_limited."""
    rates.take(rate, client_prefixes(request))


def count_wrong(request: HttpRequest, rate: Rate) -> None:
    """Counts a try whose secret turned out to be wrong for what it costs more."""
    rates.spend(rate, client_prefixes(request), rate.wrong - 1)


def limit_by_device(device: Device, rate: Rate, count: float = 1) -> None:
    rates.take(rate, [(str(device.pk), 1.0)], count)
