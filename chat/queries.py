"""What the API shows, read in a number of queries that does not grow with what is shown."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from chat.models import (
    Account,
    Backup,
    Conduct,
    Device,
    Invite,
    KeyPackage,
    Network,
    PushSubscription,
    Role,
    Room,
    RoomBar,
    RoomDevice,
    RoomKind,
    RoomMute,
    RoomSteward,
)


@dataclass(frozen=True)
class ConductView:
    version: int
    cards: list[dict[str, str]]


@dataclass(frozen=True)
class NetworkView:
    id: UUID
    title: str


@dataclass(frozen=True)
class MeView:
    account: UUID
    device: str
    role: str
    suspended: bool
    network: NetworkView
    conduct_version: int
    conduct: ConductView
    domain: str
    key_packages_left: int
    devices: int


@dataclass(frozen=True)
class BackupView:
    """`size` in bytes."""

    locator_hash: bytes
    size: int
    saved_on: date


@dataclass(frozen=True)
class Place:
    """A device in a room; `leaf` is None until a commit put it into the tree."""

    account: UUID
    device: str
    leaf: int | None = None


@dataclass(frozen=True)
class MuteView:
    """`until`: milliseconds since 1970 UTC."""

    account: UUID
    until: int


@dataclass(frozen=True)
class RoomView:
    """`stewards` are those in the room who look after it: of an open one, its network's staff."""

    id: UUID
    kind: str
    title: str | None
    epoch: int
    head: int
    cursor: int
    created_by_me: bool
    members_may_add: bool
    stewards: list[UUID] = field(default_factory=list)
    muted: list[MuteView] = field(default_factory=list)
    roster: list[Place] = field(default_factory=list)
    pending_removals: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class OpenRoomView:
    id: UUID
    title: str
    members: int


@dataclass(frozen=True)
class ElsewhereView:
    """A room that another device of the account is in."""

    id: UUID
    kind: str
    title: str | None


@dataclass(frozen=True)
class RoomsView:
    rooms: list[RoomView]
    open: list[OpenRoomView]
    elsewhere: list[ElsewhereView]


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


@dataclass(frozen=True)
class QuietView:
    """Minutes of the person's day, and that day's minutes east of UTC."""

    start: int
    end: int
    offset: int


@dataclass(frozen=True)
class PushView:
    """How a device is woken; without `channel` it is not."""

    channel: str | None = None
    quiet: QuietView | None = None
    delay_ms: int | None = None
    muted: list[UUID] = field(default_factory=list)


@lru_cache(maxsize=1)
def _public_key(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def external_sender_key() -> bytes:
    """The server's Ed25519 public key (32 bytes), every group's external sender."""
    return _public_key(settings.EXTERNAL_SENDER_SEED)


def conduct_of(network: Network) -> ConductView:
    conduct = Conduct.objects.get(network=network, version=network.conduct_version)
    return ConductView(conduct.version, conduct.cards)


def key_packages_left(device: Device) -> int:
    """How many single-use key packages can still be handed out."""
    return KeyPackage.objects.filter(device=device, last_resort=False, not_after__gt=timezone.now()).count()


def me(device: Device) -> MeView:
    account, network = device.account, device.account.network
    return MeView(
        account=account.id,
        device=device.hex,
        role=account.role,
        suspended=account.suspended,
        network=NetworkView(network.id, network.title),
        conduct_version=account.conduct_version,
        conduct=conduct_of(network),
        domain=settings.DOMAIN,
        key_packages_left=key_packages_left(device),
        devices=Device.objects.filter(account=account, revoked_at=None).count(),
    )


def backup(account: Account) -> BackupView | None:
    kept = Backup.objects.filter(account=account).values_list("locator_hash", Length("sealed"), "saved_on").first()
    return None if kept is None else BackupView(*kept)


def rooms(device: Device) -> RoomsView:
    """The rooms that this very device is in, those that only other devices of the account are in, and the network's
    open rooms that none of them is in.
    """
    mine = Room.objects.filter(room_devices__device=device, room_devices__removed_at=None).order_by("id")
    found = list(mine.defer("group_info"))
    ids = [room.id for room in found]
    places = RoomDevice.objects.filter(device__account=device.account_id, removed_at=None, room__epoch__gt=0)
    elsewhere = Room.objects.filter(id__in=places.values("room")).exclude(id__in=ids).order_by("id")
    known = [ElsewhereView(*row) for row in elsewhere.values_list("id", "kind", "title")]
    others = (
        Room.objects.filter(network=device.account.network_id, kind=RoomKind.OPEN)
        .exclude(id__in=[*ids, *(room.id for room in known)])
        .exclude(id__in=RoomBar.objects.filter(account=device.account_id).values("room"))
        .annotate(
            members=Count("room_devices__device__account", filter=Q(room_devices__removed_at=None), distinct=True)
        )
        .order_by("title", "id")
        .values_list("id", "title", "members")
    )
    return RoomsView(
        rooms=_room_views(device, found),
        open=[OpenRoomView(room_id, title or "", members) for room_id, title, members in others],
        elsewhere=known,
    )


def room(device: Device, room: Room) -> RoomView:
    return _room_views(device, [room])[0]


def roster(room: Room) -> list[Place]:
    """The devices that are in the room, those whose removal is pending left out."""
    places = _places(Q(room=room, removed_at=None))
    return [Place(account, name, leaf) for _, account, name, leaf, *_ in places]


def _places(condition: Q) -> Any:
    return (
        RoomDevice.objects.filter(condition)
        .order_by("leaf", "id")
        .values_list(
            "room_id", "device__account_id", "device__hex", "leaf", "removed_at", "cursor", "device__account__role"
        )
    )


def _room_views(device: Device, found: list[Room]) -> list[RoomView]:
    rosters: dict[UUID, list[Place]] = defaultdict(list)
    removals: dict[UUID, list[Place]] = defaultdict(list)
    cursors: dict[UUID, int] = {}
    staff: dict[UUID, set[UUID]] = defaultdict(set)
    for room_id, account, name, leaf, removed_at, cursor, role in _places(Q(room__in=[room.id for room in found])):
        if removed_at is not None:
            if account is not None:  # of a deleted one the log's proposal alone tells
                removals[room_id].append(Place(account, name))
            continue
        rosters[room_id].append(Place(account, name, leaf))
        if role != Role.MEMBER:
            staff[room_id].add(account)
        if account == device.account_id and name == device.hex:
            cursors[room_id] = cursor
    stewards, mutes = _stewards(found), _mutes(found)
    return [
        RoomView(
            id=room.id,
            kind=room.kind,
            title=room.title,
            epoch=room.epoch,
            head=room.head,
            cursor=cursors.get(room.id, 0),
            created_by_me=room.created_by_id == device.account_id,
            members_may_add=room.members_may_add,
            stewards=sorted(staff[room.id]) if room.kind == RoomKind.OPEN else stewards[room.id],
            muted=mutes[room.id],
            roster=rosters[room.id],
            pending_removals=removals[room.id],
        )
        for room in found
    ]


def own_devices(device: Device) -> list[OwnDeviceView]:
    """The active devices of the caller's account, oldest first."""
    rows = Device.objects.filter(account=device.account_id, revoked_at=None).order_by("id")
    return [OwnDeviceView(row.hex, row.pk == device.pk, row.created_on, row.last_seen_on) for row in rows]


def _stewards(found: list[Room]) -> dict[UUID, list[UUID]]:
    stewards: dict[UUID, list[UUID]] = defaultdict(list)
    for room_id, account in RoomSteward.objects.filter(room__in=found).order_by("id").values_list("room", "account"):
        stewards[room_id].append(account)
    return stewards


def _mutes(found: list[Room]) -> dict[UUID, list[MuteView]]:
    """Those whose time is not over."""
    now = int(timezone.now().timestamp() * 1000)
    mutes: dict[UUID, list[MuteView]] = defaultdict(list)
    waiting = RoomMute.objects.filter(room__in=found, until__gt=now).order_by("id")
    for room_id, account, until in waiting.values_list("room", "account", "until"):
        mutes[room_id].append(MuteView(account, until))
    return mutes


def account(device: Device, account: Account) -> AccountView:
    return accounts(device, [account])[0]


def accounts(device: Device, found: Collection[Account]) -> list[AccountView]:
    """Accounts that the caller may see, with their devices and the rooms that both are in."""
    ids = [account.id for account in found]
    devices: dict[UUID, list[DeviceView]] = defaultdict(list)
    rows = Device.objects.filter(account__in=ids, revoked_at=None).order_by("id")
    for row in rows:
        devices[row.account_id].append(DeviceView(row.hex, row.signature_key, row.certificate))
    own = RoomDevice.objects.filter(device__account=device.account_id, removed_at=None).values("room")
    shared: dict[UUID, list[UUID]] = defaultdict(list)
    places = RoomDevice.objects.filter(room__in=own, device__account__in=ids, removed_at=None)
    for account_id, room_id in places.values_list("device__account", "room").distinct().order_by("room"):
        shared[account_id].append(room_id)
    return [
        AccountView(account.id, account.role, account.identity_key, devices[account.id], shared[account.id])
        for account in found
    ]


def members(room: Room) -> int:
    """How many accounts are in the room."""
    places = RoomDevice.objects.filter(room=room, removed_at=None)
    return places.aggregate(members=Count("device__account", distinct=True))["members"] or 0


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


def push(device: Device) -> PushView:
    """What the device said about being woken. Its endpoint or token is never shown, not even to itself."""
    found = PushSubscription.objects.filter(device=device).first()
    if found is None:
        return PushView()
    quiet = None
    if found.quiet_from is not None and found.quiet_to is not None:
        quiet = QuietView(found.quiet_from, found.quiet_to, found.quiet_offset)
    muted = found.mutes.order_by("room").values_list("room", flat=True)
    return PushView(found.channel, quiet, found.delay_ms, list(muted))
