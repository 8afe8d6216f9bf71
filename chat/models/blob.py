"""What is too large for an entry of a room's log: an encrypted attachment."""

from django.db import models

from chat.models.fields import BytesField
from chat.models.room import Room


class Blob(models.Model):
    """One attachment's ciphertext, for the members of a room. It does not say who brought it, and must never come to.

    `blob` is the 16 bytes that its sender made, so that a retry is stored once; the same may lie in a case's room too.
    `size` is the ciphertext's length in bytes; the row goes after `expires_on`, a day and never a time.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="blobs")
    blob = BytesField(max_length=16)
    size = models.PositiveIntegerField()
    sealed = BytesField()
    expires_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "blob"], name="blob_once_a_room")]
        indexes = [models.Index(fields=["expires_on"], name="blob_age")]
