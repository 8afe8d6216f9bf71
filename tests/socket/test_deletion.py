"""Deleting an account while others are there: it is cut off at once, and its rooms take its leaves out."""

from __future__ import annotations

import http.client
import json
from typing import Any

from chat.mls.external import pending_removal
from chat.models import Account, Device, RoomDevice
from tests.delivery.groups import circle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, enrolled


def delete(server: Server, person: Person) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("DELETE", "/api/v1/me", headers={"Authorization": person.authorization})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


async def test_every_device_is_cut_off_and_the_next_member_takes_the_leaf_out(server: Server) -> None:
    here = await in_db(circle, 3)
    one, two, gone = here.members
    tablet = await in_db(lambda: enrolled(gone.second_phone(), here.network))
    async with (
        socket_to(server, one.token) as member,
        socket_to(server, two.token) as reader,
        socket_to(server, gone.token) as phone,
        socket_to(server, tablet.token) as other,
    ):
        assert await in_db(delete, server, gone) == (200, {})
        for socket in (phone, other):
            assert (await socket.expect("bye"))["code"] == "deleted"
            await socket.gone()
        proposal = (await member.expect("entries"))["items"][0]
        removal = pending_removal(proposal[5])
        assert (proposal[0], proposal[2], removal.leaf) == (2, 2, 2)
        # Nobody's leaf holds up the room until it is taken out, as anyone's would.
        assert (await member.ask(here.group.update(one), "accepted"))["code"] == "pending_removal"
        frame = here.group.removing(one, [removal.leaf], [removal.ref])
        assert (await member.ask(frame, "accepted"))["seq"] == 3
        here.group.won(frame)
        assert (await member.ask(here.group.message(), "accepted"))["seq"] == 4
        await reader.until(lambda: [entry[0] for entry in reader.entries(here.room)] == [2, 3, 4])
    assert await in_db(lambda: RoomDevice.objects.filter(room=here.group.room).count()) == 2
    assert not await in_db(Account.objects.filter(id=gone.account).exists)
    assert not await in_db(Device.objects.filter(hex__in=[gone.device, tablet.device]).exists)
    async with socket_to(server) as late:
        await late.send({"t": "hello", "v": 1, "token": gone.token})
        assert (await late.expect("error"))["code"] == "unauthenticated"


async def test_two_deleted_accounts_wait_side_by_side_and_survive_an_external_commit(server: Server) -> None:
    here = await in_db(circle, 4, 1, "open")
    one, _, *gone = here.members
    new = here.others[0]
    for person in gone:
        assert await in_db(delete, server, person) == (200, {})
    async with socket_to(server, one.token) as member, socket_to(server, new.token) as newcomer:
        frame = here.group.entering(new)
        assert (await newcomer.ask(frame, "accepted"))["seq"] == 4
        here.group.won(frame)
        await member.until(lambda: len(member.entries(here.room)) == 3)
        removals = [pending_removal(entry[5]) for entry in member.entries(here.room)[1:]]
        assert sorted(removal.leaf for removal in removals) == [2, 3]
        frame = here.group.removing(one, [r.leaf for r in removals], [r.ref for r in removals])
        assert (await member.ask(frame, "accepted"))["t"] == "accepted"
    assert await in_db(lambda: RoomDevice.objects.filter(room=here.group.room, device=None).count()) == 0
