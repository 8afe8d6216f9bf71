"""Who may come into the room of a case: its opener and staff from whom it is not kept, whoever commits."""

from __future__ import annotations

from uuid import uuid4

from chat.actions.case_rooms import bar
from chat.models import Account, Role, Room, RoomDevice
from tests import factories
from tests.delivery.groups import Group, hand_out, settle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, enrolled


def case_room() -> tuple[Group, dict[str, Person]]:
    """A case's room of a member and a moderator, kept from `shunned`; the others are not in it."""
    network = factories.network()
    roles = {"member": "member", "moderator": "moderator", "shunned": "moderator", "colleague": "moderator"}
    people = {name: enrolled(Person(), network, role) for name, role in roles.items()}
    people["other"] = enrolled(Person(), network)
    group = Group(uuid4())
    settle(group, "case", people["member"], people["moderator"])
    bar(Room.objects.get(id=group.room), [people["shunned"].account])
    return group, people


def accounts_in(group: Group) -> set[object]:
    return set(RoomDevice.objects.filter(room=group.room).values_list("device__account", flat=True))


async def test_nobody_adds_those_from_whom_the_case_is_kept_or_who_are_no_staff(server: Server) -> None:
    group, people = await in_db(case_room)
    before = await in_db(accounts_in, group)
    for sender in ("member", "moderator"):
        async with socket_to(server, people[sender].token) as socket:
            for stranger in ("shunned", "other"):
                package = await in_db(hand_out, group.room, people[stranger])
                frame = group.adding_packages(people[sender], [(people[stranger], package)])
                assert (await socket.ask(frame, "accepted"))["code"] == "bad_commit"
    assert await in_db(accounts_in, group) == before


async def test_whoever_was_staff_when_a_package_was_handed_out_and_is_no_more_stays_out(server: Server) -> None:
    group, people = await in_db(case_room)
    member, colleague = people["member"], people["colleague"]
    package = await in_db(hand_out, group.room, colleague)
    frame = group.adding_packages(member, [(colleague, package)])
    async with socket_to(server, member.token) as socket:
        await in_db(lambda: Account.objects.filter(id=colleague.account).update(role=Role.MEMBER))
        assert (await socket.ask(dict(frame), "accepted"))["code"] == "bad_commit"
        await in_db(lambda: Account.objects.filter(id=colleague.account).update(role=Role.MODERATOR))
        assert (await socket.ask(dict(frame), "accepted"))["t"] == "accepted"
    assert colleague.account in await in_db(accounts_in, group)


async def test_the_opener_adds_another_phone_of_their_own(server: Server) -> None:
    group, people = await in_db(case_room)
    member = people["member"]
    tablet = await in_db(lambda: enrolled(member.second_phone(), Account.objects.get(id=member.account).network))
    package = await in_db(hand_out, group.room, tablet)
    async with socket_to(server, member.token) as socket:
        frame = group.adding_packages(member, [(tablet, package)])
        assert (await socket.ask(frame, "accepted"))["t"] == "accepted"
