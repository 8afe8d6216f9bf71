"""The rooms in which the staff are among themselves: who comes in, whoever commits, and who goes when they are shut out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from time import time
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions.accounts import ban_account, restore_account, suspend_account
from chat.actions.case_rooms import bar
from chat.actions.deletion import delete_account
from chat.models import Account, InboxItem, Role, Room, RoomDevice
from tests import factories
from tests.delivery.groups import Group, hand_out, settle
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.factories import Person, enrolled

KINDS = ("staff", "notes")


@dataclass
class Watch:
    """A room of two moderators; `newer` and `shunned` are staff too, and `shunned` is kept out of it."""

    group: Group
    moderator: Person
    colleague: Person
    newer: Person
    shunned: Person
    member: Person
    outsider: Person

    def accounts(self) -> set[object]:
        places = RoomDevice.objects.filter(room=self.group.room, removed_at=None)
        return set(places.values_list("device__account", flat=True))


def watch(kind: str) -> Watch:
    network = factories.network()
    moderator, newer, shunned = (enrolled(Person(), network, "moderator") for _ in range(3))
    colleague = enrolled(Person(), network, "coordinator")
    group = Group(uuid4())
    settle(group, kind, moderator, colleague)
    bar(Room.objects.get(id=group.room), [shunned.account])
    outsider = enrolled(Person(), factories.network("Elsewhere"), "moderator")
    return Watch(group, moderator, colleague, newer, shunned, enrolled(Person(), network), outsider)


def account(person: Person) -> Account:
    return Account.objects.get(id=person.account)


@pytest.mark.parametrize("kind", KINDS)
async def test_staff_come_in_by_themselves_and_nobody_else_does(server: Server, kind: str) -> None:
    here = await in_db(watch, kind)
    for stranger in (here.member, here.shunned, here.outsider):
        async with socket_to(server, stranger.token) as socket:
            assert (await socket.ask(here.group.entering(stranger), "accepted"))["code"] == "not_in_room"
    async with socket_to(server, here.newer.token) as socket:
        assert (await socket.ask(here.group.entering(here.newer), "accepted"))["t"] == "accepted"
    known = {here.moderator.account, here.colleague.account, here.newer.account}
    assert await in_db(here.accounts) == known


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_adds_a_member_or_whom_the_case_is_kept_from(server: Server, kind: str) -> None:
    here = await in_db(watch, kind)
    async with socket_to(server, here.moderator.token) as socket:
        for stranger in (here.member, here.shunned, here.outsider):
            package = await in_db(hand_out, here.group.room, stranger)
            frame = here.group.adding_packages(here.moderator, [(stranger, package)])
            assert (await socket.ask(frame, "accepted"))["code"] == "bad_commit"
    assert await in_db(here.accounts) == {here.moderator.account, here.colleague.account}
    assert not await in_db(InboxItem.objects.exists)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [suspend_account, ban_account, delete_account])
async def test_whoever_of_the_staff_is_shut_out_is_taken_out_and_gets_nothing_more(
    server: Server, kind: str, end: object
) -> None:
    here = await in_db(watch, kind)
    assert callable(end)
    async with socket_to(server, here.colleague.token) as gone, socket_to(server, here.moderator.token) as left:
        await in_db(lambda: end(account(here.colleague)))
        await gone.expect("bye")
        # The proposal to take the leaf out is what the others get next.
        await left.until(lambda: bool(left.entries(here.group.group_id)))
        assert left.entries(here.group.group_id)[0][2] == 2
    assert await in_db(here.accounts) == {here.moderator.account}


async def test_who_was_suspended_for_a_time_comes_back_afterwards(server: Server) -> None:
    here = await in_db(watch, "staff")
    await in_db(lambda: suspend_account(account(here.colleague)))
    async with socket_to(server) as socket:
        await socket.send({"t": "hello", "v": 1, "token": here.colleague.token})
        assert (await socket.expect("ready"))["rooms"] == []
        entering = here.group.entering(here.colleague)
        assert (await socket.ask(dict(entering), "accepted"))["code"] == "suspended"
    await in_db(lambda: restore_account(account(here.colleague)))
    async with socket_to(server, here.colleague.token) as socket:
        assert (await socket.ask(dict(entering), "accepted"))["t"] == "accepted"
    assert here.colleague.account in await in_db(here.accounts)


async def test_connected_staff_hear_of_a_colleague_whose_suspension_has_run_out(server: Server) -> None:
    here = await in_db(watch, "staff")
    await in_db(lambda: suspend_account(account(here.colleague), timezone.now() + timedelta(hours=1)))
    async with socket_to(server, here.moderator.token) as staff, socket_to(server, here.member.token) as member:
        # Not before they are connected.
        suspended = Account.objects.filter(id=here.colleague.account)
        await in_db(lambda: suspended.update(suspended_until=timezone.now()))
        assert (await staff.expect("account", 60))["change"] == "cases"
        assert not await in_db(lambda: account(here.colleague).suspended)
        await member.settled()
        assert member.arrived == []


async def test_connected_staff_hear_of_colleagues_who_come_and_members_do_not(server: Server) -> None:
    here = await in_db(watch, "staff")

    async def comes(role: Role) -> None:
        network = await in_db(lambda: account(here.moderator).network)
        secret, _ = await in_db(factories.invite, network, role=role)
        person = Person()
        status, answer = await asyncio.to_thread(post, server, "/api/v1/join", person, person.joining(secret))
        assert status == 200, answer

    async with socket_to(server, here.moderator.token) as staff, socket_to(server, here.member.token) as member:
        await comes(Role.MEMBER)
        await staff.settled()
        assert staff.arrived == []
        await comes(Role.MODERATOR)
        assert (await staff.expect("account"))["change"] == "cases"
        until = int((time() + 86_400) * 1000)
        paused = {
            "id": str(uuid4()),
            "subject": str(here.newer.account),
            "kind": "suspend",
            "ground": "law",
            "finding": "other",
            "law": "A law",
            "until": until,
        }
        for path, body in (("", paused), (f"/{paused['id']}/lift", {"reason": "mistake"})):
            status, answer = await asyncio.to_thread(post, server, f"/api/v1/decisions{path}", here.colleague, body)
            assert status == 200, answer
        assert (await staff.expect("account"))["change"] == "cases"
        await member.settled()
        assert member.arrived == []
