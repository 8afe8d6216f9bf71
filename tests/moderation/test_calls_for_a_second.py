"""Whom of the staff a proposal, a hand-over and an appeal call, and again while they wait; and the clock that says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import Account
from chat.push import upkeep
from moderation.actions import cases, decisions, ending, referrals
from moderation.actions.decisions import Deciding
from moderation.actions.overdue import call_for_overdue_appeals, call_for_overdue_seconds
from moderation.clocks import LOOKED_AT_WITHIN, Clock
from moderation.models import Appeal, Case, Decision, Referral, Rights
from tests.factories import device_of
from tests.http.api import get
from tests.moderation.calling import called, each, everyone_can_be_woken
from tests.moderation.conftest import Harbour

HOURS = timedelta(hours=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

__all__ = ["everyone_can_be_woken"]


def propose(harbour: Harbour, kind: str = "ban", case: Case | None = None) -> Decision:
    subject, by = harbour.account(harbour.infiltrator), harbour.account(harbour.moderator)
    return decisions.decide(by, subject, Deciding(uuid4(), kind, "conduct", 1, None, "other"), room=None, case=case)


def handed_over(harbour: Harbour, urgency: str) -> Referral:
    case = cases.claim_case(harbour.case(urgency), harbour.account(harbour.moderator))
    return referrals.propose(case, harbour.account(harbour.moderator), uuid4())


def ago(hours: float) -> datetime:
    return timezone.now() - hours * HOURS - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("span", "hours"),
    [
        (timedelta(minutes=30), (0.5, 1, 2, 4, 8, 16, 32, 56, 80)),
        (timedelta(hours=4), (4, 8, 16, 32, 56, 80)),
        (timedelta(days=2), (48, 96, 144, 192)),
    ],
    ids=["half an hour", "four hours", "two days"],
)
def test_calls_come_at_distances_that_double_up_to_a_day(span: timedelta, hours: tuple[float, ...]) -> None:
    clock = Clock(BEGIN, span)
    for number, at in enumerate(hours):
        assert clock.calls(BEGIN + at * HOURS - timedelta(seconds=1)) == number
        assert clock.calls(BEGIN + at * HOURS) == number + 1
    assert clock.due == BEGIN + span


def test_a_clock_that_leapt_ahead_counts_to_an_end() -> None:
    assert Clock(BEGIN, timedelta(minutes=30)).calls(BEGIN + timedelta(days=365 * 500)) < 2**15


def test_a_proposal_calls_those_who_may_agree_to_it(harbour: Harbour) -> None:
    propose(harbour)
    assert called() == each(harbour.colleague, harbour.coordinator)
    Rights.objects.create(account=harbour.account(harbour.colleague), denied=["ban"])
    propose(harbour)
    assert called() == each(harbour.coordinator)
    propose(harbour, "warn")
    assert called() == {}


def test_an_appeal_calls_those_who_had_no_part_in_the_decision_once(harbour: Harbour) -> None:
    warning = propose(harbour, "warn")
    ending.appeal(warning)
    assert called() == each(harbour.colleague, harbour.coordinator)
    ending.appeal(warning)
    assert called() == {}


def test_a_moderator_who_asked_is_not_called_to_be_the_second(harbour: Harbour) -> None:
    asking = cases.Asking(uuid4(), uuid4(), "threats", "soon", frozenset())
    case = cases.open_case(device_of(harbour.colleague), asking)
    called()
    ban = Deciding(uuid4(), "ban", "conduct", 1, None, "other")
    by, subject = harbour.account(harbour.moderator), harbour.account(harbour.infiltrator)
    made = decisions.decide(by, subject, ban, room=None, case=case)
    assert called() == each(harbour.coordinator)
    decisions.refuse(made, by)
    warned = decisions.decide(by, subject, Deciding(uuid4(), "warn", "conduct", 1, None, "other"), room=None, case=case)
    ending.appeal(warned)
    assert called() == each(harbour.coordinator)


def test_a_proposal_calls_those_who_may_agree_to_it_again_while_it_waits(harbour: Harbour) -> None:
    made = propose(harbour)
    assert called() == each(harbour.colleague, harbour.coordinator)
    assert call_for_overdue_seconds in upkeep.rounds
    for hours, again in ((3, False), (4, True), (8, True), (9, False), (16, True), (32, True), (55, False), (56, True)):
        Decision.objects.filter(id=made.id).update(decided_at=ago(hours))
        call_for_overdue_seconds()
        assert called() == (each(harbour.colleague, harbour.coordinator) if again else {})
        call_for_overdue_seconds()
        assert called() == {}
    decisions.agree(Decision.objects.get(id=made.id), harbour.account(harbour.colleague))
    Decision.objects.filter(id=made.id).update(decided_at=ago(500))
    call_for_overdue_seconds()
    assert called() == {}


def test_a_proposal_of_a_case_waits_as_long_as_whoever_asked_there(harbour: Harbour) -> None:
    made = propose(harbour, case=harbour.case("now"))
    called()
    Decision.objects.filter(id=made.id).update(decided_at=ago(0.5))
    call_for_overdue_seconds()
    assert called() == each(harbour.colleague, harbour.coordinator, urgent=True)


def test_nobody_is_called_for_a_proposal_that_can_do_nothing_any_more(harbour: Harbour) -> None:
    taken_back, over, about_nobody = propose(harbour), propose(harbour), propose(harbour)
    decisions.refuse(taken_back, harbour.account(harbour.moderator))
    Decision.objects.filter(id=over.id).update(until=timezone.now())
    Decision.objects.filter(id=about_nobody.id).update(subject=None)
    Decision.objects.update(decided_at=ago(500))
    called()
    call_for_overdue_seconds()
    assert called() == {}


@pytest.mark.parametrize(("urgency", "hours"), [("now", 0.5), ("today", 4), ("soon", 48)])
def test_a_hand_over_calls_those_who_may_agree_to_it_again_while_it_waits(
    harbour: Harbour, urgency: str, hours: float
) -> None:
    made = handed_over(harbour, urgency)
    Rights.objects.create(account=harbour.account(harbour.colleague), denied=["hand_over"])
    called()
    call_for_overdue_seconds()
    assert called() == {}
    for times, again in ((1, True), (1.5, False), (2, True)):
        Referral.objects.filter(id=made.id).update(proposed_at=ago(times * hours))
        call_for_overdue_seconds()
        assert called() == (each(harbour.coordinator, urgent=urgency == "now") if again else {})


@pytest.mark.parametrize("way", ["agreed", "refused", "taken back", "declined", "closed", "gone"])
def test_nobody_is_called_for_a_hand_over_that_waits_for_no_second_moderator(harbour: Harbour, way: str) -> None:
    made = handed_over(harbour, "today")
    if way == "agreed":
        referrals.agree(made, harbour.account(harbour.colleague))
    elif way in ("refused", "taken back"):
        referrals.refuse(made, harbour.account(harbour.colleague if way == "refused" else harbour.moderator))
    elif way == "declined":
        referrals.answer(made, harbour.account(harbour.member), consented=False)
    elif way == "closed":
        cases.close_case(made.case, harbour.account(harbour.moderator), "helped")
    else:
        Case.objects.update(opened_by=None)
    Referral.objects.update(proposed_at=ago(500))
    called()
    call_for_overdue_seconds()
    assert called() == {}


def test_an_appeal_calls_those_who_had_no_part_again_while_it_waits(harbour: Harbour) -> None:
    made = ending.appeal(propose(harbour, "warn"))
    called()
    assert call_for_overdue_appeals in upkeep.rounds
    for days, again in ((1, False), (2, True), (3, False), (4, True), (6, True), (7, False), (8, True)):
        Appeal.objects.update(made_at=ago(24 * days))
        call_for_overdue_appeals()
        assert called() == (each(harbour.colleague, harbour.coordinator) if again else {})
        call_for_overdue_appeals()
        assert called() == {}
    ending.close_appeal(made, harbour.account(harbour.colleague), "upheld", "fits")
    Appeal.objects.update(made_at=ago(5000))
    call_for_overdue_appeals()
    assert called() == {}


def test_nobody_is_called_for_an_appeal_whose_person_has_gone(harbour: Harbour) -> None:
    ending.appeal(propose(harbour, "warn"))
    Appeal.objects.update(made_at=ago(5000))
    Decision.objects.update(subject=None)
    called()
    call_for_overdue_appeals()
    assert called() == {}


def shown(harbour: Harbour, decision: Decision) -> int | None:
    listed = get(harbour.colleague, "/decisions").body["decisions"]
    found: int | None = next(item["due_at"] for item in listed if item["id"] == str(decision.id))
    return found


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_the_list_of_decisions_says_until_when_each_should_be_answered(harbour: Harbour) -> None:
    proposed, urgent = propose(harbour), propose(harbour, case=harbour.case("now"))
    assert shown(harbour, proposed) == millis(proposed.decided_at + 4 * HOURS)
    assert shown(harbour, urgent) == millis(urgent.decided_at + HOURS / 2)
    decisions.refuse(urgent, harbour.account(harbour.colleague))
    assert shown(harbour, urgent) is None
    warned = propose(harbour, "warn")
    assert shown(harbour, warned) is None
    ending.appeal(warned)
    made_at = Appeal.objects.get(decision=warned).made_at
    assert shown(harbour, warned) == millis(made_at + LOOKED_AT_WITHIN)
    ending.close_appeal(Decision.objects.get(id=warned.id), harbour.account(harbour.colleague), "upheld", "fits")
    assert shown(harbour, warned) is None


@pytest.mark.parametrize("answer", [referrals.agree, referrals.refuse], ids=["agree", "refuse"])
def test_a_hand_over_says_until_when_a_second_moderator_should_answer(
    harbour: Harbour, answer: Callable[[Referral, Account], Referral]
) -> None:
    made = handed_over(harbour, "now")

    def due() -> int | None:
        found: int | None = get(harbour.colleague, f"/cases/{made.case_id}/referrals").body["referrals"][0]["due_at"]
        return found

    assert due() == millis(made.proposed_at + HOURS / 2)
    answer(made, harbour.account(harbour.colleague))
    assert due() is None
