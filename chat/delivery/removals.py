"""Removal by the server: delivery ends at once, and an external Remove proposal asks members to take the leaf out."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chat.delivery.log import PROPOSAL, Batch, Change, now_ms, packed
from chat.delivery.statements import EntryRow, statements
from chat.mls.external import external_remove
from chat.models import Room, RoomDevice

EXTERNAL_SENDER_INDEX = 0


@dataclass(frozen=True, slots=True)
class Removal:
    """What to tell sockets: devices that get nothing more of the room, and the proposals that say so, if any."""

    room: UUID
    devices: frozenset[int]
    batch: Batch | None


@cache
def external_sender() -> Ed25519PrivateKey:
    """The server's key, in every group's external_senders."""
    return Ed25519PrivateKey.from_private_bytes(settings.EXTERNAL_SENDER_SEED)


def proposal(room: UUID, seq: int, epoch: int, leaf: int, accepted_ms: int) -> EntryRow:
    """The log entry that proposes to remove a leaf in that epoch."""
    payload = external_remove(room.bytes, epoch, leaf, EXTERNAL_SENDER_INDEX, external_sender())
    key_id, _ = settings.HUB_KEYS.newest()
    return EntryRow(room, seq, PROPOSAL, epoch, os.urandom(16), payload, None, None, key_id, accepted_ms)


def remove_devices(room: UUID, devices: Collection[int]) -> Removal:
    """Ends the devices' places in the room, in a transaction of its own. Those without one are passed over."""
    sql = statements()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        locked = sql.lock_rooms(cursor, [room]).get(room)
        if locked is None:
            return Removal(room, frozenset(), None)
        found = RoomDevice.objects.filter(room=room, device__in=devices, removed_at=None).order_by("leaf")
        taken = list(found)
        gone = frozenset(place.device_id for place in taken if place.device_id is not None)
        in_tree = [place for place in taken if place.leaf is not None] if locked.epoch else []
        RoomDevice.objects.filter(id__in=[place.pk for place in taken if place not in in_tree]).delete()
        if not in_tree:
            return Removal(room, gone, None)
        at, now = now_ms(), timezone.now()
        rows: list[EntryRow] = []
        for seq, place in enumerate(in_tree, locked.head + 1):
            rows.append(proposal(room, seq, locked.epoch, place.leaf or 0, at))
            place.removed_at, place.removal_seq = now, seq
        sql.insert(cursor, rows)
        sql.set_heads(cursor, [(room, locked.head + len(rows))])
        Room.objects.filter(id=room).update(first_sendable=locked.epoch + 1)
        RoomDevice.objects.bulk_update(in_tree, ["removed_at", "removal_seq"])
    batch = Batch(room, locked.head + 1, [packed(row) for row in rows], change=Change(removed=gone))
    return Removal(room, gone, batch)
