"""Who looks after a room, and whom they have asked to be quiet or to stay out."""

from django.db import models

from chat.models.account import Account
from chat.models.room import STAFF_ROOMS, Room


class RoomSteward(models.Model):
    """An account that looks after a private group. Open rooms are looked after by their network's staff."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="stewards")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stewardships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "account"], name="steward_once_a_room")]


class RoomMute(models.Model):
    """An account whose messages the room does not take before `until`, milliseconds since 1970 UTC.

    It is the later of what stewards asked for and of what decisions of moderators ask for, which stewards do not undo.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="mutes")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mutes")
    until = models.BigIntegerField()
    stewards_until = models.BigIntegerField(null=True, blank=True)
    decided_until = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "account"], name="mute_once_a_room")]


class RoomBar(models.Model):
    """An account that was removed from the room: it comes back only when someone who looks after it adds it.

    `decided`: moderators decided it, and nobody adds the account until they end that.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="bars")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="bars")
    decided = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "account"], name="bar_once_a_room")]


def staff_rooms(account: Account) -> models.QuerySet[Room]:
    """The rooms that the account may come into because it is staff: those of the staff that it is not to be kept out of."""
    if not account.is_staff or account.suspended:
        return Room.objects.none()
    return Room.objects.filter(network=account.network_id, kind__in=STAFF_ROOMS).exclude(
        id__in=RoomBar.objects.filter(account=account).values("room")
    )
