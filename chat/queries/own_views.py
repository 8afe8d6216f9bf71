"""What a device is told of itself: its account, its network, its backup, how it is woken."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db.models.functions import Length
from django.utils import timezone

from chat.models import (
    Account,
    Backup,
    Conduct,
    Device,
    KeyPackage,
    Network,
    PushSubscription,
)
from chat.rhythm import rhythm_of


@dataclass(frozen=True)
class ConductView:
    version: int
    cards: list[dict[str, str]]


@dataclass(frozen=True)
class NetworkView:
    id: UUID
    title: str


@dataclass(frozen=True)
class OwnNetworkView(NetworkView):
    """With what only its members are told."""

    languages: list[str]
    contacts: list[dict[str, str]]


@dataclass(frozen=True)
class MeView:
    account: UUID
    device: str
    role: str
    suspended: bool
    network: OwnNetworkView
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
        network=OwnNetworkView(network.id, network.title, network.languages, network.contacts),
        conduct_version=account.conduct_version,
        conduct=conduct_of(network),
        domain=settings.DOMAIN,
        key_packages_left=key_packages_left(device),
        devices=Device.objects.filter(account=account, revoked_at=None).count(),
    )


def backup(account: Account) -> BackupView | None:
    kept = Backup.objects.filter(account=account).values_list("locator_hash", Length("sealed"), "saved_on").first()
    return None if kept is None else BackupView(*kept)


def push(device: Device) -> PushView:
    """What the device said about being woken. Its endpoint or token is never shown, not even to itself."""
    found = PushSubscription.objects.filter(device=device).first()
    if found is None:
        return PushView()
    rhythm, quiet = rhythm_of(found), None
    if rhythm.quiet_from is not None and rhythm.quiet_to is not None:
        quiet = QuietView(rhythm.quiet_from, rhythm.quiet_to, rhythm.quiet_offset)
    muted = found.mutes.order_by("room").values_list("room", flat=True)
    return PushView(found.channel, quiet, rhythm.delay_ms, list(muted))
