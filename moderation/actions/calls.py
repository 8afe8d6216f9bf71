"""Waking staff who are away: a new case, something that waits for a second of them, an appeal.

What reaches a phone is the same for all of it and says nothing (chat/push). Call these inside the transaction that
writes what they are about. That they are called again while it waits is in overdue.py.
"""

from collections.abc import Iterable
from uuid import UUID

from chat.push.outbox import call
from moderation.access import active_staff, agreeing, answering, may, may_agree_to_cut, staff_for, staff_for_cut
from moderation.models import HAND_OVER, Case, Cut, Decision, Referral, Urgency


def case_opened(case: Case) -> None:
    """All who may see it are called, now and while it waits for one of them."""
    call(list(active_staff(case).values_list("id", flat=True)), urgent=_is_urgent(case))


def case_given(case: Case) -> None:
    """Whoever has it is called."""
    call(list(_known(case.claimed_by_id)), urgent=_is_urgent(case))


def case_waits(case: Case) -> None:
    """Whoever lets it wait is called, at an hour that suits them."""
    call(list(_known(case.claimed_by_id)))


def case_ended(case: Case) -> None:
    """Whoever asked is called, suspended or not: nothing was said in the talk that would wake them."""
    call(list(_known(case.opened_by_id)), suspended_too=True)


def decision_proposed(decision: Decision) -> None:
    """Those who may agree to it are called."""
    able = [account.id for account in staff_for(decision) if agreeing(account)(decision)]
    call(able, urgent=_is_urgent(decision.case))


def cut_proposed(cut: Cut) -> None:
    """Those who may agree to cutting the branch off are called."""
    able = [account.id for account in staff_for_cut(cut) if may_agree_to_cut(cut, account)]
    call(able, urgent=_is_urgent(cut.case))


def referral_proposed(referral: Referral) -> None:
    """Those who see the case and may agree to handing it over are called."""
    others = active_staff(referral.case).exclude(id__in=_known(referral.proposed_by_id))
    call([account.id for account in others if may(account, HAND_OVER)], urgent=_is_urgent(referral.case))


def appeal_made(decision: Decision) -> None:
    """Those who may answer are called."""
    call(answering(decision.network_id)(decision))


def _is_urgent(case: Case | None) -> bool:
    return case is not None and case.urgency == Urgency.NOW


def _known(*accounts: UUID | None) -> Iterable[UUID]:
    return [account for account in accounts if account is not None]
