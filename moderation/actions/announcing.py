"""Telling connected devices that a case or a decision is no longer as it was, and nothing of how."""

from uuid import UUID

from chat.delivery.outside import announce_account
from chat.models import Account
from chat.protocol.events import AccountChange
from moderation.access import STAFF, active_staff, staff_for, staff_for_cut, unclaimed
from moderation.models import Case, CaseState, Cut, Decision


def announce_case(case: Case) -> None:
    """Connected devices of whoever asked and of whoever can work on it ask anew. Call it after the transaction."""
    concerned = list(active_staff(case).values_list("id", flat=True))
    if case.opened_by_id is not None:
        concerned.append(case.opened_by_id)
    for account in concerned:
        announce_account(account, AccountChange.CASES)


def announce_decision(decision: Decision) -> None:
    """Connected devices of the staff who see it ask anew, and its subject's once it has come into force.

    Call it after the transaction.
    """
    concerned = set(staff_for(decision).values_list("id", flat=True))
    if decision.subject_id is not None and decision.in_force_at is not None:
        concerned.add(decision.subject_id)
    for account in concerned:
        announce_account(account, AccountChange.CASES)


def announce_cut(cut: Cut) -> None:
    """Connected devices of the staff who see the proposal ask anew. Call it after the transaction."""
    for account in staff_for_cut(cut):
        announce_account(account.id, AccountChange.CASES)


def look_anew(sender: None, network: UUID, account: UUID, **_: object) -> None:
    """An account was shut out: staff look at their cases, and so does whoever asked where nobody has the case any more."""
    concerned = set(
        Account.objects.filter(network=network, role__in=STAFF, suspended_at=None).values_list("id", flat=True)
    )
    freed = Case.objects.filter(unclaimed(), network=network, opened_by__isnull=False)
    concerned |= set(freed.exclude(state=CaseState.UNCLAIMED).values_list("opened_by", flat=True))
    for one in concerned - {account}:
        announce_account(one, AccountChange.CASES)
