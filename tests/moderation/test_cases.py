"""Who opens a case, who sees it, who may be in its room, and what of it is kept."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from chat.api.rates import rates
from chat.models import Account, Device, Role, RoomDevice
from chat.protocol.errors import Code
from moderation.actions import bounds, cases
from moderation.actions.attesting import attest_messages
from moderation.audit import read_checkpoint
from moderation.keys import signer
from moderation.models import AuditEntry, Case
from tests.factories import device_of, enrolled
from tests.http.api import get, post
from tests.moderation.asking import opening, queue, shown
from tests.moderation.conftest import Harbour, settle, stamped


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
    claim = {"accounts": [str(harbour.moderator.account)]}
    assert post(harbour.member, f"/rooms/{asked['room']}/claim", claim).code == Code.FORBIDDEN
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


def test_whoever_it_is_kept_from_and_is_no_staff_any_more_is_in_nobodys_way_and_stays_out(harbour: Harbour) -> None:
    feared = str(harbour.moderator.account)
    Account.objects.filter(id=harbour.moderator.account).update(role=Role.MEMBER)
    asked = opening(kept_from=[feared, str(uuid4()), str(settle().moderator.account)])
    reply = post(harbour.member, "/cases", asked)
    assert reply.status == 200
    claim = f"/rooms/{asked['room']}/claim"
    assert post(harbour.member, claim, {"accounts": [feared]}).code == Code.NOT_FOUND
    Account.objects.filter(id=harbour.moderator.account).update(role=Role.MODERATOR)
    assert feared not in shown(harbour.member, reply.body["id"]).body["staff"]
    assert shown(harbour.moderator, reply.body["id"]).code == Code.NOT_FOUND
    assert post(harbour.member, claim, {"accounts": [feared]}).code == Code.FORBIDDEN


def test_whoever_keeps_a_case_from_themselves_still_brings_in_their_other_phone(harbour: Harbour) -> None:
    own = str(harbour.member.account)
    asked = opening(kept_from=[own])
    assert post(harbour.member, "/cases", asked).status == 200
    tablet = enrolled(harbour.member.second_phone(), harbour.network)
    packages = post(harbour.member, f"/rooms/{asked['room']}/claim", {"accounts": [own]}).body["packages"]
    assert [package["device"] for package in packages] == [tablet.device]


def test_a_case_that_nobody_would_see_is_refused_before_anything_is_made(harbour: Harbour) -> None:
    everyone = [str(person.account) for person in (harbour.moderator, harbour.colleague, harbour.coordinator)]
    assert post(harbour.member, "/cases", opening(kept_from=everyone)).code == Code.FORBIDDEN
    assert not Case.objects.exists()
    assert not RoomDevice.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_account_has_a_bounded_number_of_open_cases(harbour: Harbour) -> None:
    for _ in range(bounds.MAX_OPEN):
        harbour.case()
    assert post(harbour.member, "/cases", opening()).code == Code.TOO_MANY
    cases.withdraw_case(Case.objects.all()[0], harbour.account(harbour.member))
    assert post(harbour.member, "/cases", opening()).status == 200


@pytest.mark.parametrize(
    ("concern", "urgency"), [("danger", "soon"), ("self_harm", "today"), ("other", "now"), ("danger", "now")]
)
def test_whoever_may_be_in_danger_now_is_never_refused_for_what_else_they_asked(
    harbour: Harbour, concern: str, urgency: str
) -> None:
    pressing = {"concern": concern, "urgency": urgency}
    for _ in range(bounds.MAX_OPEN):
        harbour.case()
    # Neither how many they have stands in the way, nor how often they tried with what can wait.
    while post(harbour.member, "/cases", opening()).code != Code.RATE_LIMITED:
        pass
    for _ in range(bounds.MAX_OPEN + 1):
        assert post(harbour.member, "/cases", opening(**pressing)).status == 200
    rates.forget()
    assert post(harbour.member, "/cases", opening()).code == Code.TOO_MANY


def test_what_cannot_wait_has_a_bound_of_its_own_against_abuse(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_PRESSING", 12)
    for _ in range(12):
        harbour.case("now")
    assert post(harbour.member, "/cases", opening(urgency="now")).code == Code.TOO_MANY
    cases.withdraw_case(Case.objects.all()[0], harbour.account(harbour.member))
    assert post(harbour.member, "/cases", opening(concern="self_harm", urgency="soon")).status == 200


@pytest.mark.parametrize(("urgency", "bound"), [("today", "MAX_A_DAY"), ("now", "MAX_PRESSING_A_DAY")])
def test_cases_that_were_opened_and_closed_count_for_a_day(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch, urgency: str, bound: str
) -> None:
    monkeypatch.setattr(bounds, bound, 3)
    opened = []
    for _ in range(3):
        opened.append(harbour.case(urgency))
        cases.withdraw_case(opened[-1], harbour.account(harbour.member))
    refused = post(harbour.member, "/cases", opening(urgency=urgency))
    assert refused.code == Code.TOO_MANY
    day_ms = 24 * 60 * 60 * 1000
    assert day_ms - 60_000 < refused.body["error"]["retry_after_ms"] <= day_ms
    # Neither does the one kind count for the other, nor what one person asked for another.
    assert post(harbour.member, "/cases", opening(urgency="now" if urgency == "today" else "today")).status == 200
    assert post(harbour.infiltrator, "/cases", opening(urgency=urgency)).status == 200
    Case.objects.filter(id=opened[0].id).update(opened_at=timezone.now() - timedelta(hours=23))
    wait = post(harbour.member, "/cases", opening(urgency=urgency)).body["error"]["retry_after_ms"]
    assert 0 < wait <= 60 * 60 * 1000
    Case.objects.filter(id=opened[0].id).update(opened_at=timezone.now() - timedelta(hours=25))
    assert post(harbour.member, "/cases", opening(urgency=urgency)).status == 200


def test_what_cannot_wait_may_be_asked_all_day_long(harbour: Harbour) -> None:
    for _ in range(bounds.MAX_PRESSING_A_DAY - 1):
        cases.withdraw_case(harbour.case("now"), harbour.account(harbour.member))
    assert post(harbour.member, "/cases", opening(urgency="now")).status == 200
    assert "retry_after_ms" in post(harbour.member, "/cases", opening(urgency="now")).body["error"]


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


def test_a_moderator_who_became_a_member_again_sees_no_case(harbour: Harbour) -> None:
    case = harbour.case()
    Account.objects.filter(id=harbour.moderator.account).update(role=Role.MEMBER)
    assert shown(harbour.moderator, case.id).code == Code.NOT_FOUND
    assert queue(harbour.moderator) == []


def test_another_networks_staff_see_nothing(harbour: Harbour) -> None:
    case = harbour.case()
    other = settle()
    assert queue(other.coordinator) == []
    assert shown(other.coordinator, case.id).code == Code.NOT_FOUND
    assert get(other.coordinator, "/audit").body["entries"] == []
    assert get(other.member, "/audit/checkpoint").body == get(other.coordinator, "/audit/checkpoint").body == {}


def test_coordinators_read_the_log_and_get_a_checkpoint_of_now(harbour: Harbour) -> None:
    harbour.case()
    harbour.case()
    log = get(harbour.coordinator, "/audit").body
    assert [entry["seq"] for entry in log["entries"]] == [1, 2]
    assert [entry["seq"] for entry in get(harbour.coordinator, "/audit?after=1").body["entries"]] == [2]
    point = read_checkpoint(get(harbour.coordinator, "/audit/checkpoint").body["checkpoint"], signer().public)
    assert (point.network, point.seq) == (str(harbour.network.id), 2)


def test_no_row_of_moderation_names_a_person_or_says_a_word(harbour: Harbour) -> None:
    case = harbour.case()
    attest_messages(case, [stamped(harbour.infiltrator.account)])
    for model in (Case, AuditEntry):
        text = {field.name for field in model._meta.get_fields() if field.concrete and not field.is_relation}
        assert not text & {"name", "title", "text", "note", "reason", "content"}
    assert Device.objects.count() == 5
