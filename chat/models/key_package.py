"""MLS key packages (RFC 9420 section 10) that wait to be claimed, and those that were."""

from django.db import models

from chat.models.account import Device
from chat.models.fields import BytesField
from chat.models.room import Room


class KeyPackage(models.Model):
    """A key package that can still be handed out. A single-use row is deleted by whoever claims it.

    `ref` is the KeyPackageRef (RFC 9420 section 5.2); `payload` is what the device uploaded.
    """

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="key_packages")
    ref = BytesField(max_length=32, unique=True)
    payload = BytesField()
    last_resort = models.BooleanField(default=False)
    not_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(last_resort=True), name="one_last_resort_a_device"
            )
        ]
        indexes = [models.Index(fields=["device", "last_resort", "id"], name="key_package_next")]


class HandedOut(models.Model):
    """A key package that was claimed for a room, so that the commit that adds it is recognised until `expires_at`."""

    ref = BytesField(max_length=32)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="handed_out")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="handed_out")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "ref"], name="handed_out_once_a_room")]
