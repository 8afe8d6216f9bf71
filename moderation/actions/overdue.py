"""Calling staff again and again, more and more seldom, while something waits for them that should be over.

Any number of workers may look at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from moderation.access import held, unclaimed
from moderation.actions import calls
from moderation.clocks import (
    ANSWERED_WITHIN,
    TAKEN_WITHIN,
    Clock,
    answer_clock,
    decision_clock,
    referral_clock,
    wait_clock,
)
from moderation.models import Appeal, Case, CaseState, Decision, DecisionState, Referral
from moderation.turns import Turn, open_turn, seal_turn

AT_ONCE = 100
"""Of what is late, so much one look calls for; the rest waits for the next one."""
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Late:
    """Staff were called `before` so often for it; `counted` is written down with the next call."""

    before: int
    counted: dict[str, Any]


def call_for_overdue_cases() -> None:
    """Calls for each case that nobody has taken in its time, and again each time that as long has gone by."""
    now = timezone.now()
    again = Q(called_at=None)
    for urgency, span in TAKEN_WITHIN.items():
        again |= Q(urgency=urgency, called_at__lte=now - span)
    with transaction.atomic():
        waiting = Case.objects.filter(unclaimed(), again, due_at__lte=now)
        locked = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
        for case in locked.order_by("due_at", "id")[:AT_ONCE]:
            Case.objects.filter(id=case.id).update(called_at=now)
            calls.case_opened(case)


def call_for_overdue_answers() -> None:
    """Calls whoever has a case in which nobody has written in its time; from the second time on all who may see it.

    That it was set to wait changes nothing: whoever asked has heard from nobody.
    """
    found = Case.objects.filter(held(), answered=False)
    _call_late(found, _late_answer, _call_for_answer)


def call_for_overdue_turns() -> None:
    """The same for whoever asked and has written again after an answer."""
    again = Case.objects.filter(held(), answered=True)
    _call_late(again.exclude(turn=b""), _late_turn, _call_for_answer)


def call_for_long_waits() -> None:
    """Calls whoever lets an answered case wait, once a day: what it waited for may have come to nothing."""
    found = Case.objects.filter(held(), state=CaseState.WAITING, answered=True)
    _call_late(found, _late_wait, lambda case, _: calls.case_waits(case))


def call_for_overdue_seconds() -> None:
    """Calls those who may agree to a proposal, or to handing a case over, which nobody has answered in its time."""
    proposed = Decision.objects.filter(state=DecisionState.PROPOSED).select_related("case", "subject")
    _call_late(proposed, _late_proposal, lambda decision, _: calls.decision_proposed(decision))
    waiting = Referral.objects.filter(needs_second=True, agreed_at=None, refused_at=None)
    waiting = waiting.exclude(case__state=CaseState.CLOSED)
    _call_late(waiting.select_related("case"), _late_referral, lambda referral, _: calls.referral_proposed(referral))


def call_for_overdue_appeals() -> None:
    """Calls those who may look at a decision again when nobody has done so in its time."""
    waiting = Appeal.objects.filter(outcome="").select_related("decision__case", "decision__subject")
    _call_late(waiting, _late_appeal, lambda appeal, _: calls.appeal_made(appeal.decision))


def _call_late(
    found: QuerySet[Row], late: Callable[[Row, datetime], Late | None], call: Callable[[Row, int], None]
) -> None:
    now = timezone.now()
    ids = [row.pk for row in found.order_by("pk") if late(row, now) is not None]
    for each in ids[:AT_ONCE]:
        with transaction.atomic():
            for row in found.filter(pk=each).select_for_update(skip_locked=True, of=("self",), no_key=True):
                # Another worker may have called meanwhile.
                still = late(row, now)
                if still is not None:
                    found.filter(pk=row.pk).update(**still.counted)
                    call(row, still.before)


def _late(before: int, clock: Clock | None, now: datetime, counter: str = "calls") -> Late | None:
    due = 0 if clock is None else clock.calls(now)
    return Late(before, {counter: due}) if due > before else None


def _late_answer(case: Case, now: datetime) -> Late | None:
    return _late(case.answer_calls, answer_clock(case), now, "answer_calls")


def _late_wait(case: Case, now: datetime) -> Late | None:
    return _late(case.answer_calls, wait_clock(case), now, "answer_calls")


def _late_turn(case: Case, now: datetime) -> Late | None:
    turn = open_turn(case.id, case.turn)
    if turn is None:
        return None
    due = Clock(turn.since, ANSWERED_WITHIN[case.urgency]).calls(now)
    return Late(turn.calls, {"turn": seal_turn(case.id, Turn(turn.since, due))}) if due > turn.calls else None


def _late_proposal(decision: Decision, now: datetime) -> Late | None:
    return _late(decision.calls, decision_clock(decision), now)


def _late_referral(referral: Referral, now: datetime) -> Late | None:
    return _late(referral.calls, referral_clock(referral), now)


def _late_appeal(appeal: Appeal, now: datetime) -> Late | None:
    return _late(appeal.calls, decision_clock(appeal.decision), now)


def _call_for_answer(case: Case, before: int) -> None:
    if before == 0:
        calls.case_given(case)
    else:
        calls.case_opened(case)
