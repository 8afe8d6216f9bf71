"""Who agrees to a decision and who answers an objection to it: somebody who had no part in it, and may decide so."""

from uuid import uuid4

import pytest

from chat.actions.accounts import suspend_account
from chat.actions.deletion import delete_account
from chat.protocol.errors import Code
from moderation.actions.cases import Asking, open_case
from tests import factories
from tests.factories import Person
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def banned(harbour: Harbour) -> str:
    """The path of a ban that the moderator proposed, the colleague agreed to, and its subject objects to."""
    path = f"/decisions/{decide(harbour.moderator, harbour.infiltrator, 'ban').body['id']}"
    post(harbour.colleague, f"{path}/agree")
    assert post(harbour.infiltrator, f"{path}/appeal").status == 200
    return path


def may_answer(*people: Person) -> list[bool]:
    return [get(person, "/decisions").body["decisions"][0]["may_answer"] for person in people]


def deny(harbour: Harbour, person: Person, *kinds: str) -> None:
    ask(harbour.coordinator, "PUT", f"/moderators/{person.account}/rights", {"denied": list(kinds)})


def test_whoever_may_not_decide_so_judges_no_objection_to_it_either(harbour: Harbour) -> None:
    path = banned(harbour)
    other, able = [factories.enrolled(Person(), harbour.network, "moderator") for _ in range(2)]
    deny(harbour, other, "ban")
    everybody = (harbour.moderator, harbour.colleague, other, able, harbour.coordinator)
    assert may_answer(*everybody) == [False, False, False, True, True]
    answer = {"outcome": "overturned", "reason": "too_much"}
    for person in (harbour.moderator, harbour.colleague, other, harbour.infiltrator, harbour.member):
        assert post(person, f"{path}/close-appeal", answer).code in (Code.FORBIDDEN, Code.SUSPENDED)
    assert told(harbour.infiltrator)[0]["state"] == "in_force"
    assert post(able, f"{path}/close-appeal", answer).body["state"] == "overturned"
    assert may_answer(*everybody) == [False] * 5


def test_where_nobody_uninvolved_is_left_who_may_decide_so_whoever_is_uninvolved_answers(harbour: Harbour) -> None:
    path = banned(harbour)
    other = factories.enrolled(Person(), harbour.network, "moderator")
    deny(harbour, other, "ban")
    answer = {"outcome": "upheld", "reason": "fits"}
    assert post(other, f"{path}/close-appeal", answer).code == Code.FORBIDDEN
    suspend_account(harbour.account(harbour.coordinator), until=None)
    assert may_answer(harbour.moderator, harbour.colleague, other) == [False, False, True]
    assert post(other, f"{path}/close-appeal", answer).status == 200


def test_from_whom_the_case_is_kept_nobody_waits_for_an_answer(harbour: Harbour) -> None:
    """They do not see the decision: though they have the right, somebody without it answers."""
    other = factories.enrolled(Person(), harbour.network, "moderator")
    deny(harbour, other, "warn")
    case = harbour.case(kept_from=frozenset({harbour.coordinator.account, harbour.colleague.account}))
    path = f"/decisions/{decide(harbour.moderator, harbour.infiltrator, 'warn', case=str(case.id)).body['id']}"
    post(harbour.infiltrator, f"{path}/appeal")
    answer = {"outcome": "upheld", "reason": "fits"}
    assert post(harbour.coordinator, f"{path}/close-appeal", answer).code == Code.NOT_FOUND
    assert may_answer(harbour.moderator, other) == [False, True]
    assert post(other, f"{path}/close-appeal", answer).status == 200


def test_a_proposal_waits_for_those_who_may_decide_so(harbour: Harbour) -> None:
    path = f"/decisions/{decide(harbour.moderator, harbour.infiltrator, 'ban').body['id']}"
    deny(harbour, harbour.colleague, "ban")
    everybody = (harbour.moderator, harbour.colleague, harbour.coordinator)
    assert [get(one, "/decisions").body["decisions"][0]["may_agree"] for one in everybody] == [False, False, True]
    assert post(harbour.colleague, f"{path}/agree").code == Code.FORBIDDEN
    assert post(harbour.coordinator, f"{path}/agree").body["may_agree"] is False


def test_its_subject_is_told_whether_anybody_but_those_who_decided_is_there(harbour: Harbour) -> None:
    def somebody_else() -> bool:
        return bool(told(harbour.infiltrator)[0]["somebody_else"])

    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    case = open_case(factories.device_of(harbour.colleague), asking)
    made = decide(harbour.moderator, harbour.infiltrator, "ban", case=str(case.id)).body
    assert post(harbour.coordinator, f"/decisions/{made['id']}/agree").status == 200
    # Of the third, who asked, nothing is told.
    assert somebody_else()
    suspend_account(harbour.account(harbour.colleague), until=None)
    assert not somebody_else()
    # Whoever decided has gone, and the one who is left had no part in it.
    decide(harbour.moderator, harbour.member, "warn")
    delete_account(harbour.account(harbour.moderator))
    assert told(harbour.member)[0]["somebody_else"] is True
