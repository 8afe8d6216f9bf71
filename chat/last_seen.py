"""On which day a device was last here: for its person to read, and sealed, for who was not here on a day wrote nothing on it."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from chat.models import Device
from chat.sealing import NotOpened, seal, unseal

_INFO = b"kindred last seen v1"
_NEVER = 0


def seal_last_seen(account: UUID, hex_: str, day: date | None = None) -> bytes:
    """For the device of that name; of one length for every day and for none."""
    return seal(_INFO, uuid5(account, hex_), (_NEVER if day is None else day.toordinal()).to_bytes(4))


def last_seen(device: Device) -> date | None:
    """None where it was never here, and where that cannot be opened any more."""
    try:
        day = int.from_bytes(unseal(_INFO, uuid5(device.account_id, device.hex), device.last_seen))
    except NotOpened:
        return None
    return None if day == _NEVER else date.fromordinal(day)
