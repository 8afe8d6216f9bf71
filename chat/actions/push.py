"""A device says how it may be woken, or that it may not."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.models import Device, PushMute, PushSubscription, RoomDevice
from chat.protocol.errors import Code, ProtocolError
from chat.push.channels import is_on
from chat.push.naming import forget
from chat.push.sealing import Target, seal
from chat.rhythm import Rhythm, rhythm_of, seal_rhythm


def wake_by(
    device: Device,
    channel: str,
    target: Target,
    *,
    quiet: tuple[int, int, int] | None,
    delay_ms: int,
    muted: Collection[UUID],
) -> None:
    """Replaces whatever the device said before. `quiet` is (from, to, offset) in minutes, as the columns are.

    Rooms in `muted` that the device is not in are left out. Raises push_off.
    """
    if not is_on(channel):
        raise ProtocolError(Code.PUSH_OFF)
    start, end, offset = quiet or (None, None, 0)
    with transaction.atomic():
        before = PushSubscription.objects.select_for_update().filter(device=device).first()
        rhythm = Rhythm(
            quiet_from=start, quiet_to=end, quiet_offset=offset, delay_ms=delay_ms, heard_on=timezone.now().date(),
            woken_at=0 if before is None else rhythm_of(before).woken_at,
        )  # fmt: skip
        PushSubscription.objects.update_or_create(
            device=device,
            defaults={
                "channel": channel, "sealed": seal(device.pk, target), "rhythm": seal_rhythm(device.pk, rhythm),
            },
        )  # fmt: skip
        rooms = RoomDevice.objects.filter(device=device, removed_at=None, room__in=muted).values_list("room", flat=True)
        PushMute.objects.filter(subscription=device.pk).delete()
        PushMute.objects.bulk_create(PushMute(subscription_id=device.pk, room_id=room) for room in rooms)


def do_not_wake(device: Device) -> None:
    """Forgets how to wake the device, and that it ever could be. Repeating it changes nothing."""
    PushSubscription.objects.filter(device=device).delete()
    forget(device.pk)
