"""Waking staff who are away: a new case, a clock that has run out, something that waits for a second of them.

What reaches a phone is the same for all of it and says nothing (chat/push). Call these inside the transaction that
writes what they are about.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chat.push.outbox import call
from moderation.access import active_staff, held, may, staff_for, unclaimed
from moderation.clocks import ANSWERED_WITHIN, TAKEN_WITHIN
from moderation.models import HAND_OVER, Case, CaseState, Decision, Referral, Urgency
from moderation.turns import Turn, open_turn, seal_turn

AT_ONCE = 100
"""Cases that one look calls for; the rest waits for the next one."""
_ANSWER_CALLS = 2
"""Whoever has the case, and then everybody."""


def case_opened(case: Case) -> None:
    _call_about(case)


def case_given(case: Case) -> None:
    """Whoever has it is called."""
    call(list(_known(case.claimed_by_id)), urgent=case.urgency == Urgency.NOW)


def call_for_overdue_cases() -> None:
    """Calls for each case that nobody has taken in its time, and again each time that as long has gone by.

    Any number of workers may look at once.
    """
    now = timezone.now()
    again = Q(called_at=None)
    for urgency, span in TAKEN_WITHIN.items():
        again |= Q(urgency=urgency, called_at__lte=now - span)
    with transaction.atomic():
        waiting = Case.objects.filter(unclaimed(), again, due_at__lte=now)
        locked = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
        for case in locked.order_by("due_at", "id")[:AT_ONCE]:
            Case.objects.filter(id=case.id).update(called_at=now)
            _call_about(case)


def call_for_overdue_answers() -> None:
    """Calls whoever has a case in which nobody has written in its time; after as long again, all who may see it."""
    now = timezone.now()
    late = Q()
    for urgency, span in ANSWERED_WITHIN.items():
        first = Q(answer_calls=0, moved_at__lte=now - span)
        second = Q(answer_calls=1, moved_at__lte=now - 2 * span)
        late |= Q(urgency=urgency) & (first | second)
    with transaction.atomic():
        found = Case.objects.filter(held(), late, state=CaseState.CLAIMED, answered=False)
        locked = found.select_for_update(skip_locked=True, of=("self",), no_key=True)
        for case in locked.order_by("moved_at", "id")[:AT_ONCE]:
            Case.objects.filter(id=case.id).update(answer_calls=F("answer_calls") + 1)
            _call_for_answer(case, case.answer_calls)


def call_for_overdue_turns() -> None:
    """The same for whoever asked and, after an answer or while the case waits, has written again."""
    now = timezone.now()
    again = Case.objects.filter(held(), Q(state=CaseState.WAITING) | Q(state=CaseState.CLAIMED, answered=True))
    late = [case.id for case in again.exclude(turn=b"").order_by("id") if _late_turn(case, now)]
    for each in late[:AT_ONCE]:
        with transaction.atomic():
            locked = again.filter(id=each).select_for_update(skip_locked=True, of=("self",), no_key=True)
            for case in locked:
                turn = _late_turn(case, now)
                if turn is None:
                    continue
                counted = Turn(turn.since, turn.calls + 1)
                Case.objects.filter(id=case.id).update(turn=seal_turn(case.id, counted))
                _call_for_answer(case, turn.calls)


def _late_turn(case: Case, now: datetime) -> Turn | None:
    """What the holder, and after as long again everybody, is still to be called for."""
    turn = open_turn(case.id, case.turn)
    if turn is None or turn.calls >= _ANSWER_CALLS:
        return None
    return turn if turn.since + (turn.calls + 1) * ANSWERED_WITHIN[case.urgency] <= now else None


def _call_for_answer(case: Case, calls: int) -> None:
    if calls == 0:
        case_given(case)
    else:
        _call_about(case)


def decision_proposed(decision: Decision) -> None:
    """Those who may agree to it are called."""
    others = staff_for(decision).exclude(id__in=_known(decision.decided_by_id, decision.asked_by_id))
    call([account.id for account in others if may(account, decision.kind)])


def referral_proposed(referral: Referral) -> None:
    """Those who see the case and may agree to handing it over are called."""
    others = active_staff(referral.case).exclude(id__in=_known(referral.proposed_by_id))
    call([account.id for account in others if may(account, HAND_OVER)])


def appeal_made(decision: Decision) -> None:
    """Those who had no part in the decision are called."""
    part = _known(decision.decided_by_id, decision.agreed_by_id, decision.asked_by_id)
    call([account.id for account in staff_for(decision).exclude(id__in=part)])


def _call_about(case: Case) -> None:
    accounts = list(active_staff(case).values_list("id", flat=True))
    call(accounts, urgent=case.urgency == Urgency.NOW)


def _known(*accounts: UUID | None) -> Iterable[UUID]:
    return [account for account in accounts if account is not None]
