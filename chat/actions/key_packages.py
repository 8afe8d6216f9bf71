"""Key packages: what devices leave to be added by, and what is handed out for a room."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from chat.access import access_accounts_for, is_steward, kept_out, may_add
from chat.mls.errors import MlsError
from chat.mls.key_package import KeyPackageFacts, check_key_package
from chat.models import Device, HandedOut, KeyPackage, Room, RoomDevice, RoomKind, direct_pair
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import MAX_DEVICE_KEY_PACKAGES, MAX_ROOM_DEVICES

# Members refuse a package that has expired by the time the commit reaches them.
_SOON = timedelta(hours=1)
# A commit follows its claim at once; a phone that lost its network for a day claims anew.
_HANDED_OUT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Uploaded:
    """A key package that was found to be the uploading device's own."""

    payload: bytes
    facts: KeyPackageFacts

    def row(self, device: Device, *, last_resort: bool) -> KeyPackage:
        not_after = datetime.fromtimestamp(self.facts.not_after, UTC)
        return KeyPackage(
            device=device, ref=self.facts.ref, payload=self.payload, last_resort=last_resort, not_after=not_after
        )


@dataclass(frozen=True)
class Claimed:
    device: Device
    key_package: bytes


@dataclass(frozen=True)
class Claim:
    packages: list[Claimed]
    missing: list[Device]


def check_uploaded(device: Device, payloads: Iterable[bytes]) -> list[Uploaded]:
    """Refuses (bad_key_package) what is not this device's own, valid and different from the others."""
    now = int(timezone.now().timestamp())
    client_id = device.client_id(settings.DOMAIN)
    found: dict[bytes, Uploaded] = {}
    for payload in payloads:
        try:
            facts = check_key_package(payload, client_id, device.signature_key, now)
        except MlsError as error:
            raise ProtocolError(Code.BAD_KEY_PACKAGE, detail=error.code.value) from None
        if facts.ref in found:
            raise ProtocolError(Code.BAD_KEY_PACKAGE, detail="twice")
        found[facts.ref] = Uploaded(payload, facts)
    return list(found.values())


def upload_key_packages(device: Device, payloads: Sequence[bytes], last_resort: bytes | None) -> None:
    """Keeps new packages; a new last resort replaces the old. Repeating an upload changes nothing.

    Raises bad_key_package or too_many; then nothing was kept.
    """
    checked = check_uploaded(device, [*payloads, *([last_resort] if last_resort is not None else [])])
    final = checked.pop() if last_resort is not None else None
    with transaction.atomic():
        Device.objects.select_for_update(no_key=True).get(pk=device.pk)
        KeyPackage.objects.filter(device=device, not_after__lte=timezone.now()).delete()
        known = _known_refs(device, [item.facts.ref for item in checked])
        new = [item for item in checked if item.facts.ref not in known]
        kept = KeyPackage.objects.filter(device=device, last_resort=False).count()
        if kept + len(new) > MAX_DEVICE_KEY_PACKAGES:
            raise ProtocolError(Code.TOO_MANY)
        if final is not None:
            _replace_last_resort(device, final)
        KeyPackage.objects.bulk_create([item.row(device, last_resort=False) for item in new])


def _known_refs(device: Device, refs: list[bytes]) -> set[bytes]:
    # Handed-out ones too: a package must never be handed out a second time.
    kept = KeyPackage.objects.filter(device=device, ref__in=refs).values_list("ref", flat=True)
    gone = HandedOut.objects.filter(device=device, ref__in=refs).values_list("ref", flat=True)
    return {*kept, *gone}


def _replace_last_resort(device: Device, final: Uploaded) -> None:
    old = KeyPackage.objects.filter(device=device, last_resort=True).first()
    if old is not None and old.ref == final.facts.ref:
        return
    if _known_refs(device, [final.facts.ref]):
        raise ProtocolError(Code.BAD_KEY_PACKAGE, detail="twice")
    if old is not None:
        old.delete()
    final.row(device, last_resort=True).save(force_insert=True)


def claim_key_packages(device: Device, room: Room, accounts: Collection[UUID]) -> Claim:
    """One key package for each active device of `accounts` that has no place in the room.

    Raises not_found (an account that the caller does not see), forbidden (a third person for a direct room, somebody
    whom the room's rule leaves to its stewards or who was removed from it), decided (a steward, of somebody whom
    moderators took out) or room_full; then none was handed out.
    A self room is for the caller's own devices alone.
    """
    visible = {account.id for account in access_accounts_for(device, room, accounts)}
    if visible != set(accounts):
        raise ProtocolError(Code.NOT_FOUND)
    if room.kind in (RoomKind.DIRECT, RoomKind.SELF):
        for account in visible - {device.account_id}:
            if direct_pair(device.account_id, account) != room.direct_pair:
                raise ProtocolError(Code.FORBIDDEN)
    others = visible - {device.account_id}
    if others and not may_add(device.account, room):
        raise ProtocolError(Code.FORBIDDEN)
    if others & kept_out(device.account, room):
        raise ProtocolError(Code.DECIDED if is_steward(device.account, room) else Code.FORBIDDEN)
    with transaction.atomic():
        places = RoomDevice.objects.filter(room=room)
        wanted = list(
            Device.objects.select_related("account")
            .filter(Q(account__suspended_at=None) | Q(account=room.person_id), account__in=visible, revoked_at=None)
            .exclude(id__in=places.filter(device__isnull=False).values("device"))
            .order_by("id")
        )
        if places.count() + len(wanted) > MAX_ROOM_DEVICES:
            raise ProtocolError(Code.ROOM_FULL)
        taken = _take(wanted)
        _remember(room, taken.values())
    claimed = [Claimed(owner, taken[owner.pk].payload) for owner in wanted if owner.pk in taken]
    return Claim(claimed, [owner for owner in wanted if owner.pk not in taken])


def _take(devices: list[Device]) -> dict[int, KeyPackage]:
    """A package for each device, by its primary key; single-use ones are gone from the table.

    Whoever claims of the same devices at the same time waits here, always in the order of their keys.
    """
    ids = [device.pk for device in devices]
    list(Device.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id").values_list("id"))
    usable = KeyPackage.objects.filter(device__in=ids, not_after__gt=timezone.now() + _SOON)
    oldest = (
        usable.filter(last_resort=False).values("device").annotate(oldest=Min("id")).values_list("oldest", flat=True)
    )
    taken = {row.device_id: row for row in KeyPackage.objects.filter(id__in=list(oldest))}
    KeyPackage.objects.filter(id__in=[row.pk for row in taken.values()]).delete()
    last_resorts = {row.device_id: row for row in usable.filter(last_resort=True)}
    return last_resorts | taken


def _remember(room: Room, packages: Iterable[KeyPackage]) -> None:
    now = timezone.now()
    HandedOut.objects.filter(room=room, expires_at__lte=now).delete()
    HandedOut.objects.bulk_create(
        [
            HandedOut(
                ref=package.ref,
                device_id=package.device_id,
                room=room,
                expires_at=min(package.not_after, now + _HANDED_OUT_FOR),
            )
            for package in packages
        ],
        update_conflicts=True,
        unique_fields=["room", "ref"],
        update_fields=["expires_at"],
    )
