"""People who do the same thing at the same moment, on both databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chat.api.fields import b64encode
from chat.links import InviteSecret
from chat.protocol.limits import MAX_DEVICE_ROOMS
from tests.factories import Person
from tests.http.serving import Server
from tests.http.test_serve import _create_database, join
from tests.support.services import PostgreSQL

THREADS = 12


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    settings = {"RATE_SCALE": "1000"}
    if request.param == "PostgreSQL":
        postgres: PostgreSQL = request.getfixturevalue("postgres_server")
        _create_database(postgres.url, "kindred_races")
        settings["DATABASE_URL"] = f"{postgres.url.rsplit('/', 1)[0]}/kindred_races"
    with Server(**settings) as running:
        yield running


@pytest.fixture(scope="module")
def coordinator(server: Server) -> Person:
    return join(server, server.links()["coordinator"])[0]


def at_once(jobs: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    with ThreadPoolExecutor(THREADS) as threads:
        return [future.result() for future in [threads.submit(job) for job in jobs]]


def asking(server: Server, person: Person | None, path: str, body: Any) -> Callable[[], httpx.Response]:
    headers = {"authorization": person.authorization} if person else {}
    return lambda: httpx.post(f"{server.address}/api/v1{path}", json=body, headers=headers, timeout=60)


def outcome(reply: httpx.Response) -> str:
    return "ok" if reply.status_code == 200 else str(reply.json()["error"]["code"])


def invite(server: Server, coordinator: Person, uses: int) -> InviteSecret:
    secret = InviteSecret()
    body = {"secret_hash": b64encode(secret.digest), "role": "member", "uses": uses, "expires_in_ms": 3_600_000}
    assert outcome(asking(server, coordinator, "/invites", body)()) == "ok"
    return secret


def test_the_last_uses_of_an_invite_go_to_just_as_many(server: Server, coordinator: Person) -> None:
    secret = invite(server, coordinator, uses=5)
    people = [Person() for _ in range(24)]
    replies = at_once([asking(server, None, "/join", person.joining(secret, 1)) for person in people])
    assert Counter(map(outcome, replies)) == {"ok": 5, "invite_used": 19}
    used = [
        made["used"]
        for made in httpx.get(
            f"{server.address}/api/v1/invites", headers={"authorization": coordinator.authorization}, timeout=60
        ).json()["invites"]
        if made["uses"] == 5
    ]
    assert used == [5]


def test_the_same_join_sent_many_times_at_once_is_one_join(server: Server, coordinator: Person) -> None:
    secret = invite(server, coordinator, uses=1)
    body = Person().joining(secret, 2)
    replies = at_once([asking(server, None, "/join", body) for _ in range(12)])
    assert Counter(map(outcome, replies)) == {"ok": 12}
    assert len({reply.text for reply in replies}) == 1
    assert outcome(asking(server, None, "/join", Person().joining(secret, 1))()) == "invite_used"


def test_a_key_package_is_handed_out_once_however_many_ask(server: Server, coordinator: Person) -> None:
    with_a_second_phone = (
        "from uuid import UUID; from chat.models import Account; from tests import factories;"
        f"account = Account.objects.get(id=UUID('{coordinator.account}'));"
        "factories.enrolled(factories.Person(account.id), account.network, packages=10)"
    )
    assert server.manage("shell", "--no-imports", "-c", with_a_second_phone).returncode == 0
    rooms = [str(uuid4()) for _ in range(16)]
    for room in rooms:
        assert outcome(asking(server, coordinator, "/rooms", {"id": room, "kind": "group"})()) == "ok"
    body = {"accounts": [str(coordinator.account)]}
    replies = at_once([asking(server, coordinator, f"/rooms/{room}/claim", body) for room in rooms])
    claimed = Counter(package["key_package"] for reply in replies for package in reply.json()["packages"])
    assert sorted(claimed.values()) == [1] * 10 + [6]


def test_nobody_makes_more_rooms_than_they_may_be_in_by_asking_for_many_at_once(
    server: Server, coordinator: Person
) -> None:
    person = Person()
    assert outcome(asking(server, None, "/join", person.joining(invite(server, coordinator, uses=1), 1))()) == "ok"
    with_all_but_two = (
        "from uuid import UUID; from chat.models import Device, Room, RoomDevice;"
        f"device = Device.objects.select_related('account').get(account=UUID('{person.account}'));"
        f"left = {MAX_DEVICE_ROOMS - 2} - RoomDevice.objects.filter(device=device).count();"
        "made = Room.objects.bulk_create(Room(network_id=device.account.network_id, kind='group') for _ in range(left));"
        "RoomDevice.objects.bulk_create(RoomDevice(room=room, device=device, leaf=0) for room in made)"
    )
    assert server.manage("shell", "--no-imports", "-c", with_all_but_two).returncode == 0
    replies = at_once([asking(server, person, "/rooms", {"id": str(uuid4()), "kind": "group"}) for _ in range(12)])
    assert Counter(map(outcome, replies)) == {"ok": 2, "too_many": 10}


def test_the_same_room_made_many_times_at_once_is_one_room(server: Server, coordinator: Person) -> None:
    body = {"id": str(uuid4()), "kind": "open", "title": "Garden"}
    replies = at_once([asking(server, coordinator, "/rooms", body) for _ in range(12)])
    assert Counter(map(outcome, replies)) == {"ok": 12}
    assert len({reply.text for reply in replies}) == 1
