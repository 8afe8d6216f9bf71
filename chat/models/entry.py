"""The log of each room."""

from django.db import models

from chat.models.fields import BytesField
from chat.models.room import Room


class EntryKind(models.IntegerChoices):
    APPLICATION = 0
    COMMIT = 1
    PROPOSAL = 2


class Entry(models.Model):
    """One item of a room's log. It does not say who sent it, and must never come to.

    `entry_id` is the 16 bytes that the sender made, so that a retry is stored once; `tag` and `frank` are
    32 bytes each, on application entries only; `accepted_at` is milliseconds since 1970 UTC.
    """

    # No index of its own: those of the constraints begin with the room.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    kind = models.PositiveSmallIntegerField(choices=EntryKind.choices)
    epoch = models.BigIntegerField()
    entry_id = BytesField(max_length=16)
    payload = BytesField()
    tag = BytesField(max_length=32, null=True, blank=True)
    frank = BytesField(max_length=32, null=True, blank=True)
    hub_key = models.PositiveSmallIntegerField()
    accepted_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="entry_seq_once_a_room"),
            models.UniqueConstraint(fields=["room", "entry_id"], name="entry_id_once_a_room"),
        ]


class EntryMark(models.Model):
    """Entries with primary keys up to `entry` were in the log when so much time had passed since there was a log.

    `passed_ms` counts the time for which a server runs (chat/delivery/ages.py), `wall_ms` is what the wall clock said then
    as far as it was believed: milliseconds since 1970 UTC.
    """

    passed_ms = models.BigIntegerField(primary_key=True)
    wall_ms = models.BigIntegerField()
    entry = models.BigIntegerField()
