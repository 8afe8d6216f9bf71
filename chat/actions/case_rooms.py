"""Rooms of kind `case`: one account and the staff of its network, for what moderation makes of it.

And of kind `notes`: the staff among themselves, about a case.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from chat.models import Account, Device, Room, RoomBar, RoomDevice, RoomKind


def create_case_room(device: Device, room: UUID, person: Account) -> Room:
    """A room for `person` at epoch 0 with the caller's device at leaf 0.

    Raises IntegrityError when the id is taken. Call it inside a transaction.
    """
    return _create(device, room, RoomKind.CASE, person)


def create_notes_room(device: Device, room: UUID, kept_from: Iterable[UUID]) -> Room:
    """A room at epoch 0 for the staff but `kept_from`, with the caller's device at leaf 0. As `create_case_room`."""
    made = _create(device, room, RoomKind.NOTES, None)
    bar(made, kept_from)
    return made


def _create(device: Device, room: UUID, kind: RoomKind, person: Account | None) -> Room:
    account = device.account
    made = Room(id=room, network=account.network, kind=kind, created_by=account, person=person)
    made.save(force_insert=True)
    RoomDevice.objects.create(room=made, device=device, leaf=0)
    return made


def delete_rooms(rooms: Collection[UUID]) -> dict[UUID, list[int]]:
    """Deletes rooms with all that they hold, though somebody is in them. Returns the devices (primary keys) in each.

    Call it inside a transaction, and `announce_gone` for each after it.
    """
    list(Room.objects.select_for_update(of=("self",)).filter(id__in=rooms).order_by("id").values_list("id"))
    inside: dict[UUID, list[int]] = {room: [] for room in rooms}
    places = RoomDevice.objects.filter(room__in=rooms, removed_at=None, device__isnull=False)
    for room, device in places.values_list("room", "device"):
        inside[room].append(device)
    Room.objects.filter(id__in=rooms).delete()
    return inside


def bar(room: Room, accounts: Iterable[UUID]) -> None:
    """Nobody may bring these accounts into the room: there is no one above its members who could let them in."""
    RoomBar.objects.bulk_create([RoomBar(room=room, account_id=account) for account in sorted(accounts)])
