"""What decisions do in a room: all that are in force together, above whoever looks after it, until moderators end them."""

from typing import Any

import pytest
from django.utils import timezone

from chat.models import Room, RoomBar, RoomMute, RoomSteward
from chat.protocol.errors import Code
from moderation.models import Decision
from tests import factories
from tests.http.api import Reply, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, soon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


@pytest.fixture
def room(harbour: Harbour) -> Room:
    """A private group that the member looks after; the infiltrator is in it."""
    made = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    RoomSteward.objects.get_or_create(room=made, account=harbour.account(harbour.member))
    return made


def decided(harbour: Harbour, room: Room, kind: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = decide(harbour.moderator, harbour.infiltrator, kind, room=str(room.id), **more).body
    return made


def lift(harbour: Harbour, decision: dict[str, Any]) -> None:
    assert post(harbour.moderator, f"/decisions/{decision['id']}/lift", {"reason": "heard"}).status == 200


def muted_until() -> int | None:
    return RoomMute.objects.values_list("until", flat=True).first()


def by_steward(harbour: Harbour, room: Room, what: str, **more: Any) -> Reply:
    return post(harbour.member, f"/rooms/{room.id}/{what}", {"account": str(harbour.infiltrator.account), **more})


@pytest.mark.parametrize("days", [(90, 1), (1, 90)])
def test_of_two_mutes_in_force_the_longer_holds_and_what_is_left_when_one_is_lifted(
    harbour: Harbour, room: Room, days: tuple[int, int]
) -> None:
    made = [decided(harbour, room, "mute", until=soon(span)) for span in days]
    short, long = sorted(made, key=lambda one: one["until"])
    assert muted_until() == long["until"]
    lift(harbour, long)
    assert muted_until() == short["until"]
    lift(harbour, short)
    assert muted_until() is None


def test_of_two_removals_the_other_one_still_holds(harbour: Harbour, room: Room) -> None:
    one, other = (decided(harbour, room, "remove_from_room") for _ in range(2))
    lift(harbour, one)
    assert RoomBar.objects.filter(room=room, account=harbour.infiltrator.account).exists()
    lift(harbour, other)
    assert not RoomBar.objects.exists()


def test_a_steward_ends_no_mute_that_moderators_decided(harbour: Harbour, room: Room) -> None:
    made = decided(harbour, room, "mute")
    assert by_steward(harbour, room, "mute", until=None).code == Code.DECIDED
    assert by_steward(harbour, room, "stewards", steward=True).code == Code.DECIDED
    # Nor by one of their own that is shorter.
    assert by_steward(harbour, room, "mute", until=soon(0.1)).status == 200
    assert muted_until() == made["until"]
    lift(harbour, made)
    assert by_steward(harbour, room, "mute", until=None).status == 200
    assert muted_until() is None


def test_a_stewards_own_mute_stays_when_the_moderators_end_theirs(harbour: Harbour, room: Room) -> None:
    own = soon(1)
    by_steward(harbour, room, "mute", until=own)
    made = decided(harbour, room, "mute")
    assert muted_until() == made["until"]
    lift(harbour, made)
    assert muted_until() == own
    Decision.objects.update(until=timezone.now())
    assert by_steward(harbour, room, "stewards", steward=True).status == 200


def test_a_decided_mute_outlasts_that_a_steward_takes_them_out(harbour: Harbour, room: Room) -> None:
    made = decided(harbour, room, "mute")
    assert by_steward(harbour, room, "remove").status == 200
    assert muted_until() == made["until"]


def test_a_steward_brings_nobody_back_whom_moderators_took_out(harbour: Harbour, room: Room) -> None:
    factories.settled_room("group", [harbour.member, harbour.infiltrator])
    made = decided(harbour, room, "remove_from_room")
    # The leaf is still in the tree; the next commit takes it out.
    room.room_devices.filter(device__account=harbour.infiltrator.account).delete()
    wanted = {"accounts": [str(harbour.infiltrator.account)]}
    assert post(harbour.member, f"/rooms/{room.id}/claim", wanted).code == Code.DECIDED
    lift(harbour, made)
    assert post(harbour.member, f"/rooms/{room.id}/claim", wanted).status == 200


def test_what_is_decided_about_whoever_has_left_holds_when_they_come_back(harbour: Harbour, room: Room) -> None:
    post(harbour.infiltrator, f"/rooms/{room.id}/leave", {})
    made = decided(harbour, room, "mute")
    assert muted_until() == made["until"]
    decided(harbour, room, "remove_from_room")
    assert RoomBar.objects.get(room=room).decided


def test_a_decided_mute_reaches_a_moderator_in_an_open_room(harbour: Harbour) -> None:
    open_room = factories.settled_room("open", [harbour.colleague, harbour.member])
    made = decide(harbour.coordinator, harbour.colleague, "mute", room=str(open_room.id)).body
    assert muted_until() == made["until"]
