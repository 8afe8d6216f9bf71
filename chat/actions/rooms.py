"""Making, renaming and leaving rooms. Who is in a room's group is decided by commits alone (chat/delivery)."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.access import access_account, access_network_as_staff
from chat.actions.acts import tell
from chat.actions.removal import hand_on
from chat.delivery.outside import announce_room, remove_places
from chat.models import Account, Device, Network, Room, RoomDevice, RoomKind, RoomSteward, direct_pair, staff_pair
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import RoomChange
from chat.queries.capacity import refuse_too_many_rooms

# Someone who asked for a direct room and then lost their network must not keep the other from asking.
_GIVEN_UP_AFTER = timedelta(seconds=60)


def open_room(network: Network, title: str, *, room: UUID | None = None, created_by: Account | None = None) -> Room:
    """An open room at epoch 0, which belongs to nobody until someone founds its group."""
    made = Room(network=network, kind=RoomKind.OPEN, title=title, created_by=created_by)
    if room is not None:
        made.id = room
    made.save(force_insert=True)
    return made


def create_room(device: Device, room: UUID, kind: str, *, title: str | None = None, peer: UUID | None = None) -> Room:
    """A room at epoch 0; the caller's device has leaf 0 unless it is open. Repeating it gives the same room.

    `title` is given for open rooms alone, `peer` for direct rooms alone. An account has one self room, a network one of
    its staff. Raises forbidden (open or of the staff, and not staff), not_found (a peer whom the caller does not see or
    who is suspended), room_exists, direct_exists (with `room`) or too_many.
    """
    if kind in (RoomKind.OPEN, RoomKind.STAFF):
        access_network_as_staff(device)
    pair = _pair_with(device, peer) if peer is not None else None
    if kind == RoomKind.SELF:
        pair = direct_pair(device.account_id, device.account_id)
    if kind == RoomKind.STAFF:
        pair = staff_pair(device.account.network_id)
    repeated = _repeated(device, room, kind, title, pair)
    if repeated is not None:
        return repeated
    try:
        with transaction.atomic():
            made = _make(device, room, kind, title, pair)
    except IntegrityError:
        # Someone made the room, or the direct room of the two, at the same moment.
        repeated = _repeated(device, room, kind, title, pair)
        if repeated is not None:
            return repeated
        _refuse_second_direct(pair)
        raise ProtocolError(Code.ROOM_EXISTS) from None
    if kind == RoomKind.OPEN:
        announce_room(made.network_id, made.id, RoomChange.OPENED)
    return made


def _make(device: Device, room: UUID, kind: str, title: str | None, pair: str | None) -> Room:
    network = device.account.network
    if title is not None:
        tell(network.id, device.account, "room_opened", detail=str(room))
        return open_room(network, title, room=room, created_by=device.account)
    if pair is not None:
        _give_up_unfounded(device, pair)
        _refuse_second_direct(pair)
    # Each waits for those before it and counts their rooms. After a room, as commits do, which lock rooms before devices.
    list(Device.objects.select_for_update(no_key=True).filter(pk=device.pk).values_list("pk"))
    refuse_too_many_rooms([device.pk], kind)
    made = Room(id=room, network=network, kind=kind, direct_pair=pair, created_by=device.account)
    made.save(force_insert=True)
    RoomDevice.objects.create(room=made, device=device, leaf=0)
    if kind == RoomKind.GROUP:
        RoomSteward.objects.create(room=made, account=device.account)
    return made


def _pair_with(device: Device, peer: UUID) -> str:
    account = access_account(device, peer)
    if account.id == device.account_id or account.suspended:
        raise ProtocolError(Code.NOT_FOUND)
    return direct_pair(device.account_id, account.id)


def _repeated(device: Device, room: UUID, kind: str, title: str | None, pair: str | None) -> Room | None:
    """The room that the very same request made before. Raises room_exists when the id is something else's."""
    found = Room.objects.filter(id=room).first()
    if found is None:
        return None
    same = (
        found.created_by_id == device.account_id
        and (found.kind, found.title, found.direct_pair) == (kind, title, pair)
        and (kind == RoomKind.OPEN or RoomDevice.objects.filter(room=found, device=device, removed_at=None).exists())
    )
    if not same:
        raise ProtocolError(Code.ROOM_EXISTS)
    return found


def _give_up_unfounded(device: Device, pair: str) -> None:
    stale = Room.objects.select_for_update().filter(direct_pair=pair, epoch=0).first()
    if stale is None:
        return
    # Other devices make their person's self room, or the staff's, no less at the same time than two people their direct one.
    own = stale.created_by_id == device.account_id and stale.kind == RoomKind.DIRECT
    if own or stale.created_at <= timezone.now() - _GIVEN_UP_AFTER:
        stale.delete()


def _refuse_second_direct(pair: str | None) -> None:
    existing = Room.objects.filter(direct_pair=pair).first() if pair is not None else None
    if existing is not None:
        raise ProtocolError(Code.DIRECT_EXISTS, room=str(existing.id))


def rename_room(room: Room, title: str, by: Account) -> Room:
    """Gives an open room another title and tells the network's devices."""
    with transaction.atomic():
        Room.objects.filter(pk=room.pk).update(title=title)
        tell(room.network_id, by, "room_renamed", detail=str(room.id))
    room.title = title
    announce_room(room.network_id, room.id, RoomChange.RENAMED)
    return room


def leave_room(device: Device, room: Room) -> None:
    """Takes all the caller's devices out: delivery stops at once, the next online member commits their removal.

    The last steward of a group is followed by whoever has been there for longest. A direct room that one of two has
    left no longer keeps them from a new one. The staff's room stays the staff's.
    """
    places = RoomDevice.objects.filter(room=room, device__account=device.account_id, removed_at=None)
    if room.direct_pair is not None and room.kind != RoomKind.STAFF:
        Room.objects.filter(pk=room.pk).update(direct_pair=None)
    if room.epoch > 0:
        _take_out(room, places)
        return
    # No group exists yet, so there is nothing to commit and nobody else to tell.
    with transaction.atomic():
        unfounded = Room.objects.select_for_update().filter(pk=room.pk, epoch=0).first()
        if unfounded is not None:
            unfounded.delete()
            return
    _take_out(room, places)


def _take_out(room: Room, places: QuerySet[RoomDevice]) -> None:
    remove_places(room.id, list(places.values_list("device", flat=True)))
    hand_on([room.id])
