"""Who let whom in, and taking back a whole branch."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Account, Invite, Network, RoomInvite
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.factories import CUT, Person
from tests.http.api import Reply, get, post


def let_in(by: Person | None, network: Network, role: str = "member") -> Person:
    """Somebody who joined by an invite of theirs; by a command's without `by`."""
    maker = factories.device_of(by).account if by is not None else None
    secret, _ = factories.invite(network, role=role, created_by=maker)
    person = Person()
    assert post(None, "/join", person.joining(secret)).status == 200
    return person


def revoke(by: Person, root: Person, include_root: bool = True) -> Reply:
    return post(by, f"/accounts/{root.account}/revoke-branch", {"include_root": include_root, "card": 1, **CUT})


@pytest.fixture
def coordinator(here: World) -> Person:
    return here[Name.COORDINATOR]


def test_the_tree_names_for_everyone_who_let_them_in(here: World, coordinator: Person) -> None:
    scout = let_in(coordinator, here.network, "moderator")
    guest = let_in(scout, here.network)
    first = let_in(None, here.network)
    people = {person["account"]: person for person in get(coordinator, "/invites/tree").body["people"]}
    assert people[str(guest.account)]["invited_by"] == str(scout.account)
    assert people[str(scout.account)]["invited_by"] == str(coordinator.account)
    assert "invited_by" not in people[str(first.account)]
    assert people[str(first.account)]["invite"]
    assert people[str(scout.account)] == {
        "account": str(scout.account),
        "invited_by": str(coordinator.account),
        "invite": str(Account.objects.get(id=scout.account).invite_id),
        "joined_on": timezone.now().date().isoformat(),
        "suspended": False,
        "role": "moderator",
    }
    assert str(here[Name.OUTSIDER].account) not in people


def test_revoking_a_branch_cuts_off_everyone_below_and_takes_back_their_invites(
    here: World, coordinator: Person
) -> None:
    scout = let_in(coordinator, here.network, "moderator")
    helper = let_in(scout, here.network, "moderator")
    guest = let_in(helper, here.network)
    unrelated = let_in(coordinator, here.network)
    _, waiting = factories.invite(here.network, created_by=factories.device_of(helper).account)
    factories.invite(here.network, created_by=factories.device_of(helper).account, expires_in=timedelta(seconds=-1))
    room = factories.settled_room("group", [guest, unrelated])
    _, door = factories.room_invite(room, guest)
    assert revoke(coordinator, scout).body == {"suspended": 3, "invites_revoked": 2}
    for person in (scout, helper, guest):
        assert get(person, "/push").code == Code.SUSPENDED
    assert get(unrelated, "/rooms").status == 200
    assert Invite.objects.get(id=waiting.id).revoked_at is not None
    assert RoomInvite.objects.get(id=door.id).revoked_at is not None
    left = get(unrelated, f"/rooms/{room.id}").body
    assert [place["account"] for place in left["pending_removals"]] == [str(guest.account)]
    assert left["stewards"] == [str(unrelated.account)]


def test_a_branch_can_be_revoked_without_its_root(here: World, coordinator: Person) -> None:
    scout = let_in(coordinator, here.network, "moderator")
    guest = let_in(scout, here.network)
    _, own = factories.invite(here.network, created_by=factories.device_of(scout).account)
    assert revoke(coordinator, scout, include_root=False).body == {"suspended": 1, "invites_revoked": 0}
    assert get(scout, "/rooms").status == 200
    assert get(guest, "/push").code == Code.SUSPENDED
    assert Invite.objects.get(id=own.id).revoked_at is None


def test_revoking_again_finds_only_whoever_has_come_since(here: World, coordinator: Person) -> None:
    scout = let_in(coordinator, here.network, "moderator")
    assert revoke(coordinator, scout, include_root=False).body["suspended"] == 0
    let_in(scout, here.network)
    assert revoke(coordinator, scout, include_root=False).body["suspended"] == 1
    assert revoke(coordinator, scout, include_root=False).body["suspended"] == 0


def test_nobody_saws_off_the_branch_that_they_sit_on(here: World) -> None:
    root = let_in(None, here.network, "coordinator")
    below = let_in(root, here.network, "coordinator")
    for include_root in (True, False):
        assert revoke(below, root, include_root).code == Code.FORBIDDEN
    assert revoke(root, root).code == Code.FORBIDDEN
    assert get(root, "/rooms").status == 200
    assert revoke(root, root, include_root=False).body["suspended"] == 1


def test_the_tree_forgets_an_account_with_the_account(here: World, coordinator: Person) -> None:
    scout = let_in(coordinator, here.network, "moderator")
    guest = let_in(scout, here.network)
    Account.objects.filter(id=scout.account).delete()
    people = {person["account"]: person for person in get(coordinator, "/invites/tree").body["people"]}
    assert str(scout.account) not in people
    assert "invited_by" not in people[str(guest.account)]
