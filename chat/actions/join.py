"""Joining a network by an invite."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from chat.access import access_invite, refuse_spent
from chat.actions.invites import use_invite
from chat.actions.key_packages import Uploaded, check_uploaded
from chat.actions.staff import tell_staff
from chat.certificate import certificate_holds
from chat.last_seen import seal_last_seen
from chat.models import Account, Device, Invite, KeyPackage, Role
from chat.protocol.errors import Code, ProtocolError


@dataclass(frozen=True)
class Joining:
    """What a first device sends (docs/protocol.md, section 3, `POST /join`)."""

    secret: bytes
    account: UUID
    identity_key: bytes
    device: str
    signature_key: bytes
    certificate: bytes
    token_hash: bytes
    conduct_version: int
    key_packages: Sequence[bytes]
    last_resort: bytes
    staff_proof: bytes | None = None


def join(joining: Joining) -> Device:
    """The new account's first device. Repeating the same request gives the same device and uses the invite once.

    Raises invite_unknown, _used, _expired or _revoked, account_exists, conduct_outdated (with `version`),
    bad_certificate, bad_key_package; then nothing was written.
    """
    invite = access_invite(joining.secret, whatever_its_state=True)
    repeated = _repeated(joining, invite)
    if repeated is not None:
        return repeated
    refuse_spent(invite)
    current = invite.network.conduct_version
    if joining.conduct_version != current:
        raise ProtocolError(Code.CONDUCT_OUTDATED, version=current)
    if not certificate_holds(
        joining.identity_key, joining.account, joining.device, joining.signature_key, joining.certificate
    ):
        raise ProtocolError(Code.BAD_CERTIFICATE)
    account, device = _rows(joining, invite)
    *single_use, last_resort = check_uploaded(device, [*joining.key_packages, joining.last_resort])
    try:
        with transaction.atomic():
            use_invite(invite)
            _store(account, device, single_use, last_resort)
    except (IntegrityError, ProtocolError) as error:
        # The same request may have won a race against this one.
        repeated = _repeated(joining, invite)
        if repeated is not None:
            return repeated
        if isinstance(error, ProtocolError):
            raise
        raise ProtocolError(Code.ACCOUNT_EXISTS) from None
    tell_staff(account)
    return device


def _rows(joining: Joining, invite: Invite) -> tuple[Account, Device]:
    account = Account(
        id=joining.account,
        network=invite.network,
        role=invite.role,
        identity_key=joining.identity_key,
        staff_proof=None if invite.role == Role.MEMBER else joining.staff_proof,
        conduct_version=joining.conduct_version,
        invite=invite,
    )
    device = Device(
        account=account,
        hex=joining.device,
        signature_key=joining.signature_key,
        certificate=joining.certificate,
        token_hash=joining.token_hash,
        last_seen=seal_last_seen(joining.account, joining.device),
    )
    return account, device


def _store(account: Account, device: Device, single_use: Sequence[Uploaded], last_resort: Uploaded) -> None:
    account.save(force_insert=True)
    device.save(force_insert=True)
    rows = [package.row(device, last_resort=False) for package in single_use]
    KeyPackage.objects.bulk_create([*rows, last_resort.row(device, last_resort=True)])


def _repeated(joining: Joining, invite: Invite) -> Device | None:
    """The device that the very same request made before. Raises account_exists when another made the account."""
    account = Account.objects.filter(id=joining.account).first()
    if account is None:
        return None
    device = (
        Device.objects.select_related("account__network")
        .filter(account=account, hex=joining.device, token_hash=joining.token_hash, revoked_at=None)
        .first()
    )
    if (
        device is None
        or account.invite_id != invite.pk
        or account.identity_key != joining.identity_key
        or device.signature_key != joining.signature_key
    ):
        raise ProtocolError(Code.ACCOUNT_EXISTS)
    return device
