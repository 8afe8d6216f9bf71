"""The outbox: one row for each device that is to be woken.

A worker claims rows by a conditional update, sends, and deletes them. Whoever dies after the claim leaves rows that
nobody may send before the collapse window is over, because it may have sent them (times.claimed_until); then they are
taken over. So each device is woken at least once, and at most once in a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from chat.models import PushSubscription, PushWake, RoomDevice
from chat.push import times
from chat.push.away import connected, unread
from chat.push.channels import is_on
from chat.push.naming import device_of, seal_device, wake_name
from chat.push.sender import Outcome, Result
from chat.rhythm import change_rhythms, rhythm_of

MAX_ATTEMPTS = 12
LOOK_AGAIN_MS = 10_000
CHANNEL_OFF_MS = 600_000


@dataclass(frozen=True, slots=True)
class Wake:
    """A claimed wake-up. It must not be begun after `start_by` (ms), or another worker might be sending it too."""

    device: int
    channel: str
    sealed: bytes
    urgent: bool
    attempts: int
    start_by: int


def claim(worker: str, now: int, limit: int) -> list[Wake]:
    """Up to `limit` wake-ups that are due and still needed; those that are not are taken out or put off."""
    free = PushWake.objects.filter(due_at__lte=now, claimed_until__lt=now)
    candidates = list(free.order_by("due_at").values_list("pk", flat=True)[:limit])
    if not candidates:
        return []
    until = times.claimed_until(now)
    with transaction.atomic(durable=True):
        open_rows = free.filter(pk__in=candidates).select_for_update(skip_locked=True, of=("self",))
        chosen = list(open_rows.values_list("pk", flat=True))
        free.filter(pk__in=chosen).update(claim=worker, claimed_until=until)
        mine = PushWake.objects.filter(pk__in=chosen, claim=worker, claimed_until=until)
        return _needed(mine, now)


def _needed(claimed: Iterable[PushWake], now: int) -> list[Wake]:
    devices = {wake.pk: device_of(wake) for wake in claimed}
    known = [device for device in devices.values() if device is not None]
    subscriptions = PushSubscription.objects.select_related("device").in_bulk(known)
    behind = {place.device_id for place in unread(RoomDevice.objects.filter(device__in=subscriptions))}
    here = connected(subscriptions, now)
    start_by = times.start_by(now)
    needed: list[Wake] = []
    needless: list[str] = []
    for wake in claimed:
        subscription = subscriptions.get(devices[wake.pk] or 0)
        if subscription is None or subscription.device.revoked_at or not (wake.called or subscription.pk in behind):
            needless.append(wake.pk)
            continue
        later = _put_off(wake, subscription, subscription.pk in here, now)
        if later:
            PushWake.objects.filter(pk=wake.pk).update(due_at=later, claim=None, claimed_until=0)
            continue
        needed.append(
            Wake(
                subscription.pk, subscription.channel, bytes(subscription.sealed), wake.urgent, wake.attempts, start_by
            )
        )
    PushWake.objects.filter(pk__in=needless).delete()
    return needed


def _put_off(wake: PushWake, subscription: PushSubscription, here: bool, now: int) -> int:
    """When to look again (ms) at a wake-up that may not be sent now; 0 for one that may."""
    if not is_on(subscription.channel):
        return now + CHANNEL_OFF_MS
    if here and not wake.called:
        return now + LOOK_AGAIN_MS
    rhythm = rhythm_of(subscription)
    if wake.urgent:
        earliest = times.due_urgently(rhythm, now)
    else:
        earliest = times.after_quiet_hours(rhythm, max(now, times.next_window(rhythm, now)))
    return earliest if earliest > now else 0


def finish(worker: str, done: Sequence[tuple[Wake, Result]], now: int) -> None:
    """Writes down what came of claimed wake-ups, all in one transaction. Those that were taken over are left alone."""
    sent = [wake.device for wake, result in done if result.outcome is Outcome.SENT]
    refused = [wake.device for wake, result in done if _given_up(wake, result)]
    with transaction.atomic(durable=True):
        mine = PushWake.objects.filter(claim=worker)
        if sent:
            change_rhythms(sent, lambda rhythm: replace(rhythm, woken_at=now, unanswered=rhythm.unanswered + 1))
        for wake, result in done:
            if result.outcome is Outcome.GONE:
                # Unless the device has given us a new one meanwhile.
                PushSubscription.objects.filter(device=wake.device, sealed=wake.sealed).delete()
                mine.filter(pk=wake_name(wake.device)).update(due_at=now, attempts=0, claim=None, claimed_until=0)
            elif result.outcome in (Outcome.LATER, Outcome.UNSURE) and not _given_up(wake, result):
                mine.filter(pk=wake_name(wake.device)).update(
                    due_at=now + _wait(wake, result), attempts=F("attempts") + 1, claim=None, claimed_until=0
                )
        over = mine.filter(pk__in=[wake_name(device) for device in (*sent, *refused)])
        over.filter(again=True).update(
            due_at=now + settings.PUSH_COLLAPSE_MS, again=False, attempts=0, claim=None, claimed_until=0
        )
        over.filter(again=False, claim=worker).delete()


def _given_up(wake: Wake, result: Result) -> bool:
    if result.outcome is Outcome.REFUSED:
        return True
    return result.outcome in (Outcome.LATER, Outcome.UNSURE) and wake.attempts + 1 >= MAX_ATTEMPTS


def _wait(wake: Wake, result: Result) -> int:
    waited = max(times.back_off(wake.attempts), result.retry_after_ms)
    return max(waited, settings.PUSH_COLLAPSE_MS) if result.outcome is Outcome.UNSURE else waited


def call(accounts: Sequence[UUID], *, urgent: bool = False, suspended_too: bool = False) -> None:
    """Wakes these accounts' devices for something else than a message: a new case, a clock that runs out, access that is back.

    Call it in the transaction that writes what it is about. Urgent ones go out at once, in quiet hours too. Devices
    that are connected are passed over: they show it by themselves.
    """
    now = times.now_ms()
    when = times.due_urgently if urgent else times.due
    active = PushSubscription.objects.filter(device__account__in=accounts, device__revoked_at=None)
    if not suspended_too:
        active = active.filter(device__account__suspended_at=None)
    found = list(active.order_by("pk"))
    here = connected((each.pk for each in found), now)
    subscriptions = [each for each in found if each.pk not in here]
    waiting = PushWake.objects.filter(pk__in=[wake_name(each.pk) for each in subscriptions])
    waiting.update(called=True)
    if urgent:
        waiting.update(urgent=True)
        waiting.filter(claim=None, due_at__gt=now).update(due_at=now)
    waiting.filter(claim__isnull=False).update(again=True)
    PushWake.objects.bulk_create(
        [
            PushWake(
                name=wake_name(each.pk), sealed=seal_device(each.pk), due_at=when(rhythm_of(each), now), called=True,
                urgent=urgent,
            )
            for each in subscriptions
        ],
        ignore_conflicts=True,
    )  # fmt: skip
