"""Every actor against every endpoint about people: joining, devices, invites, accounts."""

import os
from typing import Any

import pytest

from chat.api.fields import b64encode
from chat.models import Role
from chat.protocol.limits import BACKUP_STEP
from tests import factories
from tests.actors import Name, World
from tests.factories import CUT, Person
from tests.http.endpoints import (
    GENERATOR,
    Body,
    Endpoint,
    a_case,
    a_link,
    always,
    answers,
    digest,
    everyone,
    friends_account,
    in_group,
    judge,
    nothing,
    staff,
)

pytestmark = pytest.mark.access


def friend(world: World) -> Any:
    return world.friend.account


def outsiders_account(world: World) -> Any:
    return world[Name.OUTSIDER].account


def an_invite(world: World) -> Any:
    return factories.invite(world.network)[1].id


def secret_of_network(world: World, person: Person) -> Any:
    return {"secret": b64encode(factories.invite(world.network)[0].value)}


def joining(world: World, person: Person) -> Any:
    return Person().joining(factories.invite(world.network)[0])


def new_invite(role: Role) -> Body:
    return always(lambda: {"secret_hash": digest(), "role": role.value, "uses": 3, "expires_in_ms": 60_000})


def webpush(world: World, person: Person) -> Any:
    key = b64encode(bytes.fromhex(GENERATOR))
    target = {
        "channel": "webpush",
        "endpoint": "https://push.example.org/1",
        "p256dh": key,
        "auth": b64encode(bytes(16)),
    }
    return {"target": target}


def some_contacts(world: World, person: Person) -> Any:
    return {"contacts": [{"name": "Night line", "way": "tel", "to": "0800 123 45 67", "line": "20:00 to 6:00"}]}


def packages(world: World, person: Person) -> Any:
    return {"key_packages": [b64encode(person.key_package())]}


def own_certificate(world: World, person: Person) -> Any:
    return person.certifying(world.network, person, "coordinator")


def moderators_certificate(world: World, person: Person) -> Any:
    return person.certifying(world.network, world[Name.MODERATOR], "moderator")


def an_upload(world: World, person: Person) -> Any:
    return os.urandom(32) + bytes(BACKUP_STEP)


def a_newer_upload(world: World, person: Person) -> Any:
    if person is world[Name.NOBODY]:
        return an_upload(world, person)
    return factories.backup(person).locator_hash + bytes(BACKUP_STEP)


def locator_of_member(world: World, person: Person) -> Any:
    locator = os.urandom(32)
    factories.backup(world[Name.MEMBER], locator)
    return {"locator": b64encode(locator)}


def another_phone(world: World, person: Person) -> Any:
    return person.second_phone().registering()


def own_second_phone(world: World) -> Any:
    return factories.enrolled(world[Name.MEMBER].second_phone(), world.network).device


def unused_link(world: World) -> str:
    return b64encode(os.urandom(16))


TABLE = [
    Endpoint("GET", "//healthz", everyone(200)),
    Endpoint("GET", "//readyz", everyone(200)),
    Endpoint("GET", "/server", everyone(200)),
    Endpoint("POST", "/invites/check", everyone(200), secret_of_network),
    Endpoint("POST", "/join", everyone(200), joining),
    Endpoint("GET", "/me", answers(200, suspended=200)),
    Endpoint("POST", "/me/conduct", answers(200), always(lambda: {"version": 1})),
    Endpoint("POST", "/me/key-packages", answers(200), packages),
    Endpoint("DELETE", "/me", answers(200, suspended=200)),
    Endpoint("GET", "/me/backup", answers(200)),
    Endpoint("POST", "/me/backup", answers(200), an_upload),
    Endpoint("PUT", "/me/backup", answers(200), a_newer_upload),
    Endpoint("DELETE", "/me/backup", answers(200)),
    Endpoint("POST", "/backups/fetch", everyone(200), locator_of_member),
    Endpoint("POST", "/devices", answers(200, revoked=200), another_phone),
    Endpoint("GET", "/me/devices", answers(200)),
    Endpoint("POST", "/me/devices/{device}/revoke", answers("not_found", member=200), nothing, own_second_phone),
    Endpoint(
        "PUT",
        "/links/{link}",
        everyone(200),
        always(lambda: {"offer": b64encode(b"an offer"), "take_hash": digest()}),
        unused_link,
    ),
    Endpoint("GET", "/links/{link}", answers(200), target=a_link),
    Endpoint(
        "POST",
        "/links/{link}/answer",
        answers(200),
        always(lambda: {"part": 0, "parts": 1, "sealed": b64encode(b"sealed")}),
        a_link,
    ),
    Endpoint(
        "POST",
        "/links/{link}/take",
        everyone(200),
        always(lambda: {"key": b64encode(bytes(32)), "part": 0}),
        a_link,
    ),
    Endpoint("PUT", "/network/contacts", staff("forbidden", coordinator=200), some_contacts),
    Endpoint("GET", "/staff", answers(200, suspended=200)),
    Endpoint("POST", "/staff/certificates", staff("forbidden", coordinator=200), own_certificate, case="of oneself"),
    Endpoint("POST", "/staff/certificates", staff("forbidden"), moderators_certificate, case="without one of oneself"),
    Endpoint("GET", "/push", answers(200)),
    Endpoint("GET", "/me/push", answers(200)),
    Endpoint("PUT", "/me/push", answers("push_off"), webpush, case="without credentials"),
    Endpoint("DELETE", "/me/push", answers(200, suspended=200)),
    Endpoint("GET", "/invites/tree", answers("forbidden", coordinator=200)),
    Endpoint(
        "GET",
        "/accounts/{account}/branch",
        answers("forbidden", coordinator=200),
        target=friend,
        query="?include_root=true",
    ),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator=200),
        always(lambda: {"include_root": True, "card": 1, **CUT}),
        friend,
        "of the own network",
    ),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator="not_found"),
        always(lambda: {"include_root": True, "card": 1, **CUT}),
        outsiders_account,
        "of another network",
    ),
    Endpoint(
        "POST",
        "/accounts/{account}/revoke-branch",
        answers("forbidden", coordinator=200),
        lambda world, _: {"include_root": True, "card": 1, **CUT, "case": str(a_case(world))},
        friend,
        "from a case",
    ),
    Endpoint("GET", "/accounts/{account}", in_group(200, suspended="not_found"), target=friend),
    Endpoint("POST", "/accounts", answers(200, suspended=200), friends_account),
    Endpoint("GET", "/invites", staff(200)),
    Endpoint("POST", "/invites", staff(200), new_invite(Role.MEMBER), case="for a member"),
    Endpoint(
        "POST",
        "/invites",
        staff(200, moderator="forbidden"),
        new_invite(Role.MODERATOR),
        case="for a moderator",
    ),
    Endpoint("POST", "/invites/{id}/revoke", staff(200), nothing, an_invite),
    Endpoint("GET", "//.well-known/kindred-keys.json", everyone(200)),
]


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("endpoint", TABLE, ids=lambda endpoint: endpoint.title)
def test_each_actor_gets_just_what_is_theirs(endpoint: Endpoint, name: Name, unchanged: World) -> None:
    judge(endpoint, name, unchanged)
