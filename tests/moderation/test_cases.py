"""The life of a case: who sees it, who works on it, and that two never do so unknowingly."""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.utils import timezone

from chat.actions.deletion import delete_account
from chat.api.fields import b64encode
from chat.models import Account, Device, Role, RoomDevice
from chat.protocol.errors import Code, ProtocolError
from moderation.actions import cases
from moderation.actions.cases import claim_case
from moderation.audit import read_checkpoint
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.models import AuditEntry, Case, CaseState
from moderation.pseudonyms import pseudonym
from moderation.queries import audit_log
from moderation.signing import verified_claims
from tests.factories import Person, device_of, enrolled
from tests.http.api import Reply, get, post
from tests.moderation.conftest import Harbour, settle, stamped


def opening(**changed: object) -> dict[str, object]:
    return {"id": str(uuid4()), "room": str(uuid4()), "concern": "harassment", "urgency": "today"} | changed


def shown(person: Person, case: object) -> Reply:
    return get(person, f"/cases/{case}")


def queue(person: Person) -> list[str]:
    return [item["id"] for item in get(person, "/cases").body["cases"]]


def test_a_member_opens_a_case_and_is_told_who_will_see_it(harbour: Harbour) -> None:
    asked = opening()
    reply = post(harbour.member, "/cases", asked)
    assert reply.status == 200
    staff = sorted(str(person.account) for person in (harbour.moderator, harbour.colleague, harbour.coordinator))
    assert reply.body["staff"] == staff
    assert (reply.body["state"], reply.body["mine"]) == ("unclaimed", True)
    assert "subjects" not in reply.body
    place = RoomDevice.objects.get(room=UUID(str(asked["room"])))
    assert (place.device, place.leaf) == (device_of(harbour.member), 0)
    assert post(harbour.member, "/cases", asked).body == reply.body
    assert Case.objects.count() == 1
    assert AuditEntry.objects.filter(action="case_opened").count() == 1


def test_the_same_ids_for_something_else_are_refused(harbour: Harbour) -> None:
    asked = opening()
    post(harbour.member, "/cases", asked)
    assert post(harbour.infiltrator, "/cases", asked).code == Code.ROOM_EXISTS
    assert post(harbour.member, "/cases", asked | {"room": str(uuid4())}).code == Code.ROOM_EXISTS
    assert post(harbour.member, "/cases", asked | {"id": str(uuid4())}).code == Code.ROOM_EXISTS
    assert Case.objects.count() == 1


def test_a_case_does_not_exist_for_staff_whom_it_is_kept_from(harbour: Harbour) -> None:
    asked = opening(kept_from=[str(harbour.moderator.account)])
    reply = post(harbour.member, "/cases", asked)
    assert str(harbour.moderator.account) not in reply.body["staff"]
    case = reply.body["id"]
    assert shown(harbour.moderator, case).code == Code.NOT_FOUND
    assert queue(harbour.moderator) == []
    assert post(harbour.moderator, f"/cases/{case}/claim").code == Code.NOT_FOUND
    assert queue(harbour.colleague) == [case]
    handed = {"to": str(harbour.moderator.account)}
    assert post(harbour.colleague, f"/cases/{case}/claim").status == 200
    assert post(harbour.colleague, f"/cases/{case}/hand-over", handed).code == Code.NOT_FOUND


def test_whoever_may_ask_learns_beforehand_who_would_read_it(harbour: Harbour) -> None:
    everyone = [str(person.account) for person in (harbour.moderator, harbour.colleague, harbour.coordinator)]
    assert get(harbour.member, "/cases/staff").body == {"staff": sorted(everyone)}
    assert get(harbour.member, "/cases/staff").body["staff"] == post(harbour.member, "/cases", opening()).body["staff"]
    Account.objects.filter(id=harbour.moderator.account).update(suspended_at=timezone.now())
    assert get(harbour.colleague, "/cases/staff").body == {"staff": [str(harbour.coordinator.account)]}


def test_a_case_that_nobody_would_see_is_refused_before_anything_is_made(harbour: Harbour) -> None:
    everyone = [str(person.account) for person in (harbour.moderator, harbour.colleague, harbour.coordinator)]
    assert post(harbour.member, "/cases", opening(kept_from=everyone)).code == Code.FORBIDDEN
    assert post(harbour.member, "/cases", opening(kept_from=[str(harbour.infiltrator.account)])).code == Code.NOT_FOUND
    assert not Case.objects.exists()
    assert not RoomDevice.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_account_has_a_bounded_number_of_open_cases(harbour: Harbour) -> None:
    for _ in range(cases.MAX_OPEN):
        harbour.case()
    assert post(harbour.member, "/cases", opening()).code == Code.TOO_MANY
    cases.withdraw_case(Case.objects.all()[0], harbour.account(harbour.member))
    assert post(harbour.member, "/cases", opening()).status == 200


def test_the_queue_is_in_the_order_of_its_clocks(harbour: Harbour) -> None:
    soon, now, today = (harbour.case(urgency) for urgency in ("soon", "now", "today"))
    assert queue(harbour.moderator) == [str(case.id) for case in (now, today, soon)]
    first = get(harbour.moderator, "/cases").body["cases"][0]
    assert first["due_at"] - first["opened_at"] == 15 * 60 * 1000


def test_only_staff_may_be_brought_into_a_cases_room(harbour: Harbour) -> None:
    case = harbour.case()
    claim = f"/rooms/{case.room_id}/claim"
    staff = [str(harbour.moderator.account), str(harbour.coordinator.account)]
    packages = post(harbour.member, claim, {"accounts": staff}).body["packages"]
    assert sorted(package["account"] for package in packages) == sorted(staff)
    assert post(harbour.member, claim, {"accounts": [str(harbour.infiltrator.account)]}).code == Code.NOT_FOUND
    second = enrolled(harbour.member.second_phone(), harbour.network)
    mine = post(harbour.member, claim, {"accounts": [str(harbour.member.account)]}).body["packages"]
    assert [package["device"] for package in mine] == [second.device]


def test_messages_are_attested_for_the_case_and_their_senders_become_its_subjects(harbour: Harbour) -> None:
    case = harbour.case()
    messages = [stamped(harbour.infiltrator.account), stamped(harbour.member.account), stamped(uuid4())]
    tokens = cases.attest_messages(case, messages)
    assert len(tokens) == 3
    assert shown(harbour.moderator, case.id).body["subjects"] == [str(harbour.infiltrator.account)]
    assert "subjects" not in shown(harbour.member, case.id).body
    again = harbour.case()
    cases.attest_messages(again, messages)
    about = [item["id"] for item in get(harbour.moderator, "/cases").body["cases"] if item["subjects"]]
    assert sorted(about) == sorted([str(case.id), str(again.id)])


def test_one_forged_message_among_genuine_ones_is_named_and_none_is_attested(harbour: Harbour) -> None:
    case = harbour.case()
    good, bad = stamped(harbour.infiltrator.account), stamped(harbour.infiltrator.account)
    fields = ("sender", "room", "seq", "time", "tag", "frank", "key")

    def body(message: object) -> dict[str, object]:
        values = {name: getattr(message, name) for name in fields}
        return {
            name: b64encode(value) if isinstance(value, bytes) else str(value) if isinstance(value, UUID) else value
            for name, value in values.items()
        }

    forged = body(bad) | {"sender": str(harbour.coordinator.account)}
    reply = post(harbour.member, f"/cases/{case.id}/attest", {"messages": [body(good), forged]})
    assert reply.code == Code.BAD_FRANK
    assert reply.body["error"]["index"] == 1
    assert not case.subjects.exists()
    assert not AuditEntry.objects.filter(action="messages_attested").exists()
    assert post(harbour.member, f"/cases/{case.id}/attest", {"messages": [body(good)]}).status == 200


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


def test_a_moderator_who_became_a_member_again_sees_no_case(harbour: Harbour) -> None:
    case = harbour.case()
    Account.objects.filter(id=harbour.moderator.account).update(role=Role.MEMBER)
    assert shown(harbour.moderator, case.id).code == Code.NOT_FOUND
    assert queue(harbour.moderator) == []


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


def test_another_networks_staff_see_nothing(harbour: Harbour) -> None:
    case = harbour.case()
    other = settle()
    assert queue(other.coordinator) == []
    assert shown(other.coordinator, case.id).code == Code.NOT_FOUND
    assert get(other.coordinator, "/audit").body["entries"] == []
    assert get(other.member, "/audit/counts").body == {"counts": {}}


def test_coordinators_read_the_log_and_everyone_its_counts(harbour: Harbour) -> None:
    harbour.case()
    harbour.case()
    log = get(harbour.coordinator, "/audit").body
    assert [entry["seq"] for entry in log["entries"]] == [1, 2]
    assert [entry["seq"] for entry in get(harbour.coordinator, "/audit?after=1").body["entries"]] == [2]
    counted = get(harbour.member, "/audit/counts").body
    assert counted["counts"] == {"case_opened": 2}
    point = read_checkpoint(counted["checkpoint"], signer().public)
    assert (point.network, point.seq) == (str(harbour.network.id), 2)


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


def test_no_row_of_moderation_names_a_person_or_says_a_word(harbour: Harbour) -> None:
    case = harbour.case()
    cases.attest_messages(case, [stamped(harbour.infiltrator.account)])
    for model in (Case, AuditEntry):
        text = {field.name for field in model._meta.get_fields() if field.concrete and not field.is_relation}
        assert not text & {"name", "title", "text", "note", "reason", "content"}
    assert Device.objects.count() == 5


def test_an_export_is_sealed_and_stands_in_the_custody_of_its_case(harbour: Harbour) -> None:
    case = harbour.case()
    harbour.case()
    path = f"/cases/{case.id}"
    post(harbour.moderator, f"{path}/claim")
    assert post(harbour.colleague, f"{path}/exports", {"manifest": b64encode(b"m" * 32)}).code == Code.CASE_CLAIMED
    assert get(harbour.colleague, f"{path}/custody").code == Code.CASE_CLAIMED
    seal = post(harbour.moderator, f"{path}/exports", {"manifest": b64encode(b"m" * 32)}).body["seal"]
    claims = verified_claims(seal, SEAL, signer().public)
    custody = get(harbour.moderator, f"{path}/custody").body
    assert (claims["case"], claims["manifest"]) == (str(case.id), b64encode(b"m" * 32))
    assert claims["by"] == custody["by"] == pseudonym(harbour.network.id, harbour.moderator.account)
    taken = [(entry["seq"], entry["action"]) for entry in custody["entries"]]
    assert taken == [(1, "case_opened"), (3, "case_claimed"), (4, "evidence_exported")]
    assert custody["entries"][2]["detail"] == (b"m" * 32).hex()
    log = audit_log(harbour.network.id)
    assert [entry["previous"] for entry in custody["entries"]] == [
        b64encode(bytes(32)),
        b64encode(log[1].digest),
        b64encode(log[2].digest),
    ]
    post(harbour.moderator, f"{path}/close", {"outcome": "acted"})
    assert post(harbour.moderator, f"{path}/exports", {"manifest": b64encode(b"n" * 32)}).status == 200
