"""A branch of more than five people is cut off on the word of two."""

import threading

import pytest
from django.db import connections

from chat.models import Account
from chat.protocol.errors import Code
from moderation.models import Cut, Decision
from tests import factories
from tests.factories import Person
from tests.http.api import Reply, ask, get, post
from tests.http.test_invite_tree import let_in
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import told
from tests.moderation.test_branches import cut

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def grow(harbour: Harbour, below: int) -> tuple[Person, list[Person]]:
    """A moderator who let in so many."""
    scout = let_in(harbour.coordinator, harbour.network, "moderator")
    return scout, [let_in(scout, harbour.network) for _ in range(below)]


def size(harbour: Harbour, root: Person) -> dict[str, object]:
    found: dict[str, object] = get(harbour.coordinator, f"/accounts/{root.account}/branch?include_root=true").body
    return found


def waiting(by: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = get(by, "/branches").body["cuts"]
    return found


def agree(by: Person, waits: str, people: int) -> Reply:
    return post(by, f"/branches/{waits}/agree", {"people": people})


def banned(*people: Person) -> int:
    ids = [person.account for person in people]
    return Account.objects.filter(id__in=ids, suspended_at__isnull=False, suspended_until=None).count()


def test_five_people_are_cut_off_at_once_by_one(harbour: Harbour) -> None:
    scout, below = grow(harbour, 4)
    assert size(harbour, scout) == {"people": 5, "second": False, "nobody_else": False}
    assert cut(harbour, scout, people=5).body == {"suspended": 5, "invites_revoked": 0}
    assert banned(scout, *below) == 5
    assert not Cut.objects.exists()


def test_six_people_are_not_cut_off_on_one_persons_word(harbour: Harbour) -> None:
    scout, below = grow(harbour, 5)
    factories.invite(harbour.network, created_by=harbour.account(scout))
    assert size(harbour, scout) == {"people": 6, "second": True, "nobody_else": False}
    asked = cut(harbour, scout, people=6).body
    assert (asked["suspended"], asked["invites_revoked"]) == (0, 1)
    # Whoever they came in through has a pause that ends by itself; the others are still here.
    assert get(scout, "/push").code == Code.SUSPENDED
    assert banned(scout, *below) == 0
    for person in below:
        assert get(person, "/push").status == 200
        assert told(person) == []
    assert cut(harbour, scout, people=6).body == {"suspended": 0, "invites_revoked": 0, "waits": asked["waits"]}
    assert agree(harbour.coordinator, asked["waits"], 6).code == Code.FORBIDDEN
    [seen] = waiting(harbour.moderator)
    assert (seen["people"], seen["people_then"], seen["may_agree"]) == (6, 6, True)
    assert agree(harbour.moderator, asked["waits"], 6).body == {"suspended": 6, "invites_revoked": 0}
    assert banned(scout, *below) == 6
    assert agree(harbour.moderator, asked["waits"], 6).body == {"suspended": 0, "invites_revoked": 0}
    made = Decision.objects.filter(kind="ban")
    both = {(harbour.coordinator.account, harbour.moderator.account)}
    assert set(made.values_list("decided_by", "agreed_by")) == both
    assert told(below[0])[0]["branch"] is True
    assert waiting(harbour.coordinator) == []


def test_a_branch_that_grew_meanwhile_is_told_before_anybody_is_shut_out(harbour: Harbour) -> None:
    scout, below = grow(harbour, 4)
    more = let_in(scout, harbour.network)
    grown = cut(harbour, scout, people=5)
    assert (grown.code, grown.body["error"]["people"]) == (Code.TOO_MANY, 6)
    assert not Decision.objects.exists()
    waits = cut(harbour, scout, people=6).body["waits"]
    late = let_in(more, harbour.network)
    assert agree(harbour.moderator, waits, 6).body["error"]["people"] == 7
    assert banned(scout, *below, more, late) == 0
    [seen] = waiting(harbour.moderator)
    assert (seen["people"], seen["people_then"]) == (7, 6)
    assert agree(harbour.moderator, waits, 7).body["suspended"] == 7


def test_a_large_branch_is_not_cut_off_by_one_piece_by_piece(harbour: Harbour) -> None:
    _, below = grow(harbour, 6)
    for person in below[:5]:
        assert cut(harbour, person).body["suspended"] == 1
    assert "waits" in cut(harbour, below[5]).body
    assert banned(*below) == 5


def test_a_moderator_agrees_only_where_no_other_coordinator_is_outside_the_branch(harbour: Harbour) -> None:
    chief = let_in(harbour.coordinator, harbour.network, "coordinator")
    helper = let_in(chief, harbour.network, "moderator")
    for _ in range(5):
        let_in(helper, harbour.network)
    waits = cut(harbour, chief).body["waits"]
    # Nobody in the branch learns of it.
    assert waiting(helper) == []
    assert agree(helper, waits, 7).code == Code.NOT_FOUND
    assert waiting(harbour.moderator)[0]["may_agree"] is True
    other = factories.enrolled(Person(), harbour.network, "coordinator")
    assert waiting(harbour.moderator)[0]["may_agree"] is False
    for step in ("agree", "refuse"):
        assert post(harbour.moderator, f"/branches/{waits}/{step}", {"people": 7}).code in (
            Code.FORBIDDEN,
            Code.MALFORMED,
        )
    assert agree(other, waits, 7).body["suspended"] == 7


def test_a_moderator_without_the_right_to_ban_and_who_asked_do_not_agree(harbour: Harbour) -> None:
    scout, _ = grow(harbour, 5)
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.moderator.account}/rights", {"denied": ["ban"]})
    waits = cut(harbour, scout).body["waits"]
    assert agree(harbour.moderator, waits, 6).code == Code.FORBIDDEN
    assert agree(harbour.colleague, waits, 6).body["suspended"] == 6


def test_where_nobody_else_is_there_it_waits_and_that_is_said(harbour: Harbour) -> None:
    Account.objects.filter(id__in=[harbour.moderator.account, harbour.colleague.account]).update(role="member")
    scout, below = grow(harbour, 5)
    assert size(harbour, scout)["nobody_else"] is True
    waits = cut(harbour, scout).body["waits"]
    assert waiting(harbour.coordinator)[0]["nobody_else"] is True
    assert (get(scout, "/push").code, get(below[0], "/push").status) == (Code.SUSPENDED, 200)
    assert post(harbour.coordinator, f"/branches/{waits}/refuse").body == {"cuts": []}
    assert get(below[0], "/push").status == 200


def test_of_two_who_agree_and_refuse_at_once_one_is_heard(harbour: Harbour) -> None:
    scout, below = grow(harbour, 5)
    waits = cut(harbour, scout).body["waits"]
    start, came = threading.Barrier(2), {}

    def answer(person: Person, step: str, body: dict[str, int]) -> None:
        start.wait()
        try:
            came[step] = post(person, f"/branches/{waits}/{step}", body)
        finally:
            connections.close_all()

    tries = [
        threading.Thread(target=answer, args=(harbour.moderator, "agree", {"people": 6})),
        threading.Thread(target=answer, args=(harbour.colleague, "refuse", {})),
    ]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    agreed = came["agree"].status == 200
    lost = came["refuse" if agreed else "agree"]
    assert sorted(reply.status for reply in came.values()) == [200, lost.status]
    assert lost.code in (Code.CASE_CLOSED, Code.NOT_FOUND)
    assert banned(scout, *below) == (6 if agreed else 0)
