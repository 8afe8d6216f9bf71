"""Deleting an account leaves nothing about it in the database."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from chat.actions.deletion import delete_account
from chat.models import Account, Invite, Room, RoomDevice, RoomInvite, WelcomeBlob, direct_pair
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.factories import Person, device_of
from tests.http.api import ask, get, post

pytestmark = [pytest.mark.privacy, pytest.mark.django_db]


def database() -> bytes:
    """Every value of every table, bytes as they are and all else as text."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names from the schema)
            for row in cursor.fetchall():
                parts += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(parts)


def traces(person: Person) -> dict[str, bytes]:
    """Everything by which the person could be found, in each form it may have been kept in."""
    return {
        "account": str(person.account).encode(),
        "account hex": person.account.hex.encode(),
        "account bytes": person.account.bytes,
        "device": person.device.encode(),
        "device bytes": bytes.fromhex(person.device),
        "identity key": person.identity_key,
        "signature key": person.mls.public,
        "certificate": person.certificate,
        "token hash": person.token_hash,
    }


def found(person: Person) -> set[str]:
    kept = database()
    return {name for name, value in traces(person).items() if value in kept}


@pytest.fixture
def settled(here: World) -> Person:
    """A member who has left a trace in every table there is."""
    person, friend = here[Name.MEMBER], here.friend
    factories.enrolled(person.second_phone(), here.network, packages=2)
    factories.backup(person, sealed=person.account.bytes * 4096)
    post(friend, f"/rooms/{here.group.id}/claim", {"accounts": [str(person.account)]})
    factories.settled_room("direct", [person, friend])
    blob = WelcomeBlob.objects.create(payload=person.mls.public)
    device = device_of(person)
    device.inbox.create(seq=1, room=here.group, entry_seq=1, welcome=blob)
    factories.room_invite(here.group, person)
    invite = factories.invite(here.network, created_by=device.account)[1]
    Account.objects.filter(id=person.account).update(invite=invite)
    Invite.objects.filter(id=invite.id).update(used=1)
    post(person, "/rooms", {"id": str(uuid4()), "kind": "group"})
    return person


def test_nothing_in_any_table_names_a_deleted_account(settled: Person) -> None:
    assert found(settled) >= {"account hex", "device", "identity key", "signature key", "certificate", "token hash"}
    assert ask(settled, "DELETE", "/me").body == {}
    assert found(settled) == set()
    assert not WelcomeBlob.objects.exists()


def test_its_tokens_are_dead_and_no_one_finds_it(here: World, settled: Person) -> None:
    ask(settled, "DELETE", "/me")
    assert get(settled, "/me").code == Code.UNAUTHENTICATED
    assert get(here.friend, f"/accounts/{settled.account}").code == Code.NOT_FOUND
    assert post(here.friend, f"/rooms/{here.group.id}/claim", {"accounts": [str(settled.account)]}).code == (
        Code.NOT_FOUND
    )


def test_what_others_have_stays_as_it_is(here: World, settled: Person) -> None:
    before = {str(room["id"]) for room in get(here.friend, "/rooms").body["rooms"]}
    ask(settled, "DELETE", "/me")
    rooms = get(here.friend, "/rooms").body["rooms"]
    assert {str(room["id"]) for room in rooms} == before
    for room in rooms:
        assert str(settled.account) not in {place["account"] for place in room["roster"]}
        assert room["pending_removals"] == []
    assert Invite.objects.get(used=1).created_by is None
    assert RoomInvite.objects.get().created_by is None


def test_a_leaf_of_nobody_waits_until_a_member_takes_it_out(here: World, settled: Person) -> None:
    ask(settled, "DELETE", "/me")
    waiting = RoomDevice.objects.get(room=here.group, device=None)
    assert (waiting.leaf, waiting.removal_seq) == (0, 2)
    # It keeps nobody from being added, and counts as nobody.
    factories.enrolled(here.friend.second_phone(), here.network)
    claim = post(here.friend, f"/rooms/{here.group.id}/claim", {"accounts": [str(here.friend.account)]})
    assert len(claim.body["packages"]) == 1
    assert post(here[Name.OTHER_MEMBER], "/room-invites/check", invited(here)).body["members"] == 3


def invited(here: World) -> dict[str, Any]:
    from chat.api.fields import b64encode

    secret, _ = factories.room_invite(here.group, here.friend, expires_in=timedelta(hours=1))
    return {"secret": b64encode(secret.value)}


def test_a_group_that_nobody_is_left_in_goes_and_an_open_room_starts_anew(here: World, settled: Person) -> None:
    alone = factories.settled_room("group", [settled])
    garden = factories.settled_room("open", [settled], title="Garden")
    ask(settled, "DELETE", "/me")
    assert not Room.objects.filter(id__in=[alone.id, garden.id]).exists()
    assert [room["title"] for room in get(here.friend, "/rooms").body["open"]] == ["Garden", "Welcome"]
    again = Room.objects.get(title="Garden")
    assert (again.epoch, again.head, again.group_info) == (0, 0, None)


def test_a_direct_room_that_the_other_was_only_making_goes_too(here: World) -> None:
    member, friend = here[Name.MEMBER], here.friend
    post(friend, "/rooms", {"id": str(uuid4()), "kind": "direct", "peer": str(member.account)})
    assert Room.objects.filter(direct_pair=direct_pair(friend.account, member.account)).exists()
    ask(member, "DELETE", "/me")
    assert not Room.objects.exclude(direct_pair=None).exists()


def test_a_suspended_person_may_delete_the_account_too(here: World) -> None:
    suspended = here[Name.SUSPENDED]
    assert ask(suspended, "DELETE", "/me").body == {}
    assert found(suspended) == set()


def test_a_deletion_that_was_cut_off_is_finished_by_the_same_call(
    settled: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(account: Account) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("chat.actions.deletion._erase", fail)
        assert ask(settled, "DELETE", "/me").status == 500
    assert get(settled, "/push").code == Code.SUSPENDED
    assert ask(settled, "DELETE", "/me").status == 200
    assert found(settled) == set()


def test_others_of_the_network_keep_everything(here: World, settled: Person) -> None:
    others = [here[name] for name in (Name.OTHER_MEMBER, Name.MODERATOR, Name.COORDINATOR, Name.OUTSIDER)]
    before = [found(person) for person in others]
    delete_account(Account.objects.get(id=settled.account))
    assert [found(person) for person in others] == before
