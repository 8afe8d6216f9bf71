"""How many rooms a device may be in."""

from collections.abc import Collection

from django.db.models import Count

from chat.models import STAFF_ROOMS, RoomDevice, RoomKind
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import MAX_DEVICE_ROOMS

_UNCOUNTED = (RoomKind.CASE, *STAFF_ROOMS)


def refuse_too_many_rooms(devices: Collection[int], kind: str) -> None:
    """Raises too_many when one of the devices (primary keys) can come into no further room of that kind.

    Rooms of cases, notes and staff are neither counted nor refused: whoever asks for help brings in all of the staff, and
    must not fail on how many rooms somebody else's phone is in. How many cases an account may open bounds them instead.
    """
    if kind in _UNCOUNTED:
        return
    places = RoomDevice.objects.filter(device__in=devices, removed_at=None).exclude(room__kind__in=_UNCOUNTED)
    if places.values("device").annotate(rooms=Count("id")).filter(rooms__gte=MAX_DEVICE_ROOMS).exists():
        raise ProtocolError(Code.TOO_MANY)
