"""The only way to get a decision, and who may agree to one, end it early, or answer an objection to it."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import QuerySet

from chat.models import Account, Device, Role
from moderation.access.staff import STAFF, access_as_staff, or_not_found, rights_taken, second_for
from moderation.models import Case, Decision, Rights


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
    return or_not_found(found.filter(id=decision).first())


def access_own_decision(device: Device, decision: UUID) -> Decision:
    """One about the caller that is or was in force. Raises not_found."""
    found = Decision.objects.select_related("subject", "room", "appeal").filter(in_force_at__isnull=False)
    return or_not_found(found.filter(id=decision, subject=device.account_id).first())


def lifting(account: Account) -> Callable[[Decision], bool]:
    """Whether a member of the staff may end a decision early, asked of any number of them.

    What takes two to begin is not undone by one who had no part in it: it takes one of the two, or a coordinator. What was
    decided about one of the staff coordinators end.
    """
    if account.role == Role.COORDINATOR:
        return lambda decision: decision.subject_id != account.id
    two = second_for(account.network_id)
    taken = rights_taken(account)

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
    taken = rights_taken(account)

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
