"""Whom it concerns who works on a network's cases."""

from collections.abc import Collection
from uuid import UUID

from chat.models import Account, Role, RoomDevice, RoomKind

STAFF = (Role.MODERATOR, Role.COORDINATOR)


def concerned_with_staff(networks: Collection[UUID]) -> set[UUID]:
    """The staff in good standing, and those for whom there are rooms of kind `case`: the devices of both bring somebody
    of the staff who comes, or comes back, into the rooms of open cases (docs/protocol.md, section 11.2).
    """
    staff = Account.objects.filter(network__in=networks, role__in=STAFF, suspended_at=None)
    asked = RoomDevice.objects.filter(room__network__in=networks, room__kind=RoomKind.CASE, removed_at=None)
    persons = asked.filter(room__person__isnull=False).values_list("room__person", flat=True)
    return {*staff.values_list("id", flat=True), *persons.distinct()}
