"""An account's further devices: registered by its identity key, named by nobody here, revoked by any of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.actions.key_packages import check_uploaded
from chat.actions.push import do_not_wake
from chat.actions.removal import remove_from_all_rooms, settle_newcomers
from chat.certificate import certificate_holds, registration_proof_holds
from chat.delivery.outside import announce_account, cut_off
from chat.last_seen import seal_last_seen
from chat.models import Account, Device, HandedOut, InboxItem, KeyPackage, WelcomeBlob
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import AccountChange, ByeCode
from chat.protocol.limits import MAX_ACCOUNT_DEVICES

_PROOF_HOLDS_FOR = timedelta(minutes=10)
# Whoever asks for an account that does not exist waits as long as for a wrong proof.
_NOBODYS_KEY = bytes(31) + b"\x01"


@dataclass(frozen=True)
class Registering:
    """What a further device sends (docs/protocol.md, section 3, `POST /devices`). `proof_time` is in milliseconds."""

    account: UUID
    device: str
    signature_key: bytes
    certificate: bytes
    token_hash: bytes
    proof_time: int
    proof: bytes
    key_packages: Sequence[bytes]
    last_resort: bytes


def register_device(registering: Registering) -> Device:
    """The account's new device. Repeating the same request gives the same device.

    Raises unauthenticated (no such account, or the identity key did not sign this), suspended, account_exists (the
    device id or token is taken), too_many, bad_certificate, bad_key_package; then nothing was written.
    """
    account = _proven(registering)
    repeated = _repeated(registering)
    if repeated is not None:
        return repeated
    if not certificate_holds(
        account.identity_key, account.id, registering.device, registering.signature_key, registering.certificate
    ):
        raise ProtocolError(Code.BAD_CERTIFICATE)
    device = Device(
        account=account,
        hex=registering.device,
        signature_key=registering.signature_key,
        certificate=registering.certificate,
        token_hash=registering.token_hash,
        last_seen=seal_last_seen(account.id, registering.device),
    )
    *single_use, last_resort = check_uploaded(device, [*registering.key_packages, registering.last_resort])
    try:
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=account.pk)
            if Device.objects.filter(account=account, revoked_at=None).count() >= MAX_ACCOUNT_DEVICES:
                raise ProtocolError(Code.TOO_MANY)
            device.save(force_insert=True)
            rows = [package.row(device, last_resort=False) for package in single_use]
            KeyPackage.objects.bulk_create([*rows, last_resort.row(device, last_resort=True)])
    except IntegrityError:
        # The same request may have won a race against this one.
        repeated = _repeated(registering)
        if repeated is None:
            raise ProtocolError(Code.ACCOUNT_EXISTS) from None
        return repeated
    announce_account(account.id, AccountChange.DEVICES)
    return device


def revoke_device(account: Account, device: str) -> None:
    """Cuts one of the account's devices off at once and takes it out of every room. Repeating it changes nothing.

    Raises not_found, or unavailable: then it is cut off, and repeating it does the rest.
    """
    found = Device.objects.filter(account=account, hex=device).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    with transaction.atomic():
        settle_newcomers([found.pk])
        fresh = Device.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
        KeyPackage.objects.filter(device=found).delete()
        HandedOut.objects.filter(device=found).delete()
        do_not_wake(found)
        waiting = InboxItem.objects.filter(device=found)
        welcomes = list(waiting.values_list("welcome_id", flat=True))
        waiting.delete()
        WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()
    cut_off([found.pk], ByeCode.REVOKED)
    remove_from_all_rooms([found.pk])
    if fresh:
        announce_account(account.id, AccountChange.DEVICES)


def _proven(registering: Registering) -> Account:
    account = Account.objects.select_related("network").filter(id=registering.account).first()
    holds = registration_proof_holds(
        account.identity_key if account is not None else _NOBODYS_KEY,
        registering.account,
        registering.device,
        registering.token_hash,
        registering.proof_time,
        registering.proof,
    )
    now_ms = timezone.now().timestamp() * 1000
    in_time = abs(now_ms - registering.proof_time) <= _PROOF_HOLDS_FOR.total_seconds() * 1000
    if account is None or not holds or not in_time:
        raise ProtocolError(Code.UNAUTHENTICATED)
    if account.suspended:
        raise ProtocolError(Code.SUSPENDED)
    return account


def _repeated(registering: Registering) -> Device | None:
    """The device that the very same request made before."""
    return (
        Device.objects.select_related("account__network")
        .filter(
            account=registering.account,
            hex=registering.device,
            token_hash=registering.token_hash,
            signature_key=registering.signature_key,
            revoked_at=None,
        )
        .first()
    )
