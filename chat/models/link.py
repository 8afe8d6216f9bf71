"""A new device's way to an old one of the same person: sealed bytes that wait for some minutes."""

from django.db import models

from chat.models.account import Device
from chat.models.fields import BytesField


class DeviceLink(models.Model):
    """What a new device offers (docs/protocol.md, section 2.2). It goes when it was taken, or at `expires_at`.

    `link` is 16 bytes; `take_hash` the SHA-256 of what its maker proves itself with. `answered_by` is the one device
    that may answer, the first that did; `parts` how many parts its answer has, of which those before `taken` are gone.
    """

    link = BytesField(max_length=16, unique=True)
    offer = BytesField(max_length=1024)
    take_hash = BytesField(max_length=32)
    expires_at = models.DateTimeField()
    answered_by = models.ForeignKey(Device, null=True, blank=True, on_delete=models.CASCADE, related_name="answers")
    parts = models.PositiveSmallIntegerField(null=True, blank=True)
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="device_link_age")]


class DeviceLinkPart(models.Model):
    """A part of the sealed answer, from 0."""

    link = models.ForeignKey(DeviceLink, on_delete=models.CASCADE, related_name="answer")
    number = models.PositiveSmallIntegerField()
    sealed = BytesField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "number"], name="device_link_part_once")]
