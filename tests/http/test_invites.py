"""Network and room invites: made by people, kept as hashes."""

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.api.fields import b64encode
from chat.models import Invite, RoomInvite
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, get, post

_DAY_MS = 86_400_000


def digest(secret: bytes) -> str:
    return b64encode(hashlib.sha256(secret).digest())


def make(person: Person, **fields: Any) -> Reply:
    body = {"secret_hash": digest(os.urandom(16)), "role": "member", "uses": 1, "expires_in_ms": _DAY_MS}
    return post(person, "/invites", body | fields)


def test_a_made_invite_opens_the_network_with_the_makers_secret(here: World) -> None:
    secret = os.urandom(16)
    made = make(here[Name.MODERATOR], secret_hash=digest(secret), uses=3)
    assert made.status == 200
    assert made.body == made.body | {"role": "member", "uses": 3, "used": 0, "revoked": False}
    assert made.body["expires_at"] - made.body["created_at"] == pytest.approx(_DAY_MS, abs=2000)
    checked = post(None, "/invites/check", {"secret": b64encode(secret)})
    assert checked.body["network"]["id"] == str(here.network.id)
    assert checked.body["expires_at"] == made.body["expires_at"]


def test_coordinators_invite_staff_too(here: World) -> None:
    for role in ("member", "moderator", "coordinator"):
        assert make(here[Name.COORDINATOR], role=role).body["role"] == role
    assert make(here[Name.COORDINATOR], role="operator").code == Code.MALFORMED


def test_making_an_invite_again_gives_the_first_one(here: World) -> None:
    secret_hash = digest(os.urandom(16))
    first = make(here[Name.MODERATOR], secret_hash=secret_hash)
    assert make(here[Name.MODERATOR], secret_hash=secret_hash) == first
    assert make(here[Name.COORDINATOR], secret_hash=secret_hash).code == Code.MALFORMED
    assert make(here[Name.MODERATOR], secret_hash=secret_hash, uses=9).code == Code.MALFORMED
    assert Invite.objects.filter(network=here.network).count() == 1


def test_the_list_shows_the_own_networks_invites_newest_first(here: World) -> None:
    factories.invite(here.elsewhere)
    made = [make(here[Name.MODERATOR]).body, make(here[Name.COORDINATOR]).body]
    listed = get(here[Name.COORDINATOR], "/invites").body["invites"]
    assert listed == [made[1], made[0]]


def test_a_revoked_invite_opens_nothing_and_stays_revoked(here: World) -> None:
    secret, invite = factories.invite(here.network)
    replies = [post(here[Name.MODERATOR], f"/invites/{invite.id}/revoke") for _ in range(2)]
    assert replies[0].body["revoked"] is True
    assert replies[0] == replies[1]
    assert post(None, "/invites/check", {"secret": b64encode(secret.value)}).code == Code.INVITE_REVOKED


def test_another_networks_invite_cannot_be_revoked(here: World) -> None:
    _, invite = factories.invite(here.elsewhere)
    assert post(here[Name.COORDINATOR], f"/invites/{invite.id}/revoke").code == Code.NOT_FOUND
    invite.refresh_from_db()
    assert invite.revoked_at is None


@pytest.mark.parametrize(
    "fields",
    [{"uses": 0}, {"uses": 1001}, {"expires_in_ms": 0}, {"expires_in_ms": 91 * _DAY_MS}, {"secret_hash": "AAAA"}],
)
def test_an_invite_has_bounds(here: World, fields: dict[str, Any]) -> None:
    assert make(here[Name.COORDINATOR], **fields).code == Code.MALFORMED


def room_invite(world: World, person: Person, **fields: Any) -> Reply:
    body = {"secret_hash": digest(os.urandom(16)), "uses": 2, "expires_in_ms": _DAY_MS}
    return post(person, f"/rooms/{world.group.id}/invites", body | fields)


def test_a_room_invite_tells_where_it_leads_and_how_many_are_there(here: World) -> None:
    secret = os.urandom(16)
    made = room_invite(here, here[Name.MEMBER], secret_hash=digest(secret))
    assert {*made.body} == {"id", "expires_at"}
    checked = post(here[Name.OTHER_MEMBER], "/room-invites/check", {"secret": b64encode(secret)})
    assert checked.body == {"room": str(here.group.id), "members": 4, "expires_at": made.body["expires_at"]}


def test_making_a_room_invite_again_gives_the_first_one(here: World) -> None:
    secret_hash = digest(os.urandom(16))
    first = room_invite(here, here[Name.MEMBER], secret_hash=secret_hash)
    assert room_invite(here, here[Name.MEMBER], secret_hash=secret_hash) == first
    assert room_invite(here, here.friend, secret_hash=secret_hash).code == Code.MALFORMED
    assert RoomInvite.objects.count() == 1


@pytest.mark.parametrize("ending", [Code.INVITE_USED, Code.INVITE_EXPIRED, Code.INVITE_REVOKED])
def test_a_room_invite_that_opens_nothing_says_why(here: World, ending: Code) -> None:
    secret, invite = factories.room_invite(here.group, here[Name.MEMBER])
    changes: dict[Code, dict[str, Any]] = {
        Code.INVITE_USED: {"used": 1},
        Code.INVITE_EXPIRED: {"expires_at": timezone.now() - timedelta(seconds=1)},
        Code.INVITE_REVOKED: {"revoked_at": timezone.now()},
    }
    RoomInvite.objects.filter(pk=invite.pk).update(**changes[ending])
    text = b64encode(secret.value)
    newcomer = here[Name.OTHER_MEMBER]
    assert post(newcomer, "/room-invites/check", {"secret": text}).code == ending
    assert post(newcomer, f"/rooms/{here.group.id}/group-info", {"invite": text}).code == ending


def test_an_invite_into_one_room_does_not_open_another(here: World) -> None:
    other = factories.settled_room("group", [here.friend])
    secret, _ = factories.room_invite(other, here.friend)
    body = {"invite": b64encode(secret.value)}
    assert post(here[Name.OTHER_MEMBER], f"/rooms/{here.group.id}/group-info", body).code == Code.INVITE_UNKNOWN
    assert post(here[Name.OTHER_MEMBER], f"/rooms/{other.id}/group-info", body).status == 200


def test_a_group_info_comes_with_what_a_newcomer_has_to_check(here: World) -> None:
    info = post(here[Name.OTHER_MEMBER], f"/rooms/{here.open.id}/group-info", {}).body
    server = get(None, "/server").body
    assert info == {
        "epoch": 1,
        "group_info": b64encode(b"a group info"),
        "external_sender": server["external_sender"],
        "kind": "open",
        "roster": [
            {"account": str(here[name].account), "device": here[name].device, "leaf": leaf}
            for leaf, name in enumerate((Name.MEMBER, Name.MODERATOR))
        ],
    }
