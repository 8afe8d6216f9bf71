"""Whoever is removed, leaves or is suspended: what is proposed, who must commit it, and what they still get."""

from __future__ import annotations

import asyncio

from chat.delivery.removals import remove_devices
from chat.mls.external import pending_removal
from chat.models import RoomDevice
from tests.delivery.groups import Circle, circle, hand_out, room_now
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.factories import Person, device_of, enrolled
from tests.mls import forge


async def _removed(here: Circle, person: Person) -> None:
    await in_db(lambda: remove_devices(here.group.room, [device_of(person).pk]))


async def test_a_pending_removal_must_be_covered_by_the_next_commit(server: Server) -> None:
    here = await in_db(circle, 3)
    one, two, gone = here.members
    await _removed(here, gone)
    async with socket_to(server, one.token) as sender, socket_to(server, two.token) as reader:
        assert (await sender.ask(here.group.update(one), "accepted"))["code"] == "pending_removal"
        frame = await in_db(here.group.taking_out, one)
        assert (await sender.ask(frame, "accepted"))["seq"] == 3
        here.group.won(frame)
        assert (await reader.ask(here.group.update(two), "accepted"))["seq"] == 4
    assert len((await in_db(room_now, here.group.room))[2]) == 2
    assert await in_db(lambda: RoomDevice.objects.filter(room=here.group.room).count()) == 2


async def test_no_message_is_taken_that_a_removed_device_could_read_with_the_store_in_hand(server: Server) -> None:
    here = await in_db(circle, 3, 1, "open")
    one, _, gone = here.members
    new = here.others[0]
    async with socket_to(server, one.token) as sender, socket_to(server, new.token) as newcomer:
        assert (await sender.ask(here.group.message(), "accepted"))["seq"] == 2
        await _removed(here, gone)
        refused = await sender.ask(here.group.message(), "accepted")
        assert (refused["code"], refused["epoch"]) == ("epoch_too_old", 1)
        # It is still in the group after somebody has come in by themselves.
        frame = here.group.entering(new)
        assert (await newcomer.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        assert (await newcomer.ask(here.group.message(), "accepted"))["code"] == "epoch_too_old"
        frame = await in_db(here.group.taking_out, one)
        assert (await sender.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        for epoch in (1, 2):
            refused = await sender.ask(here.group.message(epoch), "accepted")
            assert (refused["code"], refused["epoch"]) == ("epoch_too_old", 3)
        assert (await sender.ask(here.group.message(), "accepted"))["t"] == "accepted"
        frame = here.group.update(one)
        assert (await sender.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        assert (await sender.ask(here.group.message(3), "accepted"))["t"] == "accepted"


async def test_a_removal_that_an_external_commit_could_not_carry_out_is_proposed_anew(server: Server) -> None:
    here = await in_db(circle, 2, 1, "open")
    one, gone = here.members
    new = here.others[0]
    await _removed(here, gone)
    async with socket_to(server, one.token) as reader, socket_to(server, new.token) as newcomer:
        frame = here.group.entering(new)
        assert (await newcomer.ask(frame, "accepted"))["seq"] == 3
        here.group.won(frame)
        await reader.settled()
        assert [(entry[0], entry[2], entry[3]) for entry in reader.entries(here.room)] == [(3, 1, 1), (4, 2, 2)]
        removal = pending_removal(reader.entries(here.room)[1][5])
        frame = here.group.removing(one, [removal.leaf], [removal.ref])
        assert (await reader.ask(frame, "accepted"))["seq"] == 5
        assert [(await newcomer.expect("entries"))["items"][0][0] for _ in range(2)] == [4, 5]


async def test_a_removed_device_gets_nothing_after_its_removal_and_cannot_commit(server: Server) -> None:
    here = await in_db(circle, 3)
    one, _, gone = here.members
    async with socket_to(server, one.token) as sender, socket_to(server, gone.token) as removed:
        await _removed(here, gone)
        # Another process removed it: this one notices at the next entry.
        assert (await sender.ask(await in_db(here.group.taking_out, one), "accepted"))["seq"] == 3
        changed = await removed.expect("room")
        assert (changed["room"], changed["change"]) == (here.room, "removed")
        await removed.settled()
        assert removed.entries(here.room) == []
        assert (await removed.ask(here.group.message(), "accepted"))["code"] == "not_in_room"
        assert (await removed.ask(here.group.update(gone), "accepted"))["code"] == "not_in_room"
        page = await removed.ask({"t": "fetch", "room": here.room, "after": 0, "limit": 10}, "page")
        assert page["code"] == "not_in_room"


async def test_a_device_removes_another_of_its_account_and_no_one_elses(server: Server) -> None:
    here = await in_db(circle, 2)
    phone, other = here.members
    tablet = phone.second_phone()
    await in_db(lambda: enrolled(tablet, here.network))
    package = await in_db(hand_out, here.group.room, tablet)
    async with socket_to(server, phone.token) as sender, socket_to(server, tablet.token) as removed:
        frame = here.group.adding_packages(phone, [(tablet, package)])
        assert (await sender.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        assert here.group.state is not None
        leaf = here.group.state.leaf_of
        others = here.group.frame(forge.Draft(phone.mls, [forge.remove(leaf[other.mls.member.client_id])],
                                              removes=[leaf[other.mls.member.client_id]]))  # fmt: skip
        assert (await sender.ask(others, "accepted"))["code"] == "bad_commit"
        own = leaf[tablet.mls.member.client_id]
        frame = here.group.frame(forge.Draft(phone.mls, [forge.remove(own)], removes=[own]))
        assert (await sender.ask(frame, "accepted"))["t"] == "accepted"
        await removed.expect("inbox")
        assert (await removed.expect("room"))["change"] == "removed"
        await removed.settled()
        assert removed.entries(here.room) == []


async def test_leaving_silences_all_the_accounts_devices_before_it_is_answered(server: Server) -> None:
    here = await in_db(circle, 2)
    stays, phone = here.members
    async with socket_to(server, stays.token) as sender, socket_to(server, phone.token) as left:
        status, _ = await asyncio.to_thread(post, server, f"/api/v1/rooms/{here.group.room}/leave", phone)
        assert status == 200
        assert (await sender.ask(await in_db(here.group.taking_out, stays), "accepted"))["seq"] == 3
        await left.settled()
        assert [(frame["t"], frame["change"]) for frame in left.arrived] == [("room", "removed")]
        await sender.settled()
        assert [(entry[0], entry[2]) for entry in sender.entries(here.room)] == [(2, 2)]


async def test_suspending_an_account_cuts_its_sockets_off(server: Server) -> None:
    from chat.actions.accounts import suspend_account
    from chat.models import Account

    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as socket:
        # From another process and without Redis, as the management command does it.
        await in_db(lambda: suspend_account(Account.objects.get(id=here.members[0].account)))
        assert (await socket.expect("bye"))["code"] == "suspended"
        await socket.gone()
