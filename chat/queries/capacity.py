"""How many rooms a device may be in."""

from collections.abc import Collection

from django.db.models import Count

from chat.models import STAFF_ROOMS, RoomDevice, RoomKind
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import MAX_DEVICE_CASE_ROOMS, MAX_DEVICE_ROOMS

_CASE_ROOMS = (RoomKind.CASE, *STAFF_ROOMS)


def refuse_too_many_rooms(devices: Collection[int], kind: str) -> None:
    """Raises too_many when one of the devices (primary keys) can come into no further room of that kind.

    Rooms of cases count by themselves: nobody's plea for help may fail on how many conversations anybody has.
    """
    places = RoomDevice.objects.filter(device__in=devices, removed_at=None)
    if kind in _CASE_ROOMS:
        places, most = places.filter(room__kind__in=_CASE_ROOMS), MAX_DEVICE_CASE_ROOMS
    else:
        places, most = places.exclude(room__kind__in=_CASE_ROOMS), MAX_DEVICE_ROOMS
    if places.values("device").annotate(rooms=Count("id")).filter(rooms__gte=most).exists():
        raise ProtocolError(Code.TOO_MANY)
