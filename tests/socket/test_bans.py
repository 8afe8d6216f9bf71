"""Taking an account out of everything: nothing reaches it any more, and every room is asked to take its leaf out."""

from __future__ import annotations

import os
from uuid import UUID, uuid4

from chat.actions.accounts import ban_account
from chat.actions.removal import remove_from_all_rooms
from chat.mls.external import pending_removal
from chat.models import Account, Entry, EntryKind, Room, RoomDevice, direct_pair
from tests.delivery.groups import Circle, Group, circle, hand_out, settle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, device_of, enrolled


def with_a_second_room(here: Circle) -> Group:
    """Another private group of all the circle's members."""
    other = Group(uuid4())
    settle(other, "group", *here.members)
    return other


def removals(room: bytes) -> list[int]:
    """The leaves that the server proposes to remove, in the log's order."""
    payloads = Entry.objects.filter(room=UUID(bytes=room), kind=EntryKind.PROPOSAL).order_by("seq")
    return [pending_removal(bytes(entry.payload)).leaf for entry in payloads]


def ban(person: Person) -> None:
    ban_account(Account.objects.get(id=person.account))


async def test_a_banned_account_is_cut_off_and_taken_out_of_every_room(server: Server) -> None:
    here = await in_db(circle, 3)
    one, _, gone = here.members
    rooms = [here.group, await in_db(with_a_second_room, here)]
    async with socket_to(server, gone.token) as banned, socket_to(server, one.token) as member:
        await in_db(ban, gone)
        for group in rooms:
            assert await in_db(removals, group.group_id) == [2]
            # Others are asked to take the leaf out before they write again.
            assert (await member.ask(group.message(), "accepted"))["code"] == "epoch_too_old"
        assert (await banned.expect("bye"))["code"] == "suspended"
        await banned.gone()
        assert [entry for group in rooms for entry in banned.entries(group.group_id) if entry[0] > 2] == []


async def test_removing_from_all_rooms_again_proposes_nothing_twice(server: Server) -> None:
    here = await in_db(circle, 2)
    device = await in_db(lambda: device_of(here.members[1]).pk)
    assert await in_db(remove_from_all_rooms, [device]) == [here.group.room]
    assert await in_db(remove_from_all_rooms, [device]) == []
    assert await in_db(removals, here.room) == [1]


async def test_one_device_goes_and_the_accounts_other_stays(server: Server) -> None:
    here = await in_db(circle, 2)
    phone = here.members[1]
    tablet = await in_db(lambda: enrolled(phone.second_phone(), here.network))
    package = await in_db(hand_out, here.group.room, tablet)
    async with socket_to(server, phone.token) as kept:
        frame = here.group.adding_packages(phone, [(tablet, package)])
        assert (await kept.ask(frame, "accepted"))["t"] == "accepted"
        here.group.won(frame)
        await in_db(lambda: remove_from_all_rooms([device_of(tablet).pk]))
        assert (await kept.ask(here.group.message(), "accepted"))["code"] == "epoch_too_old"
    assert await in_db(removals, here.room) == [2]


async def test_nobody_who_was_banned_is_added_by_a_commit_that_was_under_way(server: Server) -> None:
    here = await in_db(circle, 1, 1)
    package = await in_db(hand_out, here.group.room, here.others[0])
    frame = here.group.adding_packages(here.members[0], [(here.others[0], package)])
    await in_db(ban, here.others[0])
    async with socket_to(server, here.members[0].token) as sender:
        assert (await sender.ask(dict(frame, id=os.urandom(16)), "accepted"))["code"] == "bad_commit"


async def test_a_room_that_was_never_founded_goes_with_its_maker(server: Server) -> None:
    here = await in_db(circle, 2)
    maker = here.members[0]

    def found() -> tuple[Room, Room]:
        pair = direct_pair(*(member.account for member in here.members))
        direct = Room.objects.create(kind="direct", network=here.network, epoch=1, head=1, direct_pair=pair)
        empty = Room.objects.create(kind="group", network=here.network)
        RoomDevice.objects.create(room=empty, device=device_of(maker), leaf=0)
        for leaf, member in enumerate(here.members):
            RoomDevice.objects.create(room=direct, device=device_of(member), leaf=leaf, joined_seq=1)
        return direct, empty

    direct, empty = await in_db(found)
    await in_db(ban, maker)
    assert not await in_db(Room.objects.filter(id=empty.id).exists)
    # The two are no longer kept from a new room of their own.
    assert await in_db(lambda: Room.objects.get(id=direct.id).direct_pair) is None
