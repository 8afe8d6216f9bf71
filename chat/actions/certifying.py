"""Coordinators sign who looks after their network (docs/protocol.md, section 2.3)."""

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from chat.actions.acts import tell
from chat.actions.appointing import set_role
from chat.certificate import staff_certificate_holds
from chat.delivery.outside import announce_account
from chat.models import Account, Network, Role, StaffCertificate
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import AccountChange
from chat.queries.staff import certified_role, concerned_with_staff, first_coordinators

_CLOCK_MS = 10 * 60 * 1000


@dataclass(frozen=True)
class Certifying:
    """What a coordinator signed: `account` with `identity_key` has `role`, or as `member` is staff no more."""

    account: UUID
    identity_key: bytes
    role: str
    issued_at: int
    signature: bytes


def certify_staff(by: Account, signed: Certifying) -> None:
    """Keeps the certificate for devices to judge; a withdrawal makes the account a member again. Repeating it changes nothing.

    Raises bad_certificate when it is not signed by `by` just now, or the account is not what it says, and forbidden when `by`
    is certified by no coordinator: then devices would not believe it.
    """
    subject = Account.objects.select_related("network").filter(id=signed.account, network=by.network_id).first()
    if not _fits(by, subject, signed):
        raise ProtocolError(Code.BAD_CERTIFICATE)
    with transaction.atomic():
        Network.objects.select_for_update(no_key=True).only("id").get(pk=by.network_id)
        if _repeated(by, signed):
            return
        _check_standing(by, signed)
        StaffCertificate.objects.create(
            network_id=by.network_id,
            account=signed.account,
            identity_key=signed.identity_key,
            role=signed.role,
            issued_at=signed.issued_at,
            issuer=by.id,
            signature=signed.signature,
        )
        Account.objects.filter(pk=signed.account).update(staff_proof=None)
        tell(by.network_id, by, "staff_certified", subject=signed.account, detail=signed.role)
    if subject is not None and subject.is_staff and signed.role == Role.MEMBER:
        set_role(subject, Role.MEMBER, by)
    for account in concerned_with_staff([by.network_id]) | {signed.account}:
        announce_account(account, AccountChange.CASES)


def forget_certificates(account: UUID) -> None:
    """Those about an account that is going, unless what others have leads back to it."""
    if not StaffCertificate.objects.filter(issuer=account).exclude(account=account).exists():
        StaffCertificate.objects.filter(account=account).delete()


def _fits(by: Account, subject: Account | None, signed: Certifying) -> bool:
    if subject is None or subject.identity_key != signed.identity_key:
        return False
    if signed.role not in (subject.role, Role.MEMBER):
        return False
    if abs(time.time() * 1000 - signed.issued_at) > _CLOCK_MS:
        return False
    return staff_certificate_holds(
        by.identity_key,
        by.network_id,
        signed.account,
        signed.identity_key,
        signed.role,
        signed.issued_at,
        signed.signature,
    )


def _repeated(by: Account, signed: Certifying) -> bool:
    same = StaffCertificate.objects.filter(
        network=by.network_id, account=signed.account, issuer=by.id, issued_at=signed.issued_at
    ).first()
    if same is not None and same.role != signed.role:
        raise ProtocolError(Code.BAD_CERTIFICATE)
    return same is not None


def _check_standing(by: Account, signed: Certifying) -> None:
    """Only a certified coordinator certifies. The first one certifies themself, while no other is left who could."""
    first = first_coordinators(by.network_id)
    if signed.account == by.id:
        certified = [account for account in _coordinators(by.network_id) if account != by.id]
        if signed.role != Role.COORDINATOR or by.id in first or _any_left(by.network_id, certified):
            raise ProtocolError(Code.FORBIDDEN)
    elif signed.account in first or (by.id not in first and certified_role(by.network_id, by.id) != Role.COORDINATOR):
        raise ProtocolError(Code.FORBIDDEN)


def _coordinators(network: UUID) -> set[UUID]:
    """Whom the newest certificate makes a coordinator."""
    rows = StaffCertificate.objects.filter(network=network).order_by("issued_at").values_list("account", "role")
    return {account for account, role in dict(rows).items() if role == Role.COORDINATOR}


def _any_left(network: UUID, accounts: list[UUID]) -> bool:
    return Account.objects.filter(id__in=accounts, network=network, role=Role.COORDINATOR, suspended_at=None).exists()
