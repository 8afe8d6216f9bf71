"""Letting a question wait: whom that calls, and that it silences none that nobody has answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.push import upkeep
from moderation.actions import cases
from moderation.actions.overdue import call_for_long_waits, call_for_overdue_answers, call_for_overdue_turns
from moderation.models import Case
from tests.moderation.calling import called, each, everyone_can_be_woken, taken, unanswered, wait
from tests.moderation.conftest import Harbour

__all__ = ["everyone_can_be_woken"]


@pytest.mark.parametrize("goes_on", [False, True])
def test_letting_a_case_wait_that_nobody_has_answered_stops_no_clock_and_begins_none_anew(
    harbour: Harbour, goes_on: bool
) -> None:
    case = wait(taken(harbour))
    unanswered(case)
    if goes_on:
        case = wait(case, False)
    call_for_overdue_answers()
    assert called() == each(harbour.moderator, urgent=True)
    case = wait(case)
    unanswered(case, 2)
    call_for_long_waits()
    call_for_overdue_turns()
    assert called() == {}
    call_for_overdue_answers()
    assert called() == each(harbour.moderator, harbour.colleague, harbour.coordinator, urgent=True)
    cases.note_answer(case, timezone.now())
    unanswered(case, 4)
    call_for_overdue_answers()
    assert called() == {}


def test_what_was_answered_and_waits_calls_whoever_has_it_once_a_day_and_at_no_unkind_hour(harbour: Harbour) -> None:
    case = taken(harbour)
    cases.note_answer(case, timezone.now())
    wait(case)
    assert call_for_long_waits in upkeep.rounds
    for days in (1, 2, 3):
        for hours, whom in ((-1, ()), (0, (harbour.moderator,)), (1, ())):
            moved_at = timezone.now() - timedelta(days=days, hours=hours, seconds=1)
            Case.objects.filter(id=case.id).update(moved_at=moved_at)
            call_for_long_waits()
            assert called() == each(*whom)
    wait(case, False)
    Case.objects.filter(id=case.id).update(moved_at=timezone.now() - timedelta(days=9))
    call_for_long_waits()
    assert called() == {}


def test_what_was_set_to_wait_and_answered_then_calls_for_each_day_from_then_on(harbour: Harbour) -> None:
    case = wait(taken(harbour))
    unanswered(case, 20)
    call_for_overdue_answers()
    assert Case.objects.get(id=case.id).answer_calls > 1
    cases.note_answer(case, timezone.now())
    Case.objects.filter(id=case.id).update(moved_at=timezone.now() - timedelta(days=1, seconds=1))
    called()
    call_for_long_waits()
    assert called() == each(harbour.moderator)
