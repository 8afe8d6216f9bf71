"""A commit on its way: what the server knows is read, the commit is judged, and what it changes is stored.

The three steps run in a reader's thread, a reader's thread, and the writer's. What was read is checked again under the
room's lock, so that of commits that race for an epoch one wins and the others learn that they lost.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from chat.access import access_accounts_for, access_room_to_join, kept_out, may_add
from chat.delivery.removals import external_sender
from chat.mls.errors import MlsCode, MlsError
from chat.mls.external import PendingRemoval, pending_removal
from chat.mls.facts import CommitContext, CommitFacts
from chat.mls.group import GroupState, open_group_info
from chat.mls.identity import Member
from chat.mls.rules import judge_commit
from chat.models import STAFF_ROOMS, Device, Entry, HandedOut, Room, RoomDevice, RoomKind, direct_pair, within_reach
from chat.protocol import limits
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.frames import Commit

MAX_COMMIT = limits.MAX_PAGE_BYTES - 512
"""Bytes of the commit itself: it has to fit into a page."""
MAX_CACHED_LEAVES = 50_000

_PEOPLE: dict[str, int] = {RoomKind.DIRECT: 2, RoomKind.SELF: 1}
"""Rooms that hold no more accounts than this."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the server knows of the room and the sender when it judges a commit.

    `pending` maps each pending removal's entry seq to what it asks for; `offered` gives the device of each key
    package that was handed out for this room. `placed` says whether the device is in the room already; `via_invite`
    is set when its account comes in by a room invite. `may_add` and `kept_out` say whom its account may bring in.
    """

    room: Room
    device: Device
    member: Member
    placed: bool
    pending: dict[int, PendingRemoval]
    offered: dict[bytes, tuple[int, Member]]
    via_invite: bytes | None
    may_add: bool
    kept_out: frozenset[UUID]


class Groups:
    """Recently used group states, each of its room's current epoch, bounded by their leaves together."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._states: OrderedDict[UUID, GroupState] = OrderedDict()
        self._leaves = 0

    def get(self, room: Room) -> GroupState | None:
        """None for a room at epoch 0."""
        if room.epoch == 0:
            return None
        with self._lock:
            state = self._states.get(room.id)
            if state is not None and state.epoch == room.epoch:
                self._states.move_to_end(room.id)
                return state
        state = open_group_info(room.group_info or b"")  # stored with every epoch
        self.put(room.id, state)
        return state

    def put(self, room: UUID, state: GroupState) -> None:
        with self._lock:
            old = self._states.pop(room, None)
            self._states[room] = state
            self._leaves += len(state.roster) - (len(old.roster) if old is not None else 0)
            while self._leaves > MAX_CACHED_LEAVES and len(self._states) > 1:
                _, oldest = self._states.popitem(last=False)
                self._leaves -= len(oldest.roster)


def know(device_id: int, frame: Commit) -> Known:
    """Reads what judging needs. Raises who-may errors, and stale_epoch for an epoch that has passed."""
    if len(frame.commit) > MAX_COMMIT:
        raise ProtocolError(Code.TOO_LARGE)
    device = Device.objects.select_related("account").get(id=device_id)
    if device.revoked_at is not None:
        raise ProtocolError(Code.UNAUTHENTICATED)
    room_id = UUID(bytes=frame.room)
    room = Room.objects.filter(id=room_id, network=device.account.network_id).first()
    placed = RoomDevice.objects.filter(room=room_id, device=device, removed_at=None).exists()
    # Whoever is suspended stays in the rooms of their own cases, but comes into none by themselves.
    if device.account.suspended and not (placed and room is not None and room.person_id == device.account_id):
        raise ProtocolError(Code.SUSPENDED)
    if room is None:
        raise ProtocolError(Code.NOT_IN_ROOM)
    via_invite = None if placed else _way_in(room, device, frame.invite)
    if frame.epoch < room.epoch:
        raise ProtocolError(Code.STALE_EPOCH, epoch=room.epoch)
    member = Member(device.client_id(settings.DOMAIN), device.signature_key)
    may, kept_out = whom_it_may_add(device, room)
    return Known(room, device, member, placed, _pending(room), _offered(room), via_invite, may, kept_out)


def whom_it_may_add(device: Device, room: Room) -> tuple[bool, frozenset[UUID]]:
    """Whether the device may bring in people of other accounts, and which accounts it may not bring in."""
    return may_add(device.account, room), frozenset(kept_out(device.account, room)) | _strangers(device, room)


def _strangers(device: Device, room: Room) -> frozenset[UUID]:
    """Accounts whose packages were handed out for a case's or the staff's room and that may no longer come: staff no more."""
    if room.kind not in (RoomKind.CASE, *STAFF_ROOMS):
        return frozenset()
    offered = set(HandedOut.objects.filter(room=room).values_list("device__account", flat=True))
    return frozenset(offered - {account.id for account in access_accounts_for(device, room, offered)})


def _way_in(room: Room, device: Device, secret: bytes | None) -> bytes | None:
    """How a device that is not in the room may come in: None when the room is open or its account is in already."""
    if room.epoch == 0 and room.kind != RoomKind.OPEN:
        raise ProtocolError(Code.NOT_IN_ROOM)
    try:
        access_room_to_join(device, room.id, secret)
    except ProtocolError as refusal:
        raise (ProtocolError(Code.NOT_IN_ROOM) if refusal.code is Code.NOT_FOUND else refusal) from None
    return None if room.kind == RoomKind.OPEN or _account_placed(device, room.id) else secret


def _account_placed(device: Device, room: UUID) -> bool:
    return RoomDevice.objects.filter(room=room, device__account=device.account_id, removed_at=None).exists()


def pending_seqs(room: UUID) -> set[int]:
    """Seqs of the proposals, for the pending removals of a room."""
    waiting = RoomDevice.objects.filter(room=room, removed_at__isnull=False, removal_seq__isnull=False)
    return {seq for seq in waiting.values_list("removal_seq", flat=True) if seq is not None}


def _pending(room: Room) -> dict[int, PendingRemoval]:
    seqs = pending_seqs(room.id)
    payloads = Entry.objects.filter(room=room, seq__in=seqs).values_list("seq", "payload")
    found = {seq: pending_removal(bytes(payload)) for seq, payload in payloads}
    # One of an older epoch was read while a commit was being stored; under the lock that will be noticed.
    return {seq: removal for seq, removal in found.items() if removal.epoch == room.epoch}


def _offered(room: Room) -> dict[bytes, tuple[int, Member]]:
    packages = HandedOut.objects.filter(
        within_reach(),
        room=room,
        expires_at__gt=timezone.now(),
        device__revoked_at=None,
        device__account__network=room.network_id,
    ).select_related("device")
    return {
        bytes(package.ref): (
            package.device_id,
            Member(package.device.client_id(settings.DOMAIN), package.device.signature_key),
        )
        for package in packages
    }


def judge(known: Known, frame: Commit, groups: Groups, now: datetime) -> CommitFacts:
    """Raises ProtocolError: bad_commit with the rule, malformed, stale_epoch, pending_removal, room_full, too_large."""
    room = known.room
    before = groups.get(room)
    accounts = {member.account for _, member in known.offered.values()}
    if room.kind in _PEOPLE:
        own = known.device.account_id
        there = {member.account for member in before.roster.values()} if before is not None else set()
        accounts = {a for a in accounts if a == own or a in there or direct_pair(own, a) == room.direct_pair}
    if not known.may_add:
        accounts &= {known.device.account_id}
    accounts -= known.kept_out - {known.device.account_id}
    context = CommitContext(
        group_id=room.id.bytes,
        server_key=external_sender().public_key().public_bytes_raw(),
        sender=known.member,
        now=int(now.timestamp()),
        pending=tuple(known.pending.values()),
        offered={ref: member for ref, (_, member) in known.offered.items()},
        may_be_added=accounts,
        may_enter={known.device.account_id},
    )
    try:
        facts = judge_commit(frame.commit, frame.group_info, frame.welcome, before, context)
    except MlsError as error:
        raise _refusal(error, room.epoch) from None
    if not known.placed and not facts.external and room.epoch:
        raise ProtocolError(Code.NOT_IN_ROOM)
    if frame.epoch != room.epoch:
        raise ProtocolError(Code.BAD_COMMIT, detail=MlsCode.FUTURE_EPOCH.value)
    if len(facts.roster) > limits.MAX_ROOM_DEVICES:
        raise ProtocolError(Code.ROOM_FULL)
    most = _PEOPLE.get(room.kind)
    if most is not None and len({member.account for member in facts.roster.values()}) > most:
        raise ProtocolError(Code.ROOM_FULL)
    return facts


def outdated(known: Known) -> bool:
    """Whether the room has moved on since: then what was read may be of two moments, and a refusal rest on that."""
    epoch = Room.objects.filter(id=known.room.id).values_list("epoch", flat=True).first()
    return epoch != known.room.epoch or pending_seqs(known.room.id) != known.pending.keys()


def _refusal(error: MlsError, epoch: int) -> ProtocolError:
    match error.code:
        case MlsCode.STALE_EPOCH:
            return ProtocolError(Code.STALE_EPOCH, epoch=epoch)
        case MlsCode.PENDING_REMOVAL:
            return ProtocolError(Code.PENDING_REMOVAL)
        case MlsCode.TOO_LARGE:
            return ProtocolError(Code.TOO_LARGE)
        case MlsCode.MALFORMED:
            return ProtocolError(Code.MALFORMED, error.detail)
        case _:
            return ProtocolError(Code.BAD_COMMIT, error.detail, detail=error.code.value)
