"""The only way to get a case: whose it is, or who works on the network's cases. To everyone else it does not exist."""

from uuid import UUID

from django.db.models import Q, QuerySet

from chat.models import Account, Device, Role
from chat.protocol.errors import Code, ProtocolError
from moderation.access.staff import STAFF, or_not_found
from moderation.models import Case, CaseState, Referral


def visible_cases(device: Device) -> QuerySet[Case]:
    """The caller's own cases, and for staff in good standing the network's that are not kept from them."""
    account = device.account
    own = Case.objects.filter(opened_by=account)
    if not account.is_staff or account.suspended:
        return own
    kept = Case.objects.filter(kept_from=account).values("id")
    return own | Case.objects.filter(network=account.network_id, forgotten=False).exclude(id__in=kept)


def access_case(device: Device, case: UUID) -> Case:
    """Raises not_found."""
    found = visible_cases(device).select_related("room").filter(id=case).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def access_own_case(device: Device, case: UUID) -> Case:
    """A case that the caller opened. Raises not_found, or forbidden for those who see it as staff."""
    found = access_case(device, case)
    if found.opened_by_id != device.account_id:
        raise ProtocolError(Code.FORBIDDEN)
    return found


def access_case_as_staff(device: Device, case: UUID) -> Case:
    """A case of somebody else, open or closed, for staff. Raises not_found or forbidden."""
    found = access_case(device, case)
    if not device.account.is_staff or found.opened_by_id == device.account_id:
        raise ProtocolError(Code.FORBIDDEN)
    return found


def access_case_to_work_on(device: Device, case: UUID) -> Case:
    """An open case of somebody else, for staff. Raises not_found, forbidden or case_closed."""
    found = access_case_as_staff(device, case)
    if found.state == CaseState.CLOSED:
        raise ProtocolError(Code.CASE_CLOSED)
    return found


def access_claimed_case(device: Device, case: UUID) -> Case:
    """One that the caller works on; coordinators may step in. Raises as above, and case_claimed (with `account`)."""
    found = access_case_to_work_on(device, case)
    if found.claimed_by_id != device.account_id and device.account.role != Role.COORDINATOR:
        raise claimed(found)
    return found


def access_case_to_answer(device: Device, case: UUID) -> Case:
    """One that the caller works on, or that nobody has; coordinators too. Raises as above."""
    found = access_case_to_work_on(device, case)
    if found.claimed_by_id not in (None, device.account_id) and device.account.role != Role.COORDINATOR:
        raise claimed(found)
    return found


def access_case_for_evidence(device: Device, case: UUID) -> Case:
    """One that the caller works or worked on, closed or not; coordinators too. Raises not_found, forbidden, case_claimed.

    Of one that was taken back nothing more is sealed (actions/exports.py).
    """
    found = access_case_as_staff(device, case)
    if found.claimed_by_id != device.account_id and device.account.role != Role.COORDINATOR:
        raise claimed(found)
    return found


def access_referral(case: Case, referral: UUID) -> Referral:
    """One of a case that the caller was given. Raises not_found."""
    return or_not_found(Referral.objects.select_related("case").filter(id=referral, case=case).first())


def claimed(case: Case) -> ProtocolError:
    detail = {} if case.claimed_by_id is None else {"account": str(case.claimed_by_id)}
    return ProtocolError(Code.CASE_CLAIMED, **detail)


def active_staff(case: Case) -> QuerySet[Account]:
    """Those who may see the case: the network's staff in good standing but those it is kept from."""
    staff = Account.objects.filter(network=case.network_id, role__in=STAFF, suspended_at=None)
    return staff.exclude(id__in=case.kept_from.values("id")).exclude(cases_opened=case).order_by("id")


def readers(account: Account) -> QuerySet[Account]:
    """Those who would see a case that this account opened and kept from nobody."""
    staff = Account.objects.filter(network=account.network_id, role__in=STAFF, suspended_at=None)
    return staff.exclude(id=account.id).order_by("id")


def unclaimed() -> Q:
    """Cases that nobody in good standing has: new ones, ones given back, ones whose holder was suspended or has gone."""
    free = Q(claimed_by=None) | Q(claimed_by__suspended_at__isnull=False) | ~Q(claimed_by__role__in=STAFF)
    return ~Q(state=CaseState.CLOSED) & free


def held() -> Q:
    """Open cases that somebody in good standing has."""
    return ~Q(state=CaseState.CLOSED) & Q(claimed_by__suspended_at=None, claimed_by__role__in=STAFF)
