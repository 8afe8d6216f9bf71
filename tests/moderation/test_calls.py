"""Whom of the staff a case and its clocks call, as it stands in the outbox."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import Account, PushProcess
from chat.push import times, upkeep
from moderation.actions import cases
from moderation.actions.overdue import (
    call_for_overdue_answers,
    call_for_overdue_cases,
    call_for_overdue_turns,
)
from moderation.clocks import ANSWERED_WITHIN, TAKEN_WITHIN
from moderation.models import Case
from moderation.turns import Turn, open_turn, seal_turn
from tests.factories import device_of
from tests.moderation.calling import called, each, everyone_can_be_woken, taken, unanswered, wait
from tests.moderation.conftest import Harbour
from tests.push.rows import connect

__all__ = ["everyone_can_be_woken"]


def overdue(*which: Case) -> None:
    Case.objects.filter(id__in=[case.id for case in which]).update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(("urgency", "urgent"), [("now", True), ("today", False)])
def test_a_new_case_calls_those_who_may_see_it(harbour: Harbour, urgency: str, urgent: bool) -> None:
    harbour.case(urgency, kept_from=frozenset({harbour.colleague.account}))
    assert called() == each(harbour.moderator, harbour.coordinator, urgent=urgent)


def test_a_moderators_own_case_does_not_call_them(harbour: Harbour) -> None:
    asking = cases.Asking(uuid4(), uuid4(), "threats", "soon", frozenset())
    cases.open_case(device_of(harbour.moderator), asking)
    assert called() == each(harbour.colleague, harbour.coordinator)


def test_who_is_connected_or_suspended_is_not_called(harbour: Harbour) -> None:
    process = PushProcess.objects.create(id="one", beat_at=times.now_ms())
    dead = PushProcess.objects.create(id="dead", beat_at=times.now_ms() - 3_600_000)
    for person, where in ((harbour.colleague, process), (harbour.coordinator, dead)):
        connect(device_of(person).pk, where)
    Account.objects.filter(id=harbour.moderator.account).update(suspended_at=timezone.now())
    harbour.case("now")
    assert called() == each(harbour.coordinator, urgent=True)


def test_a_clock_that_runs_out_calls_once_unless_somebody_has_the_case(harbour: Harbour) -> None:
    late, taken, closed, early = (harbour.case(urgency) for urgency in ("now", "today", "today", "soon"))
    cases.claim_case(taken, harbour.account(harbour.moderator))
    cases.withdraw_case(closed, harbour.account(harbour.member))
    overdue(late, taken, closed)
    called()
    assert call_for_overdue_cases in upkeep.rounds
    call_for_overdue_cases()
    assert called() == each(harbour.moderator, harbour.colleague, harbour.coordinator, urgent=True)
    assert list(Case.objects.filter(called_at__isnull=False)) == [late]
    call_for_overdue_cases()
    assert called() == {}
    overdue(early)
    Account.objects.filter(id=harbour.moderator.account).update(suspended_at=timezone.now())
    call_for_overdue_cases()
    # The case whose holder was suspended is nobody's, and its time is over too.
    assert called() == each(harbour.colleague, harbour.coordinator)
    assert Case.objects.filter(called_at__isnull=False).count() == 3


def test_while_nobody_has_a_case_its_clock_calls_again_and_again(harbour: Harbour) -> None:
    case = harbour.case("now")
    overdue(case)
    everyone = each(harbour.moderator, harbour.colleague, harbour.coordinator, urgent=True)
    for _ in range(3):
        called()
        call_for_overdue_cases()
        assert called() == everyone
        call_for_overdue_cases()
        assert called() == {}
        a_while_ago = timezone.now() - TAKEN_WITHIN["now"]
        assert Case.objects.filter(called_at__gt=a_while_ago).update(called_at=a_while_ago) == 1


@pytest.mark.parametrize("way", ["given back", "suspended", "gone"])
def test_a_case_that_comes_back_to_the_queue_calls_anew(harbour: Harbour, way: str) -> None:
    case, moderator = harbour.case("now"), harbour.account(harbour.moderator)
    overdue(case)
    call_for_overdue_cases()
    case = cases.claim_case(Case.objects.get(id=case.id), moderator)
    called()
    call_for_overdue_cases()
    assert called() == {}
    if way == "given back":
        cases.hand_over_case(case, moderator, None)
    elif way == "suspended":
        Account.objects.filter(id=moderator.id).update(suspended_at=timezone.now())
    else:
        moderator.delete()
    call_for_overdue_cases()
    assert called().keys() >= each(harbour.colleague, harbour.coordinator).keys()


def test_whom_a_case_is_given_to_is_called_unless_they_took_it_themselves(harbour: Harbour) -> None:
    coordinator = harbour.account(harbour.coordinator)
    case = cases.hand_over_case(taken(harbour), harbour.account(harbour.moderator), harbour.colleague.account)
    assert called() == each(harbour.colleague, urgent=True)
    cases.hand_over_case(case, coordinator, coordinator.id)
    assert called() == {}


def test_who_has_a_case_and_does_not_answer_is_called_and_then_everybody_more_and_more_seldom(
    harbour: Harbour,
) -> None:
    case = taken(harbour)
    assert call_for_overdue_answers in upkeep.rounds
    call_for_overdue_answers()
    assert called() == {}
    unanswered(case)
    call_for_overdue_answers()
    assert called() == each(harbour.moderator, urgent=True)
    call_for_overdue_answers()
    assert called() == {}
    everyone = each(harbour.moderator, harbour.colleague, harbour.coordinator, urgent=True)
    for gone, whom in ((2, everyone), (3, {}), (4, everyone), (7, {}), (8, everyone)):
        unanswered(case, gone)
        call_for_overdue_answers()
        assert called() == whom
        call_for_overdue_answers()
        assert called() == {}
    cases.note_answer(case, timezone.now())
    unanswered(case, 100)
    call_for_overdue_answers()
    assert called() == {}


def test_whoever_could_not_be_called_for_long_is_called_once_and_not_for_each_time(harbour: Harbour) -> None:
    case = taken(harbour)
    unanswered(case, 20)
    call_for_overdue_answers()
    assert called() == each(harbour.moderator, urgent=True)
    call_for_overdue_answers()
    assert called() == {}
    unanswered(case, 33)
    call_for_overdue_answers()
    assert called() == each(harbour.moderator, harbour.colleague, harbour.coordinator, urgent=True)


def test_nobody_is_called_for_what_was_answered_or_waits_or_is_closed(harbour: Harbour) -> None:
    moderator = harbour.account(harbour.moderator)
    done, waiting, closed = (taken(harbour, "today") for _ in range(3))
    for case in (done, waiting):
        cases.note_answer(case, timezone.now())
    wait(waiting)
    cases.close_case(closed, moderator, "helped")
    called()
    for case in (done, waiting, closed):
        unanswered(case, 2)
    call_for_overdue_answers()
    assert called() == {}


def test_the_time_to_answer_begins_anew_with_whoever_is_given_the_case_and_when_it_goes_on(harbour: Harbour) -> None:
    case, moderator = taken(harbour, "soon"), harbour.account(harbour.moderator)
    unanswered(case)
    call_for_overdue_answers()
    assert called() == each(harbour.moderator)
    cases.note_answer(case, timezone.now())
    case = cases.hand_over_case(case, moderator, harbour.colleague.account)
    assert (case.answered, case.answer_calls) == (False, 0)
    assert called() == each(harbour.colleague)
    call_for_overdue_answers()
    assert called() == {}
    unanswered(case)
    call_for_overdue_answers()
    assert called() == each(harbour.colleague)
    cases.note_answer(case, timezone.now())
    wait(case)
    case = wait(case, False)
    call_for_overdue_answers()
    assert called() == {}
    unanswered(case)
    call_for_overdue_answers()
    assert called() == each(harbour.colleague)
    case = cases.hand_over_case(Case.objects.get(id=case.id), harbour.account(harbour.colleague), None)
    assert case.moved_at is None
    call_for_overdue_answers()
    assert called() == {}


def waits_again(case: Case, times: float) -> None:
    """So often the time to answer what was asked again has gone by, and a little more."""
    fresh = Case.objects.get(id=case.id)
    turn = open_turn(case.id, fresh.turn)
    assert turn is not None
    since = timezone.now() - times * ANSWERED_WITHIN[case.urgency] - timedelta(seconds=1)
    Case.objects.filter(id=case.id).update(turn=seal_turn(case.id, Turn(since, turn.calls)))


@pytest.mark.parametrize("waiting", [False, True])
def test_whoever_asked_and_writes_again_has_a_clock_that_calls_the_holder_and_then_everybody(
    harbour: Harbour, waiting: bool
) -> None:
    case = taken(harbour)
    cases.note_answer(case, timezone.now())
    if waiting:
        case = wait(case)
    assert call_for_overdue_turns in upkeep.rounds
    for _ in range(2):
        cases.note_asked(case, timezone.now())
        call_for_overdue_turns()
        assert called() == {}
        waits_again(case, 1)
        call_for_overdue_turns()
        assert called() == each(harbour.moderator, urgent=True)
        # What they write after it does not begin the time anew.
        cases.note_asked(case, timezone.now())
        call_for_overdue_turns()
        assert called() == {}
        everyone = (harbour.moderator, harbour.colleague, harbour.coordinator)
        for gone, whom in ((2, everyone), (3, ()), (4, everyone), (7, ()), (8, everyone)):
            waits_again(case, gone)
            call_for_overdue_turns()
            assert called() == each(*whom, urgent=True)
        cases.note_answer(case, timezone.now())
        call_for_overdue_turns()
        assert called() == {}


def test_what_was_asked_again_is_over_with_the_next_step_of_the_case(harbour: Harbour) -> None:
    moderator = harbour.account(harbour.moderator)
    steps: list[Callable[[Case], Case]] = [
        partial(cases.hand_over_case, actor=moderator, to=harbour.colleague.account),
        wait,
        partial(cases.close_case, actor=moderator, outcome="helped"),
    ]
    for step in steps:
        case = taken(harbour)
        cases.note_answer(case, timezone.now())
        cases.note_asked(case, timezone.now())
        waits_again(case, 2)
        step(Case.objects.get(id=case.id))
        called()
        call_for_overdue_turns()
        assert called() == {}


def test_a_case_whose_holder_was_suspended_is_late_for_being_taken_and_not_for_being_answered(harbour: Harbour) -> None:
    unanswered(taken(harbour))
    Account.objects.filter(id=harbour.moderator.account).update(suspended_at=timezone.now())
    call_for_overdue_answers()
    assert called() == {}
