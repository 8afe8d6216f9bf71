"""Storing a judged commit: the entry, the new epoch, and everything that follows from who came and went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from chat.access import access_room_invite
from chat.delivery.commits import Known, pending_seqs, whom_it_may_add
from chat.delivery.log import COMMIT, Batch, Change, accepted, now_ms, packed
from chat.delivery.removals import proposal
from chat.delivery.statements import EntryRow, StoredRow, statements
from chat.delivery.writer import Again
from chat.mls.commit import CommitReader
from chat.mls.facts import CommitFacts
from chat.mls.framing import SenderType
from chat.models import (
    Device,
    Entry,
    HandedOut,
    InboxItem,
    Room,
    RoomBar,
    RoomDevice,
    RoomInvite,
    WelcomeBlob,
    within_reach,
)
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.frames import Commit
from chat.queries.capacity import refuse_too_many_rooms


@dataclass(slots=True)
class _Work:
    known: Known
    frame: Commit
    facts: CommitFacts
    seq: int
    at: int
    rows: list[EntryRow] = field(default_factory=list)


def earlier(device: int, frame: Commit) -> bytes | None:
    """The `accepted` frame that a repeated commit got the first time, for a device that is in the room and may have sent it.

    None for everybody else, who must learn from no answer whether the log has it: the frame is then judged like any other.
    """
    room = UUID(bytes=frame.room)
    place = (
        RoomDevice.objects.filter(within_reach(), room=room, device=device, removed_at=None, device__revoked_at=None)
        .select_related("device")
        .first()
    )
    stored = Entry.objects.filter(room=room, entry_id=frame.id, kind=COMMIT).first() if place is not None else None
    if place is None or stored is None or bytes(stored.payload) != frame.commit or not _may_have_sent(place, stored):
        return None
    return accepted(frame.id, room, StoredRow(stored.seq, stored.accepted_at, stored.frank, stored.hub_key))


def _may_have_sent(place: RoomDevice, stored: Entry) -> bool:
    """Whether the commit, which names its sender, may be of the device that has this place."""
    commit = CommitReader(bytes(stored.payload)).read()
    if commit.framing.sender_type == SenderType.MEMBER:
        return commit.framing.sender == place.leaf and place.joined_seq < stored.seq
    device = place.device
    return (
        device is not None
        and commit.path is not None
        and commit.path.leaf.member.client_id == device.client_id(settings.DOMAIN)
    )


def store(known: Known, frame: Commit, facts: CommitFacts, owner: Any) -> tuple[bytes | None, list[Batch]]:
    """Makes the commit durable with all it changes, in one transaction of the writer's.

    Returns the `accepted` frame when this very commit was stored before; else the batch that answers its owner.

    Raises ProtocolError (stale_epoch, not_in_room, malformed, too_many, an invite's state) or Again.
    """
    room_id = known.room.id
    sql = statements()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        locked = sql.lock_rooms(cursor, [room_id]).get(room_id)
        if locked is None:
            raise ProtocolError(Code.NOT_IN_ROOM)
        if locked.epoch != known.room.epoch:
            repeated = earlier(known.device.pk, frame)
            if repeated is not None:
                return repeated, []
            raise ProtocolError(Code.STALE_EPOCH, epoch=locked.epoch)
        _check_again(known, facts)
        if Entry.objects.filter(room=room_id, entry_id=frame.id).exists():
            raise ProtocolError(Code.MALFORMED, "another entry has this id")
        work = _Work(known, frame, facts, locked.head + 1, now_ms())
        key_id, _ = settings.HUB_KEYS.newest()
        work.rows.append(
            EntryRow(room_id, work.seq, COMMIT, frame.epoch, frame.id, frame.commit, None, None, key_id, work.at)
        )
        _use_invite(known)
        removed = _take_out(work)
        added = _bring_in(work)
        _propose_again(work)
        sql.insert(cursor, work.rows)
        Room.objects.filter(id=room_id).update(
            epoch=facts.epoch,
            head=locked.head + len(work.rows),
            group_info=frame.group_info,
            first_sendable=_first_sendable(work, locked.first_sendable),
        )
    batch = Batch(room_id, work.seq, [packed(row) for row in work.rows])
    batch.owners.append((0, owner, accepted(frame.id, room_id, work.rows[0])))
    batch.change = Change(added, removed, frame.welcome or b"", work.seq)
    return None, [batch]


def _check_again(known: Known, facts: CommitFacts) -> None:
    """What could have changed without a new epoch: removals, the room's rules, the sender's own place, suspension."""
    if pending_seqs(known.room.id) != known.pending.keys():
        raise Again
    if facts.added or not known.placed:
        room = Room.objects.only("kind", "members_may_add").get(id=known.room.pk)
        if whom_it_may_add(known.device, room) != (known.may_add, known.kept_out):
            raise Again
    if not _active(known, [known.device.pk]):
        raise ProtocolError(Code.NOT_IN_ROOM)


def _use_invite(known: Known) -> None:
    if known.via_invite is None:
        return
    invite = access_room_invite(known.device, known.via_invite)
    used = RoomInvite.objects.filter(id=invite.id, revoked_at=None, used__lt=F("uses")).update(used=F("used") + 1)
    if not used:
        raise ProtocolError(Code.INVITE_USED)


def _take_out(work: _Work) -> frozenset[int]:
    """Ends the places of those removed; a device that takes a new leaf keeps its place."""
    own = work.known.member.client_id
    leaves = [seat.leaf for seat in work.facts.removed if seat.member.client_id != own]
    places: dict[int, int | None] = dict(
        RoomDevice.objects.filter(room=work.known.room, leaf__in=leaves).values_list("id", "device_id")
    )
    RoomDevice.objects.filter(id__in=places).delete()
    return frozenset(device for device in places.values() if device is not None)


def _bring_in(work: _Work) -> dict[int, int]:
    """Gives newcomers their places and their Welcome. Returns each one's inbox seq, 0 for the sender itself."""
    facts, known = work.facts, work.known
    devices = {known.offered[ref][0]: seat.leaf for ref, seat in zip(facts.key_packages, facts.added, strict=True)}
    added: dict[int, int] = {}
    came_by_itself = (facts.external and not facts.resynced) or not RoomDevice.objects.filter(
        room=known.room, device=known.device, removed_at=None
    ).exists()
    _lock_newcomers(known, [*devices, known.device.pk] if came_by_itself else list(devices))
    if devices:
        refuse_too_many_rooms(list(devices), known.room.kind)
        added = _deliver_welcome(work, list(devices))
        HandedOut.objects.filter(room=known.room, ref__in=facts.key_packages).delete()
        RoomBar.objects.filter(room=known.room, account__devices__in=list(devices), decided=False).delete()
    if came_by_itself:
        refuse_too_many_rooms([known.device.pk], known.room.kind)
        devices[known.device.pk] = facts.sender.leaf
        added[known.device.pk] = 0
    else:
        RoomDevice.objects.filter(room=known.room, device=known.device).update(leaf=facts.sender.leaf)
        # A founder has had a place since the room was made, which may be later than its socket's hello.
        if facts.resynced or known.room.epoch == 0:
            added[known.device.pk] = 0
    RoomDevice.objects.bulk_create(
        [
            RoomDevice(room=known.room, device_id=device, leaf=leaf, joined_seq=work.seq)
            for device, leaf in devices.items()
        ],
        update_conflicts=True,
        unique_fields=["room", "device"],
        update_fields=["leaf", "joined_seq", "removed_at", "removal_seq"],
    )
    return added


def _active(known: Known, devices: Collection[int]) -> bool:
    """Whether all of them may be in the room: a suspended account only where the room is its own case's."""
    at_home = Q(account__suspended_at=None) | Q(account__in=Room.objects.filter(id=known.room.pk).values("person"))
    return Device.objects.filter(at_home, id__in=devices, revoked_at=None).count() == len(set(devices))


def _lock_newcomers(known: Known, devices: list[int]) -> None:
    """Whoever is revoked or suspended from here on waits for this commit, and then finds the place that it made.

    Locked in one order, so that two commits that add the same devices to two rooms never wait for each other.
    Raises Again when one is no longer active.
    """
    list(Device.objects.select_for_update(no_key=True).filter(id__in=devices).order_by("id").values_list("id"))
    if not _active(known, devices):
        raise Again


def _deliver_welcome(work: _Work, devices: list[int]) -> dict[int, int]:
    _forget_earlier(work.known.room.pk, devices)
    blob = WelcomeBlob.objects.create(payload=work.frame.welcome or b"")
    heads = Device.objects.filter(id__in=devices).values_list("id", "inbox_head")
    seqs = {device: head + 1 for device, head in heads}
    Device.objects.filter(id__in=devices).update(inbox_head=F("inbox_head") + 1)
    InboxItem.objects.bulk_create(
        [
            InboxItem(device_id=device, seq=seq, room=work.known.room, entry_seq=work.seq, welcome=blob)
            for device, seq in seqs.items()
        ]
    )
    return seqs


def _forget_earlier(room: UUID, devices: list[int]) -> None:
    """Of a room one Welcome waits for a device: those of an earlier time in it open nothing that can still be read."""
    earlier = InboxItem.objects.filter(room=room, device__in=devices)
    welcomes = list(earlier.values_list("welcome_id", flat=True))
    if welcomes:
        earlier.delete()
        WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()


def _first_sendable(work: _Work, before: int) -> int:
    """The first epoch without those who went with this commit, or who are still to go."""
    facts = work.facts
    if facts.outstanding:
        return facts.epoch + 1
    gone = any(seat.member.client_id != work.known.member.client_id for seat in facts.removed)
    return facts.epoch if gone else before


def _propose_again(work: _Work) -> None:
    """Removals that an external commit could not carry out are proposed anew for the epoch that it began."""
    room = work.known.room
    for seq, removal in enumerate(work.facts.outstanding, work.seq + 1):
        work.rows.append(proposal(room.id, seq, work.facts.epoch, removal.leaf, work.at))
        RoomDevice.objects.filter(room=room, leaf=removal.leaf, removed_at__isnull=False).update(removal_seq=seq)
