"""When a device may be woken and when it was, sealed in its subscription: beside the log's times it would name senders.

Whoever is woken for a message has not written it, and whoever was not here on a day has written nothing on it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chat.models import PushSubscription
from chat.sealing import NotOpened, seal, unseal

_INFO = b"kindred rhythm v1"
_FORM = struct.Struct(">hhhIQHI")
_NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`quiet_from` and `quiet_to` are minutes of the person's day (both or neither), `quiet_offset` that day's minutes east
    of UTC. `delay_ms` bounds the random delay. `woken_at` is the last wake-up (ms since 1970 UTC); `unanswered` counts those
    since the device was last connected, on the day `heard_on`.
    """

    quiet_from: int | None = None
    quiet_to: int | None = None
    quiet_offset: int = 0
    delay_ms: int = 0
    woken_at: int = 0
    unanswered: int = 0
    heard_on: date = date.min


def seal_rhythm(device: int, rhythm: Rhythm) -> bytes:
    """Of one length for all."""
    quiet = [_NEVER if minute is None else minute for minute in (rhythm.quiet_from, rhythm.quiet_to)]
    plain = _FORM.pack(
        *quiet, rhythm.quiet_offset, rhythm.delay_ms, rhythm.woken_at, min(rhythm.unanswered, 65_535),
        rhythm.heard_on.toordinal(),
    )  # fmt: skip
    return seal(_INFO, UUID(int=device), plain)


def rhythm_of(subscription: PushSubscription) -> Rhythm:
    """Where it cannot be opened, with a key that was lost, nobody knows more than that the device can be woken."""
    return open_rhythm(subscription.pk, bytes(subscription.rhythm))


def open_rhythm(device: int, sealed: bytes) -> Rhythm:
    """As `rhythm_of`, from what is stored."""
    try:
        start, end, offset, delay, woken, unanswered, heard = _FORM.unpack(unseal(_INFO, UUID(int=device), sealed))
    except NotOpened:
        return Rhythm()
    return Rhythm(
        quiet_from=None if start == _NEVER else start,
        quiet_to=None if end == _NEVER else end,
        quiet_offset=offset,
        delay_ms=delay,
        woken_at=woken,
        unanswered=unanswered,
        heard_on=date.fromordinal(heard),
    )


def change_rhythms(devices: Collection[int], change: Callable[[Rhythm], Rhythm]) -> None:
    """Of those that have a subscription; one that stays the same is not written. Inside a transaction."""
    rows = PushSubscription.objects.select_for_update().filter(device__in=devices).order_by("device")
    changed = []
    for row in rows.only("device", "rhythm"):
        before = rhythm_of(row)
        after = change(before)
        if after != before:
            row.rhythm = seal_rhythm(row.pk, after)
            changed.append(row)
    PushSubscription.objects.bulk_update(changed, ["rhythm"], batch_size=100)
