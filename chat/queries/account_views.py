"""Accounts, their devices, and who let whom in."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from chat.last_seen import last_seen
from chat.models import (
    Account,
    Device,
    Invite,
    Network,
    RoomDevice,
    within_reach,
)


@dataclass(frozen=True)
class DeviceView:
    device: str
    signature_key: bytes
    certificate: bytes


@dataclass(frozen=True)
class OwnDeviceView:
    device: str
    current: bool
    created_on: date
    last_seen_on: date | None


@dataclass(frozen=True)
class AccountView:
    account: UUID
    role: str
    identity_key: bytes
    devices: list[DeviceView] = field(default_factory=list)
    shared_rooms: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class JoinedView:
    account: UUID
    invited_by: UUID | None
    invite: UUID | None
    joined_on: date
    suspended: bool
    role: str


def own_devices(device: Device) -> list[OwnDeviceView]:
    """The active devices of the caller's account, oldest first."""
    rows = Device.objects.filter(account=device.account_id, revoked_at=None).order_by("id")
    return [OwnDeviceView(row.hex, row.pk == device.pk, row.created_on, last_seen(row)) for row in rows]


def account(device: Device, account: Account) -> AccountView:
    return accounts(device, [account])[0]


def accounts(device: Device, found: Collection[Account]) -> list[AccountView]:
    """Accounts that the caller may see, with their devices and the rooms that both are in."""
    ids = [account.id for account in found]
    devices: dict[UUID, list[DeviceView]] = defaultdict(list)
    rows = Device.objects.filter(account__in=ids, revoked_at=None).order_by("id")
    for row in rows:
        devices[row.account_id].append(DeviceView(row.hex, row.signature_key, row.certificate))
    own = RoomDevice.objects.filter(within_reach(), device__account=device.account_id, removed_at=None).values("room")
    shared: dict[UUID, list[UUID]] = defaultdict(list)
    places = RoomDevice.objects.filter(room__in=own, device__account__in=ids, removed_at=None)
    for account_id, room_id in places.values_list("device__account", "room").distinct().order_by("room"):
        shared[account_id].append(room_id)
    return [
        AccountView(account.id, account.role, account.identity_key, devices[account.id], shared[account.id])
        for account in found
    ]


def invite_tree(network: Network) -> list[JoinedView]:
    """Everyone in the network, in the order of coming, with who let them in: None where a command or nobody known did."""
    accounts = Account.objects.filter(network=network).select_related("invite").order_by("created_on", "id")
    return [
        JoinedView(
            account=account.id,
            invited_by=account.invite.created_by_id if account.invite else None,
            invite=account.invite_id,
            joined_on=account.created_on,
            suspended=account.suspended,
            role=account.role,
        )
        for account in accounts
    ]


def invites(network: Network) -> QuerySet[Invite]:
    """The network's invites, newest first."""
    return Invite.objects.filter(network=network).order_by("-created_at", "id")
