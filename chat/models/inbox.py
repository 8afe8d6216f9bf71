"""What waits for one device alone: Welcomes."""

from django.db import models

from chat.models.account import Device
from chat.models.fields import BytesField
from chat.models.room import Room


class InboxKind(models.TextChoices):
    WELCOME = "welcome"


class WelcomeBlob(models.Model):
    """One MLS Welcome, kept once for all the devices that it is for. It goes with the last item that names it."""

    payload = BytesField()


class InboxItem(models.Model):
    """`seq` counts up within the device's inbox; `entry_seq` is the seq of the commit that made the Welcome."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="inbox")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=InboxKind.choices, default=InboxKind.WELCOME)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="inbox_items")
    entry_seq = models.BigIntegerField()
    welcome = models.ForeignKey(WelcomeBlob, on_delete=models.CASCADE, related_name="items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "seq"], name="inbox_seq_once_a_device")]
