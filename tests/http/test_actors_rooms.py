"""Every actor against every endpoint about rooms."""

import os
from typing import Any
from uuid import uuid4

import pytest

from chat.actions.blobs import keep_blob
from chat.api.fields import b64encode
from chat.protocol.limits import BLOB_STEP
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.endpoints import (
    Body,
    Endpoint,
    always,
    answers,
    digest,
    friends_account,
    in_group,
    judge,
    nothing,
    staff,
)

pytestmark = pytest.mark.access


def group(world: World) -> Any:
    return world.group.id


def open_room(world: World) -> Any:
    return world.open.id


def unfounded_room(world: World) -> Any:
    return factories.settled_room("open", [], network=world.network, epoch=0, head=0, group_info=None).id


def friends_group(world: World) -> Any:
    """One that the friend looks after and the member is in."""
    return factories.settled_room("group", [world.friend, world[Name.MEMBER]]).id


def friends_closed_group(world: World) -> Any:
    """The same, where those who do not look after it add nobody."""
    return factories.settled_room("group", [world.friend, world[Name.MEMBER]], members_may_add=False).id


def open_room_with_friend(world: World) -> Any:
    return factories.settled_room("open", [world[Name.MEMBER], world.friend]).id


def friend_as(**fields: Any) -> Body:
    return lambda world, _person: {"account": str(world.friend.account), **fields}


def others_account(world: World, person: Person) -> Any:
    """Someone whom the member knows from another room, and whom the friend's groups do not have."""
    factories.settled_room("group", [world[Name.MEMBER], world[Name.OTHER_MEMBER]])
    return {"accounts": [str(world[Name.OTHER_MEMBER].account)]}


def secret_of_group(world: World, person: Person) -> Any:
    return {"secret": b64encode(factories.room_invite(world.group, world[Name.MEMBER])[0].value)}


def group_info_by_invite(world: World, person: Person) -> Any:
    return {"invite": secret_of_group(world, person)["secret"]}


def room(kind: str, **fields: Any) -> Body:
    return always(lambda: {"id": str(uuid4()), "kind": kind, **fields})


def direct(world: World, person: Person) -> Any:
    return {"id": str(uuid4()), "kind": "direct", "peer": str(world.friend.account)}


def a_new_blob(world: World) -> Any:
    return f"{world.group.id}/{b64encode(os.urandom(16))}"


def a_kept_blob(world: World) -> Any:
    blob = os.urandom(16)
    keep_blob(factories.device_of(world.friend).account, world.group, blob, bytes(BLOB_STEP))
    return f"{world.group.id}/{b64encode(blob)}"


TABLE = [
    Endpoint("GET", "/rooms", answers(200, suspended=200)),
    Endpoint("POST", "/rooms", answers(200), room("group"), case="group"),
    Endpoint("POST", "/rooms", answers(200), room("self"), case="self"),
    Endpoint("POST", "/rooms", staff(200), room("open", title="Garden"), case="open"),
    Endpoint("POST", "/rooms", staff(200), room("staff"), case="staff"),
    Endpoint("POST", "/rooms", in_group(200), direct, case="direct"),
    Endpoint("GET", "/rooms/{room}", in_group(200, suspended="not_found"), target=group, case="private"),
    Endpoint(
        "GET",
        "/rooms/{room}",
        answers("not_found", member=200, moderator=200, suspended="not_found"),
        target=open_room,
        case="open",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/title",
        staff(200, outsider="not_found"),
        always(lambda: {"title": "Harbour café"}),
        open_room,
        "open",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/title",
        in_group("forbidden"),
        always(lambda: {"title": "Harbour café"}),
        group,
        "private",
    ),
    Endpoint("POST", "/rooms/{room}/group-info", in_group(200), nothing, group, "private"),
    Endpoint("POST", "/rooms/{room}/group-info", answers(200, outsider="not_found"), nothing, open_room, "open"),
    Endpoint(
        "POST",
        "/rooms/{room}/group-info",
        answers("room_not_ready", outsider="not_found"),
        nothing,
        unfounded_room,
        "open and unfounded",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/group-info",
        answers(200, outsider="not_found"),
        group_info_by_invite,
        group,
        "private, with an invite",
    ),
    Endpoint("POST", "/rooms/{room}/claim", in_group(200), friends_account, group, "private"),
    Endpoint(
        "POST",
        "/rooms/{room}/claim",
        answers("not_found", member=200),
        friends_account,
        open_room,
        "someone whom only the member knows",
    ),
    Endpoint("POST", "/rooms/{room}/leave", in_group(200), nothing, group),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        in_group(200),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        group,
        "private",
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        answers("not_found", member="forbidden", moderator="forbidden"),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        open_room,
        "open",
    ),
    Endpoint("POST", "/room-invites/check", answers(200, outsider="invite_unknown"), secret_of_group),
    Endpoint("POST", "/rooms/{room}/stewards", in_group(200), friend_as(steward=True), group, "own group"),
    Endpoint(
        "POST", "/rooms/{room}/stewards", in_group("forbidden"), friend_as(steward=True), friends_group, "other's"
    ),
    Endpoint(
        "POST",
        "/rooms/{room}/stewards",
        staff("forbidden", outsider="not_found", other_member="not_found"),
        friend_as(steward=True),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/rules", in_group(200), always(lambda: {"members_may_add": False}), group),
    Endpoint("POST", "/rooms/{room}/mute", in_group(200), friend_as(until=None), group, "own group"),
    Endpoint("POST", "/rooms/{room}/mute", in_group("forbidden"), friend_as(until=None), friends_group, "other's"),
    Endpoint(
        "POST",
        "/rooms/{room}/mute",
        staff("by_decision", outsider="not_found", other_member="not_found"),
        friend_as(until=None),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/remove", in_group(200), friend_as(), group, "own group"),
    Endpoint("POST", "/rooms/{room}/remove", in_group("forbidden"), friend_as(), friends_group, "other's"),
    Endpoint(
        "POST",
        "/rooms/{room}/remove",
        staff("by_decision", outsider="not_found", other_member="not_found"),
        friend_as(),
        open_room_with_friend,
        "open",
    ),
    Endpoint("POST", "/rooms/{room}/claim", in_group("forbidden"), others_account, friends_closed_group, "closed"),
    Endpoint(
        "POST",
        "/rooms/{room}/invites",
        in_group("forbidden"),
        always(lambda: {"secret_hash": digest(), "uses": 1, "expires_in_ms": 60_000}),
        friends_closed_group,
        "closed",
    ),
    Endpoint(
        "PUT",
        "/rooms/{room}/blobs/{blob}",
        in_group(200, suspended="not_found"),
        always(lambda: bytes(BLOB_STEP)),
        a_new_blob,
    ),
    Endpoint("GET", "/rooms/{room}/blobs/{blob}", in_group(200, suspended="not_found"), target=a_kept_blob),
]


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.title)
def test_each_actor_gets_just_what_is_theirs(endpoint: Endpoint, name: Name, unchanged: World) -> None:
    judge(endpoint, name, unchanged)
