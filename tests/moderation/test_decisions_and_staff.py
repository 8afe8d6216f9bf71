"""Decisions and the staff: what is about one of them, who has a part in one, and from whom it is kept."""

from uuid import uuid4

import pytest

from chat.protocol.errors import Code
from moderation.actions.cases import Asking, open_case
from moderation.models import Decision
from tests import factories
from tests.factories import Person
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def test_a_moderator_who_asked_has_a_part_in_what_came_of_it_and_nobody_else_is_told_that_they_did(
    harbour: Harbour,
) -> None:
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    case = open_case(factories.device_of(harbour.colleague), asking)
    made = decide(harbour.moderator, harbour.infiltrator, "ban", case=str(case.id)).body
    path = f"/decisions/{made['id']}"
    for step in ("agree", "refuse"):
        assert post(harbour.colleague, f"{path}/{step}").code == Code.FORBIDDEN
    assert post(harbour.coordinator, f"{path}/agree").body["state"] == "in_force"
    post(harbour.infiltrator, f"{path}/appeal")
    answer = {"outcome": "upheld", "reason": "fits"}
    assert post(harbour.colleague, f"{path}/close-appeal", answer).code == Code.FORBIDDEN
    everybody = (harbour.colleague, harbour.moderator, harbour.coordinator)
    shown = [get(person, "/decisions").body["decisions"][0]["mine_asked"] for person in everybody]
    assert shown == [True, False, False]


def test_nobody_decides_about_themselves_and_staff_is_for_coordinators(harbour: Harbour) -> None:
    assert decide(harbour.moderator, harbour.moderator, "warn").code == Code.FORBIDDEN
    assert decide(harbour.moderator, harbour.colleague, "warn").code == Code.FORBIDDEN
    assert decide(harbour.coordinator, harbour.colleague, "warn").status == 200
    about_me = decide(harbour.coordinator, harbour.moderator, "suspend").body
    assert post(harbour.moderator, f"/decisions/{about_me['id']}/lift", {"reason": "heard"}).code == Code.SUSPENDED
    warned = Decision.objects.get(subject=harbour.colleague.account)
    assert post(harbour.colleague, f"/decisions/{warned.id}/lift", {"reason": "heard"}).code == Code.NOT_FOUND


def test_what_is_about_staff_coordinators_agree_to_end_and_look_at_again(harbour: Harbour) -> None:
    other = factories.enrolled(Person(), harbour.network, "coordinator")
    ban = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'ban').body['id']}"
    for step in ("agree", "refuse"):
        assert post(harbour.colleague, f"{ban}/{step}").code == Code.FORBIDDEN
    [seen] = get(harbour.colleague, "/decisions").body["decisions"]
    assert (seen["may_agree"], seen["may_lift"]) == (False, False)
    assert post(other, f"{ban}/agree").body["state"] == "in_force"
    third = factories.enrolled(Person(), harbour.network, "coordinator")
    post(harbour.moderator, f"{ban}/appeal")
    answer = {"outcome": "overturned", "reason": "had_part"}
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_answer"] is False
    assert post(harbour.colleague, f"{ban}/close-appeal", answer).code == Code.FORBIDDEN
    assert post(harbour.colleague, f"{ban}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    assert post(third, f"{ban}/close-appeal", answer).body["state"] == "overturned"
    warned = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'warn').body['id']}"
    assert post(harbour.colleague, f"{warned}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    assert post(other, f"{warned}/lift", {"reason": "mistake"}).body["state"] == "lifted"


def test_where_no_coordinator_is_left_a_moderator_agrees_and_looks_again_but_ends_nothing(harbour: Harbour) -> None:
    ban = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'ban').body['id']}"
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_agree"] is True
    assert post(harbour.colleague, f"{ban}/agree").body["state"] == "in_force"
    assert post(harbour.colleague, f"{ban}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    third = factories.enrolled(Person(), harbour.network, "moderator")
    post(harbour.moderator, f"{ban}/appeal")
    answer = {"outcome": "overturned", "reason": "had_part"}
    assert post(third, f"{ban}/close-appeal", answer).body["state"] == "overturned"


def test_staff_see_nothing_of_what_came_of_a_case_that_is_kept_from_them_or_is_about_them(harbour: Harbour) -> None:
    case = harbour.case(kept_from=frozenset([harbour.colleague.account]))
    kept = decide(harbour.moderator, harbour.infiltrator, "ban", case=str(case.id)).body
    about = decide(harbour.coordinator, harbour.colleague, "ban").body

    def seen(by: Person) -> list[str]:
        return [found["id"] for found in get(by, "/decisions?waiting=true").body["decisions"]]

    assert sorted(seen(harbour.moderator)) == sorted([kept["id"], about["id"]])
    assert seen(harbour.colleague) == []
    for decision in (kept, about):
        for step in ("agree", "refuse", "lift"):
            reply = post(harbour.colleague, f"/decisions/{decision['id']}/{step}", {"reason": "heard"})
            assert reply.code == Code.NOT_FOUND
