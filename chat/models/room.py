"""Rooms (one MLS group each) and the devices in them."""

import hashlib
import uuid

from django.db import models

from chat.models.account import Account, Device
from chat.models.fields import BytesField
from chat.models.network import Network


class RoomKind(models.TextChoices):
    OPEN = "open"
    GROUP = "group"
    DIRECT = "direct"
    CASE = "case"
    SELF = "self"
    STAFF = "staff"
    NOTES = "notes"


STAFF_ROOMS = (RoomKind.STAFF, RoomKind.NOTES)
"""Rooms in which the staff of a network are among themselves: of all of them, and for the notes on one case."""


def direct_pair(one: uuid.UUID, other: uuid.UUID) -> str:
    """SHA-256 over the two account ids in order, as 64 hex digits: the same for both. A self room's are the same two."""
    return hashlib.sha256(b"".join(sorted((one.bytes, other.bytes)))).hexdigest()


def staff_pair(network: uuid.UUID) -> str:
    """What stands for the two of a direct room in the room of a network's staff, so that there is one."""
    return hashlib.sha256(b"staff" + network.bytes).hexdigest()


def within_reach() -> models.Q:
    """Of rows with a `device` and a `room`: a suspended account has those of its own cases alone, others have all."""
    return models.Q(device__account__suspended_at=None) | models.Q(room__person=models.F("device__account"))


class Room(models.Model):
    """One MLS group; `id` is its group id. Only an `open` room has a title: others' names are known to members alone.

    `epoch` is the group's, 0 until the first commit was accepted; `head` is the log's last seq;
    `group_info` is the MLSMessage that came with the last commit; `suite` an RFC 9420 cipher suite;
    `direct_pair` is `direct_pair()` of the two accounts, so that two people have one direct room and an account one
    self room, in which its own devices tell one another what its person changes; `staff_pair()` for a network's staff room;
    `members_may_add` is a group's rule: whether those who do not look after it may add and invite people;
    `first_sendable` is the first epoch whose keys nobody has who was removed since, or is being removed;
    `person` is whom a room of kind `case` is there for: everybody else in it is staff, and a suspension does not end it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="rooms")
    kind = models.CharField(max_length=6, choices=RoomKind.choices)
    title = models.CharField(max_length=80, null=True, blank=True)
    epoch = models.BigIntegerField(default=0)
    head = models.BigIntegerField(default=0)
    group_info = BytesField(null=True, blank=True)
    suite = models.PositiveSmallIntegerField(default=3)
    direct_pair = models.CharField(max_length=64, null=True, blank=True, unique=True)
    members_may_add = models.BooleanField(default=True)
    first_sendable = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="rooms_made")
    person = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="case_rooms")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="open", title__isnull=False) | (~models.Q(kind="open") & models.Q(title=None)),
                name="only_open_rooms_have_a_title",
            ),
        ]

    @property
    def opened(self) -> bool:
        """Whether the group exists: its first commit was accepted."""
        return self.epoch > 0


class RoomDevice(models.Model):
    """A device in a room's tree at `leaf` (null until a commit put it there).

    It may read entries with seq > `joined_seq`; how far it has come is sealed in the room's `RoomProgress`.
    A pending removal has `removed_at` set: the device gets nothing more, and the external Remove proposal
    for its leaf is the entry `removal_seq`. The row goes when a commit takes the leaf out of the tree.
    Of a deleted account no more than such a leaf is left: then there is no `device`.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="room_devices")
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.SET_NULL, related_name="room_devices")
    leaf = models.PositiveIntegerField(null=True, blank=True)
    joined_seq = models.BigIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)
    removal_seq = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "device"], name="device_once_a_room"),
            models.CheckConstraint(
                condition=models.Q(device__isnull=False)
                | models.Q(removed_at__isnull=False, removal_seq__isnull=False),
                name="a_place_of_nobody_is_pending",
            ),
        ]


class RoomProgress(models.Model):
    """How far the devices of a room have come, which would name the sender of what others lack: sealed (chat/progress.py)."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="progress")
    sealed = BytesField()
