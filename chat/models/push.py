"""Waking devices that are away. What a device gave us is sealed; no table says what a wake-up is about, or when it was.

Times are milliseconds since 1970 UTC. `claim` is the random name of the worker that has the row until `claimed_until`.
"""

from django.db import models

from chat.models.account import Device
from chat.models.fields import BytesField
from chat.models.room import Room


class PushChannel(models.TextChoices):
    WEBPUSH = "webpush"
    FCM = "fcm"


class PushSubscription(models.Model):
    """How one device can be woken, and when it may be. Without a row it is never woken (polling).

    `sealed` is `chat.push.sealing` over the endpoint and its keys, or the token; `rhythm` is sealed too (chat/rhythm.py).
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="push")
    channel = models.CharField(max_length=8, choices=PushChannel.choices)
    sealed = BytesField()
    rhythm = BytesField()


class PushMute(models.Model):
    """A room that this device is not woken for."""

    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="mutes")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="push_mutes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "room"], name="push_mute_once")]


class PushNews(models.Model):
    """A room has application entries since somebody last looked who is to be woken; look at `due_at`.

    `looks` counts the times that connected devices had not acknowledged them yet.
    """

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="push_news")
    due_at = models.BigIntegerField(db_index=True)
    looks = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=16, null=True, blank=True)
    claimed_until = models.BigIntegerField(default=0)


class PushWake(models.Model):
    """The outbox: a device is to be woken at `due_at`, unless it has caught up by then.

    `name` is the device's for this table, `sealed` the device (chat/push/naming.py): a row says of nobody that it is behind.
    `called` ones are sent in any case, `urgent` ones in quiet hours too. `again`: news came while it was being sent.
    """

    name = models.CharField(max_length=64, primary_key=True)
    sealed = BytesField()
    due_at = models.BigIntegerField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    called = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    again = models.BooleanField(default=False)
    claim = models.CharField(max_length=16, null=True, blank=True)
    claimed_until = models.BigIntegerField(default=0)


class PushProcess(models.Model):
    """A process with sockets. When `beat_at` is old it has died, and its devices are away."""

    id = models.CharField(max_length=16, primary_key=True)
    beat_at = models.BigIntegerField()


class PushPresence(models.Model):
    """A device with a subscription that is connected to `process` now; `name` is its for this table (chat/push/naming.py)."""

    name = models.CharField(max_length=64, primary_key=True)
    process = models.ForeignKey(PushProcess, on_delete=models.CASCADE, related_name="presences")
