"""Whoever asked hears of staff who come or come back: their device may be the only one that can let them in."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import time
from uuid import uuid4

from django.utils import timezone

from chat.actions.accounts import suspend_account
from chat.models import Account, Network, Role
from tests import factories
from tests.delivery.harness import Server, Socket, in_db, post, socket_to
from tests.factories import Person, enrolled
from tests.socket.test_case_rooms import case_of


def network_with_a_case() -> tuple[Network, dict[str, Person]]:
    network = factories.network()
    roles = {"member": "member", "other": "member", "moderator": "moderator", "coordinator": "coordinator"}
    people = {name: enrolled(Person(), network, role) for name, role in roles.items()}
    case_of(people["member"], people["moderator"])
    return network, people


async def comes(server: Server, network: Network, role: Role) -> None:
    secret, _ = await in_db(factories.invite, network, role=role)
    person = Person()
    await does(server, person, "/join", person.joining(secret))


async def does(server: Server, person: Person, path: str, body: object) -> None:
    status, answer = await asyncio.to_thread(post, server, f"/api/v1{path}", person, body)
    assert status == 200, answer


async def hears(socket: Socket) -> None:
    assert (await socket.expect("account", 60))["change"] == "cases"


async def test_whoever_asked_hears_of_staff_who_come_and_nobody_else(server: Server) -> None:
    network, people = await in_db(network_with_a_case)
    async with socket_to(server, people["member"].token) as asked, socket_to(server, people["other"].token) as other:
        await comes(server, network, Role.MEMBER)
        await asked.settled()
        assert asked.arrived == []
        for role in (Role.MODERATOR, Role.COORDINATOR):
            await comes(server, network, role)
            await hears(asked)
        await other.settled()
        assert other.arrived == []


async def test_whoever_asked_hears_of_staff_whose_suspension_is_over(server: Server) -> None:
    _, people = await in_db(network_with_a_case)
    moderator, coordinator = people["moderator"], people["coordinator"]
    pause = {
        "id": str(uuid4()),
        "subject": str(moderator.account),
        "kind": "suspend",
        "ground": "law",
        "law": "A law",
        "finding": "other",
    }
    until = int((time() + 86_400) * 1000)
    async with socket_to(server, people["member"].token) as asked:
        await does(server, coordinator, "/decisions", pause | {"until": until})
        await does(server, coordinator, f"/decisions/{pause['id']}/lift", {"reason": "mistake"})
        await hears(asked)
        soon = timezone.now() + timedelta(seconds=1)
        await in_db(lambda: suspend_account(Account.objects.get(id=moderator.account), soon))
        await hears(asked)


async def test_whoever_asked_hears_of_them_while_suspended_too(server: Server) -> None:
    network, people = await in_db(network_with_a_case)
    await in_db(lambda: suspend_account(Account.objects.get(id=people["member"].account)))
    async with socket_to(server) as asked:
        await asked.send({"t": "hello", "v": 1, "token": people["member"].token})
        assert (await asked.expect("ready"))["suspended"] is True
        await comes(server, network, Role.MODERATOR)
        await hears(asked)
