"""Decisions that end early: lifted by whoever may, or after an objection, with a reason that whoever they are about reads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.protocol.errors import Code
from moderation.models import APPEAL_DAYS, AuditEntry, Decision
from tests import factories
from tests.factories import Person
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def test_an_appeal_is_for_someone_who_had_no_part_in_it(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    post(harbour.colleague, f"/decisions/{made['id']}/agree")
    appealed = post(harbour.infiltrator, f"/decisions/{made['id']}/appeal")
    assert appealed.body["appeal"]["outcome"] is None
    assert post(harbour.infiltrator, f"/decisions/{made['id']}/appeal").status == 200
    waiting = get(harbour.coordinator, "/decisions?waiting=true").body["decisions"]
    assert [item["id"] for item in waiting] == [made["id"]]
    close = f"/decisions/{made['id']}/close-appeal"
    for involved in (harbour.moderator, harbour.colleague):
        assert post(involved, close, {"outcome": "upheld", "reason": "fits"}).code == Code.FORBIDDEN
    closed = post(harbour.coordinator, close, {"outcome": "overturned", "reason": "too_much"}).body
    assert (closed["state"], closed["appeal"]["outcome"]) == ("overturned", "overturned")
    assert get(harbour.infiltrator, "/rooms").status == 200
    assert told(harbour.infiltrator)[0]["state"] == "overturned"
    assert post(harbour.coordinator, close, {"outcome": "upheld", "reason": "fits"}).code == Code.CASE_CLOSED
    assert AuditEntry.objects.filter(action="appeal_made").count() == 1
    assert get(harbour.coordinator, "/decisions?waiting=true").body["decisions"] == []


def test_whoever_it_is_about_reads_why_it_ended_early_and_what_was_found_on_their_appeal(harbour: Harbour) -> None:
    lifted = decide(harbour.moderator, harbour.infiltrator, "warn").body
    path = f"/decisions/{lifted['id']}"
    for wrong in (None, {}, {"reason": "too_much"}, {"reason": "in words of my own"}):
        assert post(harbour.moderator, f"{path}/lift", wrong).code == Code.MALFORMED
    assert lifted["lifted_for"] is None
    assert post(harbour.moderator, f"{path}/lift", {"reason": "new_facts"}).body["lifted_for"] == "new_facts"
    assert told(harbour.infiltrator)[0]["lifted_for"] == "new_facts"
    appealed = decide(harbour.moderator, harbour.member, "warn").body
    close = f"/decisions/{appealed['id']}/close-appeal"
    assert post(harbour.member, f"/decisions/{appealed['id']}/appeal").body["appeal"]["reason"] is None
    for wrong in ({"outcome": "upheld", "reason": "had_part"}, {"outcome": "overturned", "reason": "fits"}):
        assert post(harbour.colleague, close, wrong).code == Code.MALFORMED
    assert post(harbour.colleague, close, {"outcome": "overturned", "reason": "had_part"}).status == 200
    [statement] = told(harbour.member)
    assert (statement["appeal"]["reason"], statement["lifted_for"]) == ("had_part", None)
    log = dict(AuditEntry.objects.values_list("action", "detail"))
    assert (log["decision_lifted"], log["appeal_closed"]) == ("warn/new_facts", "overturned/had_part")


def test_an_appeal_that_is_upheld_changes_nothing_and_one_after_six_months_is_too_late(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "warn").body
    post(harbour.infiltrator, f"/decisions/{made['id']}/appeal")
    close = f"/decisions/{made['id']}/close-appeal"
    closed = post(harbour.colleague, close, {"outcome": "upheld", "reason": "fits"}).body
    assert (closed["state"], closed["appeal"]["outcome"]) == ("in_force", "upheld")
    late = decide(harbour.moderator, harbour.infiltrator, "warn").body
    Decision.objects.filter(id=late["id"]).update(in_force_at=timezone.now() - timedelta(days=APPEAL_DAYS + 1))
    assert post(harbour.infiltrator, f"/decisions/{late['id']}/appeal").code == Code.CASE_CLOSED


def test_what_took_two_is_not_lifted_by_another_one_alone(harbour: Harbour) -> None:
    third = factories.enrolled(Person(), harbour.network, "moderator")
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    path = f"/decisions/{made['id']}"
    post(harbour.colleague, f"{path}/agree")
    everybody = (third, harbour.moderator, harbour.colleague, harbour.coordinator)
    shown = [get(person, "/decisions").body["decisions"][0]["may_lift"] for person in everybody]
    assert shown == [False, True, True, True]
    assert post(third, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    # It stays so where the network takes back its rule later.
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    assert post(third, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert post(harbour.colleague, f"{path}/lift", {"reason": "heard"}).body["state"] == "lifted"


def test_a_right_that_was_taken_does_not_lift_either(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    rights = f"/moderators/{harbour.colleague.account}/rights"
    ask(harbour.coordinator, "PUT", rights, {"denied": ["suspend"]})
    lift = f"/decisions/{made['id']}/lift"
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_lift"] is False
    assert post(harbour.colleague, lift, {"reason": "heard"}).code == Code.FORBIDDEN
    ask(harbour.coordinator, "PUT", rights, {"denied": []})
    assert post(harbour.colleague, lift, {"reason": "heard"}).body["state"] == "lifted"


def test_an_objection_to_what_has_run_out_is_still_answered(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    assert post(harbour.infiltrator, f"/decisions/{made['id']}/appeal").status == 200
    Decision.objects.filter(id=made["id"]).update(until=timezone.now())
    [waiting] = get(harbour.colleague, "/decisions?waiting=true").body["decisions"]
    assert (waiting["id"], waiting["state"]) == (made["id"], "expired")
    close = f"/decisions/{made['id']}/close-appeal"
    closed = post(harbour.colleague, close, {"outcome": "overturned", "reason": "does_not_fit"}).body
    assert (closed["state"], told(harbour.infiltrator)[0]["state"]) == ("overturned", "overturned")
