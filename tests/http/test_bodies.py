"""Broken bodies: a documented error, never a crash, never a changed room."""

import copy
import json
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.api.fields import b64encode
from chat.api.rates import rates
from chat.models import Account, Device, Entry, Invite, KeyPackage, Room, RoomDevice, RoomInvite
from chat.protocol.errors import _TABLE, Code
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask
from tests.http.endpoints import a_link, digest
from tests.support.rounds import EXAMPLES_WITH_A_DATABASE

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]

hostile = settings(
    max_examples=EXAMPLES_WITH_A_DATABASE,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=40)
    | st.text(string.ascii_letters + string.digits + "-_=", max_size=90)
    | st.sampled_from(["\x00", "\ud800", "0" * 32, "ﬀ", "00000000-0000-0000-0000-000000000000"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def bodies(world: World) -> dict[str, Any]:
    """A good body for each endpoint that takes one, sent by somebody who may."""
    group, friend = world.group.id, str(world.friend.account)
    secret, _ = factories.invite(world.network, uses=1000)
    package = b64encode(world[Name.COORDINATOR].key_package())
    link = a_link(world)
    return {
        "/invites/check": {"secret": b64encode(secret.value)},
        "/join": Person().joining(secret, packages=1),
        "/me/conduct": {"version": 1},
        "/me/key-packages": {"key_packages": [package], "last_resort": package},
        "/devices": world[Name.COORDINATOR].second_phone().registering(),
        f"/links/{link}/answer": {"part": 0, "parts": 2, "sealed": package},
        f"/links/{link}/take": {"key": b64encode(bytes(32)), "part": 0},
        "/rooms": {"id": "6f2f8f7e-0000-4000-8000-000000000001", "kind": "direct", "peer": friend},
        f"/rooms/{world.open.id}/title": {"title": "Garden"},
        f"/rooms/{group}/group-info": {"invite": b64encode(secret.value)},
        f"/rooms/{group}/claim": {"accounts": [friend]},
        f"/rooms/{group}/invites": {"secret_hash": digest(), "uses": 1, "expires_in_ms": 1000},
        "/room-invites/check": {"secret": b64encode(secret.value)},
        "/accounts": {"accounts": [friend]},
        "/backups/fetch": {"locator": digest()},
        "/invites": {"secret_hash": digest(), "role": "member", "uses": 1, "expires_in_ms": 1000},
    }


PATHS = ["/invites/check", "/join", "/me/conduct", "/me/key-packages", "/rooms", "title", "group-info", "claim"]
PATHS += [
    "/devices",
    "answer",
    "take",
    "/invites",
    "/room-invites/check",
    "/accounts",
    "rooms/invites",
    "/backups/fetch",
]


def of(world: World, name: str) -> tuple[str, Any]:
    everything = bodies(world)
    if name == "rooms/invites":
        name = f"/rooms/{world.group.id}/invites"
    path = next(path for path in everything if path == name or path.endswith(f"/{name}"))
    return path, everything[path]


def state() -> list[Any]:
    """Everything that a refused request must leave as it was."""
    kept: list[Any] = [
        list(model.objects.order_by("pk").values()) for model in (Account, Device, Invite, Room, RoomDevice, RoomInvite)
    ]
    return [*kept, Entry.objects.count(), KeyPackage.objects.count()]


@pytest.fixture
def coordinator(here: World) -> Person:
    """In the group as well, so that everything is open to them."""
    person = here[Name.COORDINATOR]
    RoomDevice.objects.create(room=here.group, device=factories.device_of(person), leaf=3)
    return person


def check(reply: Reply, before: list[Any]) -> None:
    assert reply.status != 500, reply.body
    if reply.status >= 400:
        assert reply.status == _TABLE[reply.code][0]
        assert state() == before


def attack(here: World, person: Person, name: str, change: Callable[[Any], bytes]) -> None:
    rates.forget()
    path, good = of(here, name)
    before = state()
    check(ask(person, "POST", path, raw=change(copy.deepcopy(good))), before)


def dump(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("name", PATHS)
@hostile
@given(field=st.integers(0, 20), value=values)
def test_a_wrong_value_in_any_field(here: World, coordinator: Person, name: str, field: int, value: Any) -> None:
    def change(body: Any) -> bytes:
        key = sorted(body)[field % len(body)]
        body[key] = [value] if isinstance(body[key], list) and field % 2 else value
        return dump(body)

    attack(here, coordinator, name, change)


@pytest.mark.parametrize("name", PATHS)
@hostile
@given(value=values)
def test_any_json_at_all(here: World, coordinator: Person, name: str, value: Any) -> None:
    attack(here, coordinator, name, lambda _body: dump(value))


@pytest.mark.parametrize("name", PATHS)
@hostile
@given(raw=st.binary(max_size=200), cut=st.integers(0, 500), at=st.integers(0, 500))
def test_bytes_that_are_no_json(here: World, coordinator: Person, name: str, raw: bytes, cut: int, at: int) -> None:
    def change(body: Any) -> bytes:
        good = dump(body)
        return good[: at % len(good)] + raw + good[cut:]

    attack(here, coordinator, name, change)


@pytest.mark.parametrize("name", PATHS)
def test_an_undeclared_or_a_missing_field_is_refused(here: World, coordinator: Person, name: str) -> None:
    path, good = of(here, name)
    before = state()
    reply = ask(coordinator, "POST", path, good | {"surprise": 1})
    assert reply.code == Code.MALFORMED
    assert "surprise" in reply.body["error"]["detail"]
    optional = {"last_resort", "peer", "invite"} if name != "/join" else set()
    for field in set(good) - optional:
        short = {key: value for key, value in good.items() if key != field}
        assert ask(coordinator, "POST", path, short).code == Code.MALFORMED, field
    assert state() == before


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"NaN",
        b'{"secret":',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'"\\ud800"',
        b"\xff\xfe",
        b"1e999",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_hostile_json_is_malformed(here: World, raw: bytes) -> None:
    assert ask(None, "POST", "/invites/check", raw=raw).code == Code.MALFORMED


def test_a_body_that_is_too_long_is_refused(here: World) -> None:
    reply = ask(None, "POST", "/join", raw=b" " * (1024 * 1024 + 1))
    assert reply.code == Code.TOO_LARGE
    assert reply.status == 413


@pytest.mark.parametrize(
    "secret", ["AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAA+/", "é"]
)
def test_bytes_have_one_spelling(here: World, secret: str) -> None:
    assert ask(None, "POST", "/invites/check", {"secret": secret}).code == Code.MALFORMED


def test_ids_have_one_spelling(here: World) -> None:
    member, friend = here[Name.MEMBER], str(here.friend.account)
    for spelling in (friend.upper(), friend.replace("-", ""), f"{{{friend}}}", f"urn:uuid:{friend}"):
        assert ask(member, "POST", "/accounts", {"accounts": [spelling]}).code == Code.MALFORMED
        assert ask(member, "GET", f"/accounts/{spelling}").code == Code.NOT_FOUND


def test_an_error_never_repeats_what_was_sent(here: World) -> None:
    canary = "canary-4711"
    for body in ({"secret": canary}, {"secret": [canary]}, canary):
        assert canary not in json.dumps(ask(None, "POST", "/invites/check", body).body)
