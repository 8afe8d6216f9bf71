"""The only way to get a case: whose it is, or who works on the network's cases. To everyone else it does not exist."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from chat.models import Account, Device, Network, Role, Room, RoomKind
from chat.protocol.errors import Code, ProtocolError
from moderation.models import HAND_OVER, Case, CaseState, Decision, Kind, Referral, Rights, Rules

T = TypeVar("T")
_SECOND_FOR = (Kind.BAN.value, HAND_OVER)
STAFF = (Role.MODERATOR, Role.COORDINATOR)


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
    return _or_not_found(Referral.objects.select_related("case").filter(id=referral, case=case).first())


def second_for(network: UUID) -> list[str]:
    """The kinds of decisions, and `hand_over`, that wait for a second moderator there."""
    rules = Rules.objects.filter(network=network).first()
    return list(_SECOND_FOR) if rules is None else list(rules.second_for)


def may(account: Account, right: str) -> bool:
    """Whether a member of the staff has this right: a kind of decision, `export` or `hand_over`. Coordinators have all."""
    if account.role == Role.COORDINATOR:
        return True
    taken = Rights.objects.filter(account=account).first()
    return account.is_staff and (taken is None or right not in taken.denied)


def lifting(account: Account) -> Callable[[Decision], bool]:
    """Whether a member of the staff may end a decision early, asked of any number of them.

    What takes two to begin is not undone by one who had no part in it: it takes one of the two, or a coordinator. What was
    decided about one of the staff coordinators end.
    """
    if account.role == Role.COORDINATOR:
        return lambda decision: decision.subject_id != account.id
    two = second_for(account.network_id)
    taken = _taken(account)

    def may_lift(decision: Decision) -> bool:
        if decision.about_staff or not account.is_staff or decision.kinds & set(taken):
            return False
        takes_two = decision.agreed_by_id is not None or decision.kinds & set(two)
        return not takes_two or account.id in (decision.decided_by_id, decision.agreed_by_id)

    return may_lift


def agreeing(account: Account) -> Callable[[Decision], bool]:
    """Whether a member of the staff may agree to a proposal, or not agree, asked of any number of them.

    To what is about one of the staff coordinators do; where no other is there, others may, as nobody else could.
    """
    taken = _taken(account)

    def may_agree(decision: Decision) -> bool:
        part = decision.involved - {decision.agreed_by_id}
        if account.id in part or account.role == Role.COORDINATOR:
            return account.id not in part
        able = account.is_staff and not decision.kinds & set(taken)
        if not able or not decision.about_staff:
            return able
        known = [one for one in part if one is not None]
        return not staff_for(decision).filter(role=Role.COORDINATOR).exclude(id__in=known).exists()

    return may_agree


def answering(network: UUID) -> Callable[[Decision], list[UUID]]:
    """Who may answer an objection to a decision, asked of any number of them.

    That is whoever had no part in it, sees it and may decide so, about one of the staff a coordinator; where nobody is left
    who may, whoever had no part in it: somebody has to be able to answer.
    """
    staff = list(Account.objects.filter(network=network, role__in=STAFF, suspended_at=None).order_by("id"))
    taken = dict(Rights.objects.filter(account__in=staff).values_list("account", "denied"))

    def who(decision: Decision) -> list[UUID]:
        kept: set[UUID] = set() if decision.case is None else {account.id for account in decision.case.kept_from.all()}
        outside = [account for account in staff if account.id not in decision.involved | kept]
        able = [
            account
            for account in outside
            if account.role == Role.COORDINATOR or not decision.kinds & set(taken.get(account.id, []))
        ]
        if decision.about_staff:
            able = [account for account in outside if account.role == Role.COORDINATOR] or able
        return [account.id for account in able or outside]

    return who


def access_as_staff(device: Device) -> Account:
    """Raises forbidden."""
    if not device.account.is_staff:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account


def access_as_coordinator(device: Device) -> Account:
    """Raises forbidden."""
    if device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account


def access_member_of_network(device: Device, account: UUID) -> Account:
    """An account of the caller's network, for staff. Raises forbidden or not_found."""
    network = access_as_staff(device).network_id
    return _or_not_found(Account.objects.select_related("network").filter(id=account, network=network).first())


def access_room_of_network(device: Device, room: UUID) -> Room:
    """A room of the caller's network in which people talk, for staff. Raises forbidden or not_found."""
    found = Room.objects.filter(id=room, network=access_as_staff(device).network_id)
    return _or_not_found(found.filter(kind__in=(RoomKind.OPEN, RoomKind.GROUP, RoomKind.DIRECT)).first())


def visible_decisions(device: Device) -> QuerySet[Decision]:
    """Those of the caller's network, for staff, but what came of cases that are kept from them, and what is about them:
    of that they read the statement, once it is in force. Raises forbidden.
    """
    account = access_as_staff(device)
    kept = Case.objects.filter(kept_from=account).values("id")
    found = Decision.objects.filter(network=account.network_id).exclude(subject=account)
    return found.exclude(case__in=kept).exclude(kept_from=account)


def staff_for(decision: Decision) -> QuerySet[Account]:
    """The staff in good standing who see the decision."""
    staff = Account.objects.filter(network=decision.network_id, role__in=STAFF, suspended_at=None)
    if decision.case is not None:
        staff = staff.exclude(id__in=decision.case.kept_from.values("id"))
    staff = staff.exclude(id__in=decision.kept_from.values("id"))
    if decision.subject is not None:
        staff = staff.exclude(id=decision.subject.id)
    return staff.order_by("id")


def access_decision(device: Device, decision: UUID) -> Decision:
    """One that the caller sees, for staff. Raises forbidden or not_found."""
    found = visible_decisions(device).select_related("subject__network", "room", "decided_by", "case", "appeal")
    return _or_not_found(found.filter(id=decision).first())


def access_own_decision(device: Device, decision: UUID) -> Decision:
    """One about the caller that is or was in force. Raises not_found."""
    found = Decision.objects.select_related("subject", "room", "appeal").filter(in_force_at__isnull=False)
    return _or_not_found(found.filter(id=decision, subject=device.account_id).first())


def access_published_network(network: UUID) -> Network:
    """One whose report everybody may read. Raises not_found, for one that does not exist and one that is not public alike."""
    return _or_not_found(Network.objects.filter(id=network, public_report__isnull=False).first())


def _taken(account: Account) -> list[str]:
    return Rights.objects.filter(account=account).values_list("denied", flat=True).first() or []


def _or_not_found(found: T | None) -> T:
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


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
