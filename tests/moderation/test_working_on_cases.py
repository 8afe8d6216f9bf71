"""Who works on a case, that two never do so unknowingly, and how it ends."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from chat.actions.deletion import delete_account
from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.actions import cases
from moderation.actions.cases import claim_case
from moderation.log_queries import audit_log
from moderation.models import AuditEntry, Case, CaseState
from tests.http.api import get, post
from tests.moderation.asking import opening, queue, shown
from tests.moderation.conftest import Harbour, settle


def test_a_claimed_case_is_nobody_elses_until_it_is_handed_over(harbour: Harbour) -> None:
    case = f"/cases/{harbour.case().id}"
    assert post(harbour.moderator, f"{case}/claim").body["claimed_by"] == str(harbour.moderator.account)
    assert post(harbour.moderator, f"{case}/claim").status == 200
    refused = post(harbour.colleague, f"{case}/claim")
    assert (refused.code, refused.body["error"]["account"]) == (Code.CASE_CLAIMED, str(harbour.moderator.account))
    assert post(harbour.colleague, f"{case}/close", {"outcome": "helped"}).code == Code.CASE_CLAIMED
    assert post(harbour.moderator, f"{case}/hand-over", {"to": str(harbour.colleague.account)}).status == 200
    assert post(harbour.moderator, f"{case}/close", {"outcome": "helped"}).code == Code.CASE_CLAIMED
    assert post(harbour.colleague, f"{case}/waiting", {"waiting": True}).body["state"] == "waiting"
    assert post(harbour.colleague, f"{case}/waiting", {"waiting": False}).body["state"] == "claimed"
    assert post(harbour.colleague, f"{case}/hand-over", {"to": None}).body["state"] == "unclaimed"
    assert post(harbour.coordinator, f"{case}/claim").status == 200
    closed = post(harbour.coordinator, f"{case}/close", {"outcome": "referred"})
    assert (closed.body["state"], closed.body["outcome"]) == ("closed", "referred")
    assert post(harbour.coordinator, f"{case}/close", {"outcome": "helped"}).code == Code.CASE_CLOSED
    assert queue(harbour.moderator) == []
    assert [item["id"] for item in get(harbour.moderator, "/cases?closed=true").body["cases"]] == [closed.body["id"]]
    taken = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert taken == [
        "case_opened",
        "case_claimed",
        "case_handed_over",
        "case_waiting",
        "case_resumed",
        "case_handed_over",
        "case_claimed",
        "case_closed",
    ]


def test_what_the_server_knows_of_an_answer_is_a_yes_or_no_for_staff(harbour: Harbour) -> None:
    case = f"/cases/{harbour.case().id}"
    before = AuditEntry.objects.count()
    assert post(harbour.colleague, f"{case}/answered", {"at": now_ms()}).body["state"] == "unclaimed"
    taken = post(harbour.moderator, f"{case}/claim").body
    assert taken["answered"] is False
    row = Case.objects.values().get()
    for _ in range(2):
        assert post(harbour.moderator, f"{case}/answered", {"at": now_ms()}).body == taken | {"answered": True}
    answered = Case.objects.values().get()
    assert answered == row | {"answered": True, "turn": answered["turn"]}
    assert not {"answered", "asked_at", "moved_at", "due_at"} & get(harbour.member, case).body.keys()
    assert AuditEntry.objects.count() == before + 1
    assert "answered" not in post(harbour.moderator, f"{case}/hand-over", {"to": None}).body
    assert post(harbour.moderator, f"{case}/claim").body["answered"] is False


def test_nobody_but_who_has_a_case_and_coordinators_stops_its_clock(harbour: Harbour) -> None:
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    at = {"at": now_ms()}
    refused = post(harbour.colleague, f"{path}/answered", at)
    assert (refused.code, refused.body["error"]["account"]) == (Code.CASE_CLAIMED, str(harbour.moderator.account))
    assert get(harbour.moderator, path).body["answered"] is False
    assert post(harbour.coordinator, f"{path}/answered", at).body["answered"] is True


def test_an_answer_of_before_or_of_a_time_to_come_stops_no_clock(harbour: Harbour) -> None:
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    for to_come in (4_102_444_800_000, now_ms() + 60_000):
        assert post(harbour.moderator, f"{path}/answered", {"at": to_come}).code == Code.MALFORMED
    assert post(harbour.moderator, f"{path}/answered", {"at": 0}).body["answered"] is False
    late = now_ms()
    handed = post(harbour.coordinator, f"{path}/hand-over", {"to": str(harbour.colleague.account)})
    moved = get(harbour.colleague, path).body["moved_at"]
    assert handed.status == 200
    assert post(harbour.coordinator, f"{path}/answered", {"at": min(late, moved - 1)}).body["answered"] is False
    # A device knows that moment in whole milliseconds.
    assert post(harbour.colleague, f"{path}/answered", {"at": moved}).body["answered"] is True
    post(harbour.colleague, f"{path}/waiting", {"waiting": True})
    post(harbour.member, f"{path}/asked", {"at": now_ms() + 1000})
    waits = get(harbour.colleague, path).body
    assert (
        post(harbour.colleague, f"{path}/answered", {"at": waits["moved_at"] - 1}).body["asked_at"] == waits["asked_at"]
    )
    assert post(harbour.colleague, f"{path}/answered", {"at": 4_102_444_800_000}).code == Code.MALFORMED
    assert get(harbour.colleague, path).body["asked_at"] == waits["asked_at"]


@pytest.mark.parametrize("answered", [False, True])
def test_letting_a_case_wait_twice_begins_no_clock_anew_and_stands_in_the_log_once(
    harbour: Harbour, answered: bool
) -> None:
    case = f"/cases/{harbour.case().id}"
    taken = post(harbour.moderator, f"{case}/claim").body
    if answered:
        post(harbour.moderator, f"{case}/answered", {"at": now_ms()})
    for waiting, state, action in ((True, "waiting", "case_waiting"), (False, "claimed", "case_resumed")):
        first = post(harbour.moderator, f"{case}/waiting", {"waiting": waiting}).body
        assert (first["state"], first["answered"]) == (state, answered and waiting)
        assert (first["moved_at"] == taken["moved_at"]) is not answered
        row = Case.objects.values().get()
        for person in (harbour.moderator, harbour.coordinator):
            assert post(person, f"{case}/waiting", {"waiting": waiting}).body == first
        assert Case.objects.values().get() == row
        assert AuditEntry.objects.filter(action=action).count() == 1


def test_that_whoever_asked_waits_again_is_kept_where_a_database_alone_does_not_tell_it(harbour: Harbour) -> None:
    case = f"/cases/{harbour.case().id}"
    before = AuditEntry.objects.count()
    assert post(harbour.member, f"{case}/asked", {"at": now_ms()}).status == 200
    moved = post(harbour.moderator, f"{case}/claim").body["moved_at"]
    post(harbour.moderator, f"{case}/answered", {"at": now_ms()})
    row = Case.objects.values().get()
    assert "asked_at" not in post(harbour.member, f"{case}/asked", {"at": moved - 1}).body
    assert "asked_at" not in get(harbour.moderator, case).body
    assert "asked_at" not in post(harbour.member, f"{case}/asked", {"at": now_ms() + 1000}).body
    asked_at = get(harbour.moderator, case).body["asked_at"]
    assert moved <= asked_at <= now_ms()
    after = Case.objects.values().get()
    assert after == row | {"turn": after["turn"]}
    assert len(row["turn"]) == len(after["turn"])
    other = harbour.case()
    Case.objects.filter(id=other.id).update(turn=after["turn"], state="claimed", claimed_by=harbour.moderator.account)
    assert "asked_at" not in get(harbour.moderator, f"/cases/{other.id}").body
    # What was written before they asked again is no answer to it.
    post(harbour.moderator, f"{case}/answered", {"at": asked_at - 1})
    assert get(harbour.moderator, case).body["asked_at"] == asked_at
    post(harbour.moderator, f"{case}/answered", {"at": asked_at})
    assert "asked_at" not in get(harbour.moderator, case).body
    assert AuditEntry.objects.count() == before + 2


def now_ms() -> int:
    return int(timezone.now().timestamp() * 1000)


def test_a_case_is_free_again_when_its_moderator_is_suspended_or_gone(harbour: Harbour) -> None:
    suspended, deleted = harbour.case(), harbour.case()
    moderator, colleague = harbour.account(harbour.moderator), harbour.account(harbour.colleague)
    claim_case(suspended, moderator)
    claim_case(deleted, colleague)
    Account.objects.filter(id=moderator.id).update(suspended_at=timezone.now())
    colleague.delete()
    for case in (suspended, deleted):
        seen = shown(harbour.coordinator, case.id).body
        assert (seen["state"], seen.get("claimed_by")) == ("unclaimed", None)
        assert post(harbour.coordinator, f"/cases/{case.id}/claim").status == 200


def test_a_moderators_own_case_is_for_the_others(harbour: Harbour) -> None:
    reply = post(harbour.moderator, "/cases", opening())
    assert str(harbour.moderator.account) not in reply.body["staff"]
    assert post(harbour.moderator, f"/cases/{reply.body['id']}/claim").code == Code.FORBIDDEN
    assert post(harbour.colleague, f"/cases/{reply.body['id']}/claim").status == 200


def test_a_withdrawn_case_is_closed_and_stays_so(harbour: Harbour) -> None:
    case = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{case}/claim")
    assert post(harbour.member, f"{case}/withdraw").body["outcome"] == "withdrawn"
    assert post(harbour.member, f"{case}/withdraw").status == 200
    assert post(harbour.moderator, f"{case}/close", {"outcome": "helped"}).code == Code.CASE_CLOSED
    assert post(harbour.moderator, f"{case}/claim").code == Code.CASE_CLOSED


@pytest.mark.django_db(transaction=True)
def test_a_case_outlives_the_account_that_opened_it() -> None:
    harbour = settle()
    case = harbour.case()
    claim_case(case, harbour.account(harbour.moderator))
    delete_account(harbour.account(harbour.member))
    seen = shown(harbour.moderator, case.id).body
    assert "opened_by" not in seen
    assert post(harbour.moderator, f"/cases/{case.id}/close", {"outcome": "helped"}).status == 200


def race(*moves: Callable[[], object]) -> list[object]:
    """What comes of moves made at the same moment: an answer, or the code of a refusal."""
    results: list[object] = []
    start = threading.Barrier(len(moves))

    def move(step: Callable[[], object]) -> None:
        try:
            start.wait()
            results.append(step())
        except ProtocolError as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=move, args=(step,)) for step in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_moderators_who_claim_at_once_are_one_holder_and_one_who_is_told() -> None:
    harbour = settle()
    moderator, colleague = harbour.account(harbour.moderator), harbour.account(harbour.colleague)
    for _ in range(5):
        one = harbour.case()
        other = Case.objects.get(id=one.id)
        results = race(partial(claim_case, one, moderator), partial(claim_case, other, colleague))
        held = Case.objects.get(id=one.id)
        assert {held, Code.CASE_CLAIMED} == set(results)
        assert AuditEntry.objects.filter(case=one.id, action="case_claimed").count() == 1
        cases.withdraw_case(held, harbour.account(harbour.member))


@pytest.mark.django_db(transaction=True)
def test_closing_and_withdrawing_at_once_end_the_case_once() -> None:
    harbour = settle()
    moderator, member = harbour.account(harbour.moderator), harbour.account(harbour.member)
    case = harbour.case()
    claim_case(case, moderator)
    one, other = Case.objects.get(id=case.id), Case.objects.get(id=case.id)
    results = race(
        lambda: cases.close_case(one, moderator, "helped").outcome, lambda: cases.withdraw_case(other, member).outcome
    )
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert sorted(map(str, results)) == sorted([case.outcome, Code.CASE_CLOSED.value])
    assert AuditEntry.objects.filter(case=case.id, action="case_closed").count() == 1
    assert [item.entry.seq for item in audit_log(harbour.network.id)] == [1, 2, 3]
