"""Deleting an account: what is kept about it goes, and its rooms are told."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chat.actions.acts import account_shut_out
from chat.actions.certifying import forget_certificates
from chat.actions.removal import remove_from_all_rooms, settle_newcomers
from chat.actions.rooms import open_room
from chat.delivery.outside import announce_room, cut_off
from chat.models import Account, Device, Room, RoomDevice, RoomKind, WelcomeBlob, direct_pair
from chat.protocol.events import ByeCode, RoomChange


def delete_account(account: Account) -> None:
    """Cuts its devices off, asks its rooms to take their leaves out, and erases every row that is about it.

    What rooms keep for their members stays until those no longer need it: a leaf until a member commits its removal, and
    the log's handshake messages. Call it outside of transactions. Raises unavailable: then the account is suspended at
    most, and the same call can be made again.
    """
    overwrite_what_is_deleted()
    devices = list(Device.objects.filter(account=account).values_list("pk", flat=True))
    with transaction.atomic():
        # From here on nothing can be begun in its name, not even in its cases; its token still serves to finish this.
        Room.objects.filter(person=account).update(person=None)
        Account.objects.filter(pk=account.pk, suspended_at=None).update(suspended_at=timezone.now())
        settle_newcomers(devices)
    cut_off(devices, ByeCode.DELETED)
    remove_from_all_rooms(devices)
    _end_empty_rooms(devices)
    _forget_pairs(account)
    network, gone = account.network_id, account.id
    _erase(account)
    account_shut_out.send(None, network=network, account=gone)


def overwrite_what_is_deleted() -> None:
    """From now on, on this thread: what SQLite deletes is overwritten in the file too."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _end_empty_rooms(devices: Collection[int]) -> None:
    """A group that nobody is left in cannot take the leaves out: it goes. An open room starts anew under another id."""
    inside = RoomDevice.objects.filter(room=OuterRef("pk"), removed_at=None)
    rooms = Room.objects.filter(room_devices__device__in=devices).filter(~Exists(inside)).distinct()
    for room in list(rooms.values_list("pk", flat=True)):
        _end_room(room)


def _end_room(pk: UUID) -> None:
    with transaction.atomic():
        room = Room.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if room is None or RoomDevice.objects.filter(room=room, removed_at=None).exists():
            return
        room.delete()
        again = None if room.kind != RoomKind.OPEN else open_room(room.network, room.title or "")
    if again is not None:
        announce_room(again.network_id, pk, RoomChange.CLOSED)
        announce_room(again.network_id, again.pk, RoomChange.OPENED)


def _forget_pairs(account: Account) -> None:
    """A direct room's pair, or a self room's, is a hash that names the account to whoever knows its id."""
    others = Account.objects.filter(network=account.network_id).values_list("pk", flat=True)
    rooms = Room.objects.filter(direct_pair__in=[direct_pair(account.pk, other) for other in others])
    rooms.filter(epoch=0).delete()
    rooms.update(direct_pair=None)


def _erase(account: Account) -> None:
    """Everything else hangs on these rows. A place that is still active would be refused (`a_place_of_nobody_is_pending`)."""
    with transaction.atomic():
        waiting = WelcomeBlob.objects.filter(items__device__account=account)
        welcomes = list(waiting.values_list("pk", flat=True).distinct())
        forget_certificates(account.pk)
        Device.objects.filter(account=account).delete()
        Account.objects.filter(pk=account.pk).delete()
        WelcomeBlob.objects.filter(pk__in=welcomes, items=None).delete()
