"""Who is staff, what of it they may do, and whom and what of their network they get."""

from typing import TypeVar
from uuid import UUID

from chat.models import Account, Device, Network, Role, Room, RoomKind
from chat.protocol.errors import Code, ProtocolError
from moderation.models import HAND_OVER, Kind, Rights, Rules

T = TypeVar("T")
_SECOND_FOR = (Kind.BAN.value, HAND_OVER)
STAFF = (Role.MODERATOR, Role.COORDINATOR)


def access_as_staff(device: Device) -> Account:
    """Raises forbidden."""
    if not device.account.is_staff:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account


def access_as_coordinator(device: Device) -> Account:
    """Raises forbidden."""
    if device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account


def access_member_of_network(device: Device, account: UUID) -> Account:
    """An account of the caller's network, for staff. Raises forbidden or not_found."""
    network = access_as_staff(device).network_id
    return or_not_found(Account.objects.select_related("network").filter(id=account, network=network).first())


def access_room_of_network(device: Device, room: UUID) -> Room:
    """A room of the caller's network in which people talk, for staff. Raises forbidden or not_found."""
    found = Room.objects.filter(id=room, network=access_as_staff(device).network_id)
    return or_not_found(found.filter(kind__in=(RoomKind.OPEN, RoomKind.GROUP, RoomKind.DIRECT)).first())


def access_published_network(network: UUID) -> Network:
    """One whose report everybody may read. Raises not_found, for one that does not exist and one that is not public alike."""
    return or_not_found(Network.objects.filter(id=network, public_report__isnull=False).first())


def second_for(network: UUID) -> list[str]:
    """The kinds of decisions, and `hand_over`, that wait for a second moderator there."""
    rules = Rules.objects.filter(network=network).first()
    return list(_SECOND_FOR) if rules is None else list(rules.second_for)


def may(account: Account, right: str) -> bool:
    """Whether a member of the staff has this right: a kind of decision, `export` or `hand_over`. Coordinators have all."""
    if account.role == Role.COORDINATOR:
        return True
    taken = Rights.objects.filter(account=account).first()
    return account.is_staff and (taken is None or right not in taken.denied)


def rights_taken(account: Account) -> list[str]:
    return Rights.objects.filter(account=account).values_list("denied", flat=True).first() or []


def or_not_found(found: T | None) -> T:
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found
