"""A person's devices at the socket: told of a new one, cut off when revoked, out of every room at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from chat.last_seen import last_seen
from chat.models import Entry, EntryKind, RoomDevice
from tests.delivery.groups import Circle, circle, hand_out
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.factories import Person, device_of, enrolled, seen_on


async def with_a_tablet(server: Server, here: Circle) -> tuple[Person, Person]:
    """The second member's phone, and a tablet of theirs that was added to the group."""
    phone = here.members[1]
    tablet = await in_db(lambda: enrolled(phone.second_phone(), here.network))
    package = await in_db(hand_out, here.group.room, tablet)
    async with socket_to(server, phone.token) as socket:
        frame = here.group.adding_packages(phone, [(tablet, package)])
        assert (await socket.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
    return phone, tablet


async def test_the_others_of_the_account_and_nobody_else_hear_of_a_new_device(server: Server) -> None:
    here = await in_db(circle, 2)
    phone, neighbour = here.members
    async with socket_to(server, phone.token) as own, socket_to(server, neighbour.token) as other:
        tablet = phone.second_phone()
        status, _ = post(server, "/api/v1/devices", phone, tablet.registering())
        assert status == 200
        assert (await own.expect("account"))["change"] == "devices"
        await other.settled()
        assert other.arrived == []
        async with socket_to(server, tablet.token) as new:
            await new.settled()
            assert [frame for frame in new.arrived if frame["t"] == "account"] == []
        assert post(server, "/api/v1/devices", phone, tablet.registering())[0] == 200
        await own.settled()
        assert own.arrived == [], "a repetition is no news"


async def test_a_revoked_device_is_cut_off_at_once_and_gets_nothing_afterwards(server: Server) -> None:
    here = await in_db(circle, 2)
    phone, tablet = await with_a_tablet(server, here)
    async with socket_to(server, tablet.token) as lost, socket_to(server, phone.token) as kept:
        status, _ = post(server, f"/api/v1/me/devices/{tablet.device}/revoke", phone)
        assert status == 200
        # Nothing is taken any more that it has the keys for, and what comes after is not for it.
        assert (await kept.ask(here.group.message(), "accepted"))["code"] == "epoch_too_old"
        frame = await in_db(here.group.taking_out, phone)
        assert (await kept.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        assert (await kept.ask(here.group.message(), "accepted"))["t"] == "accepted"
        assert (await lost.expect("bye"))["code"] == "revoked"
        await lost.gone()
        assert lost.entries(here.group.group_id) == []
        assert (await kept.expect("account"))["change"] == "devices"
        proposal = await kept.expect("entries")
        assert proposal["items"][0][2] == EntryKind.PROPOSAL
    async with socket_to(server) as again:
        await again.send({"t": "hello", "v": 1, "token": tablet.token})
        assert (await again.expect("bye"))["code"] == "revoked"
        await again.gone()
        assert [frame["t"] for frame in again.arrived] == []
    assert await in_db(lambda: RoomDevice.objects.filter(device__hex=tablet.device, removed_at=None).exists()) is False
    waiting = await in_db(
        lambda: Entry.objects.filter(room=UUID(bytes=here.group.group_id), kind=EntryKind.PROPOSAL).count()
    )
    assert waiting == 1


async def test_the_day_of_the_last_visit_is_kept_and_no_time(server: Server) -> None:
    here = await in_db(circle, 1)
    person = here.members[0]
    yesterday = timezone.now().date() - timedelta(days=1)
    await in_db(lambda: seen_on(person, yesterday))
    async with socket_to(server, person.token) as socket:
        await socket.settled()
        # Written a little later, together with those of others.
        async with asyncio.timeout(60):
            while await in_db(lambda: last_seen(device_of(person))) == yesterday:  # noqa: ASYNC110 (a row tells nobody)
                await asyncio.sleep(0.2)
    assert await in_db(lambda: last_seen(device_of(person))) == timezone.now().date()
