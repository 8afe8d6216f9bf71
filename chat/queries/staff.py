"""Who looks after a network, what coordinators have signed about them, and whom it concerns."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from chat.models import Account, Role, RoomDevice, RoomKind, StaffCertificate

STAFF = (Role.MODERATOR, Role.COORDINATOR)


@dataclass(frozen=True)
class StaffMember:
    """`proof` is for coordinators alone: by it they know who came by an invite of theirs."""

    account: UUID
    role: str
    identity_key: bytes
    proof: bytes | None


@dataclass(frozen=True)
class StaffView:
    network: UUID
    staff: list[StaffMember]
    certificates: list[StaffCertificate]


def staff_roll(asking: Account) -> StaffView:
    """The staff of the network in good standing, and everything that coordinators signed about them and those before them."""
    found = Account.objects.filter(network=asking.network_id, role__in=STAFF, suspended_at=None).order_by("id")
    shown = asking.role == Role.COORDINATOR
    return StaffView(
        asking.network_id,
        [StaffMember(one.id, one.role, one.identity_key, one.staff_proof if shown else None) for one in found],
        list(StaffCertificate.objects.filter(network=asking.network_id).order_by("issued_at", "id")),
    )


def certified_role(network: UUID, account: UUID) -> str | None:
    """What the newest certificate about the account says; None without one."""
    about = StaffCertificate.objects.filter(network=network, account=account).order_by("-issued_at", "-id")
    return about.values_list("role", flat=True).first()


def first_coordinators(network: UUID) -> set[UUID]:
    """Those who certified themselves, as there was no other coordinator who could."""
    own = StaffCertificate.objects.filter(network=network, account=F("issuer"))
    return set(own.values_list("account", flat=True))


def concerned_with_staff(networks: Collection[UUID]) -> set[UUID]:
    """The staff in good standing, and those for whom there are rooms of kind `case`: the devices of both bring somebody
    of the staff who comes, or comes back, into the rooms of open cases (docs/protocol.md, section 11.2).
    """
    staff = Account.objects.filter(network__in=networks, role__in=STAFF, suspended_at=None)
    asked = RoomDevice.objects.filter(room__network__in=networks, room__kind=RoomKind.CASE, removed_at=None)
    persons = asked.filter(room__person__isnull=False).values_list("room__person", flat=True)
    return {*staff.values_list("id", flat=True), *persons.distinct()}
