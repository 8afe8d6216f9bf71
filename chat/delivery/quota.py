"""How much may be stored: for each account a day, and for each network together.

No row says who brought what (ADR 2), so what an account has stored is known nowhere: it has allowances instead, in this
process's memory, that come back over a day. What a network has is measured in the database now and then, and what this
process adds meanwhile is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from threading import Lock
from time import monotonic
from uuid import UUID

from django.conf import settings

from chat.delivery.rates import Bucket
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import BLOB_DAYS, MAX_ROOM_BLOBS
from chat.queries.stored import stored_bytes

MEASURE_SECONDS = 600.0
MIB = 1024 * 1024
DAY_SECONDS = 86_400.0
ROW_BYTES = 256
"""What a row takes beside what it holds."""
_PICTURES_STOP = 0.75
"""Of what a network may store: after that no attachments are taken, so that words still get through."""
_SPARE_BYTES = 256 * 1024
"""What one account may still add in words a day when the network is full: a question to moderators always gets through."""
_NO_MORE = 1.25
"""Of what a network may store: after that not even these."""
_TIGHT = 0.5
"""Of what a room may keep in attachments: after that one account brings no more than cannot fill the rest by itself."""


class Stored(StrEnum):
    """What is stored, each with an allowance of its own, so that pictures never keep words back, nor anything a question."""

    MESSAGES = "messages"
    HANDSHAKES = "handshakes"
    ATTACHMENTS = "attachments"
    CASE = "case"
    SPARE = "spare"
    """Words in a full network."""


_SHARES = {Stored.MESSAGES: 1 / 8, Stored.HANDSHAKES: 1 / 2, Stored.ATTACHMENTS: 3 / 8, Stored.CASE: 3 / 8}
"""Parts of ACCOUNT_DAILY_MB. What is for a case comes on top."""


class Quota:
    """Safe to use from many threads. `take` is on the way of every message: it asks no database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._allowances: dict[tuple[UUID, Stored | UUID], Bucket] = {}
        self._networks: dict[UUID, int] = {}
        self._measured = -MEASURE_SECONDS

    def take(self, what: Stored, account: UUID, network: UUID, size: int) -> None:
        """Counts `size` bytes that are about to be stored.

        Raises quota: with `retry_after_ms` when the account has used up what it may add for now, without when the network has
        no place.
        """
        now = monotonic()
        most = settings.NETWORK_STORAGE_MB * MIB
        with self._lock:
            used = self._networks.get(network, 0)
            if what is Stored.ATTACHMENTS and used + size > most * _PICTURES_STOP:
                raise ProtocolError(Code.QUOTA)
            if used + size > most:
                if size > _SPARE_BYTES or used + size > most * _NO_MORE:
                    raise ProtocolError(Code.QUOTA)
                self._spend((account, Stored.SPARE), _SPARE_BYTES, size, now)
            daily = settings.ACCOUNT_DAILY_MB * MIB * _SHARES[what]
            self._spend((account, what), daily, size, now)
            self._networks[network] = used + size

    def take_in_room(self, account: UUID, room: UUID, kept: int, size: int) -> None:
        """Counts an attachment of a room that keeps `kept` bytes of them. Raises quota, with `retry_after_ms`.

        In a room that is half full, one account has a day's part of the other half: it never fills it alone.
        """
        if kept + size > MAX_ROOM_BLOBS * _TIGHT:
            with self._lock:
                daily = MAX_ROOM_BLOBS * (1 - _TIGHT) / (BLOB_DAYS + 2)
                self._spend((account, room), daily, size, monotonic())

    def _spend(self, whose: tuple[UUID, Stored | UUID], daily: float, size: int, now: float) -> None:
        bucket = self._allowances.get(whose)
        if bucket is None:
            daily *= settings.RATE_SCALE
            bucket = self._allowances[whose] = Bucket((daily / DAY_SECONDS, daily), now)
        wait = bucket.take(size, now)
        if wait:
            raise ProtocolError(Code.QUOTA, retry_after_ms=wait)

    def measure(self) -> None:
        """Reads what networks have. Raises what the database raises."""
        begun = monotonic()
        with self._lock:
            before = dict(self._networks)
        self._measured_as(stored_bytes(), before, begun)

    def measure_if_due(self) -> None:
        """For processes without sockets, which measure nothing by themselves."""
        now = monotonic()
        with self._lock:
            due = now - self._measured >= MEASURE_SECONDS
            if due:
                self._measured = now
        if due:
            self.measure()

    def _measured_as(self, stored: Mapping[UUID, int], before: Mapping[UUID, int], now: float) -> None:
        with self._lock:
            # What was added while it was read may be in it or not: better counted twice until the next time.
            added = {network: size - before.get(network, 0) for network, size in self._networks.items()}
            self._networks = dict(stored)
            for network, size in added.items():
                self._networks[network] = self._networks.get(network, 0) + size
            self._measured = now
            # Nobody needs to know when somebody stored something whose allowance is whole again.
            self._allowances = {whose: bucket for whose, bucket in self._allowances.items() if not bucket.full(now)}


quota = Quota()
