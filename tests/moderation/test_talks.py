"""How the words of a decision reach whom it is about, suspended or not."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from chat.models import Account, Blob, Entry, EntryKind, Room, RoomDevice
from chat.protocol.errors import Code
from moderation.actions.ending import appeal
from moderation.actions.forgetting_talks import forget_talks
from moderation.models import APPEAL_DAYS, AuditEntry, Decision
from tests import factories
from tests.factories import device_of
from tests.http.api import Reply, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def suspended(harbour: Harbour, **how: object) -> str:
    """The infiltrator's suspension."""
    decision: str = decide(harbour.moderator, harbour.infiltrator, "suspend", **how).body["id"]
    return f"/decisions/{decision}"


def test_staff_open_a_room_with_whom_they_suspended_who_keeps_that_room_alone(harbour: Harbour) -> None:
    group = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    path, room = suspended(harbour), str(uuid4())
    made = post(harbour.colleague, f"{path}/talk", {"room": room})
    assert made.body["talk"] == room
    assert post(harbour.colleague, f"{path}/talk", {"room": room}).body == made.body
    assert AuditEntry.objects.filter(action="decision_talk_opened").count() == 1
    place = RoomDevice.objects.get(room=UUID(room))
    assert (place.device, place.leaf) == (device_of(harbour.colleague), 0)
    accounts = [str(person.account) for person in (harbour.infiltrator, harbour.moderator, harbour.coordinator)]
    claimed = post(harbour.colleague, f"/rooms/{room}/claim", {"accounts": accounts}).body["packages"]
    assert sorted(package["account"] for package in claimed) == sorted(accounts)
    refused = post(harbour.colleague, f"/rooms/{room}/claim", {"accounts": [str(harbour.member.account)]})
    assert refused.code == Code.NOT_FOUND
    # As after the commit that brings the subject in.
    Room.objects.filter(id=UUID(room)).update(epoch=1, head=1, group_info=b"a group info")
    RoomDevice.objects.create(room_id=UUID(room), device=device_of(harbour.infiltrator), leaf=1, joined_seq=1)
    (statement,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert statement["talk"] == room
    seen = get(harbour.infiltrator, "/rooms").body
    assert ([found["id"] for found in seen["rooms"]], seen["open"], seen["elsewhere"]) == ([room], [], [])
    assert get(harbour.infiltrator, f"/rooms/{room}").status == 200
    assert post(harbour.infiltrator, f"/rooms/{room}/group-info", {}).status == 200
    assert get(harbour.infiltrator, f"/rooms/{group.id}").code == Code.NOT_FOUND
    assert post(harbour.infiltrator, f"/rooms/{group.id}/group-info", {}).code == Code.SUSPENDED
    about = {"accounts": [str(harbour.colleague.account), str(harbour.member.account)]}
    (colleague,) = post(harbour.infiltrator, "/accounts", about).body["accounts"]
    assert (colleague["account"], colleague["shared_rooms"]) == (str(harbour.colleague.account), [room])
    assert post(harbour.infiltrator, f"/rooms/{room}/leave").code == Code.SUSPENDED


def test_whoever_is_suspended_brings_staff_into_the_room_that_is_there_for_them_and_nobody_else(
    harbour: Harbour,
) -> None:
    group = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    case = harbour.case(kept_from=frozenset({harbour.colleague.account}))
    room = UUID(int=7)
    path = suspended(harbour, case=str(case.id))
    assert get(harbour.infiltrator, "/me/decisions").body["statements"][0]["talk_with"] == []
    post(harbour.moderator, f"{path}/talk", {"room": str(room)})
    Room.objects.filter(id=room).update(epoch=1, head=1, group_info=b"a group info")
    RoomDevice.objects.create(room_id=room, device=device_of(harbour.infiltrator), leaf=1, joined_seq=1)
    (statement,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    with_them = sorted([str(harbour.moderator.account), str(harbour.coordinator.account)])
    assert statement["talk_with"] == with_them
    (decision,) = get(harbour.moderator, "/decisions").body["decisions"]
    assert decision["talk_with"] == with_them

    def claimed(account: UUID, where: UUID = room) -> Reply:
        return post(harbour.infiltrator, f"/rooms/{where}/claim", {"accounts": [str(account)]})

    (package,) = claimed(harbour.coordinator.account).body["packages"]
    assert package["account"] == str(harbour.coordinator.account)
    assert claimed(harbour.colleague.account).code == Code.FORBIDDEN
    assert claimed(harbour.member.account).code == Code.NOT_FOUND
    assert claimed(harbour.member.account, group.id).code == Code.SUSPENDED
    # Whoever was staff and is no more comes into no talk.
    Account.objects.filter(id=harbour.coordinator.account).update(role="member")
    assert claimed(harbour.coordinator.account).code == Code.NOT_FOUND
    (statement,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert statement["talk_with"] == [str(harbour.moderator.account)]


def test_a_decision_has_one_such_room_and_the_id_is_its_own(harbour: Harbour) -> None:
    path = suspended(harbour)
    first = str(uuid4())
    assert post(harbour.moderator, f"{path}/talk", {"room": first}).status == 200
    assert post(harbour.colleague, f"{path}/talk", {"room": str(uuid4())}).code == Code.ROOM_EXISTS
    other = suspended(harbour)
    assert post(harbour.colleague, f"{other}/talk", {"room": first}).code == Code.ROOM_EXISTS
    Room.objects.get(id=UUID(first)).delete()
    assert post(harbour.colleague, f"{path}/talk", {"room": str(uuid4())}).status == 200


def test_nobody_learns_of_a_proposal_by_a_room_and_nobody_opens_one_with_themselves(harbour: Harbour) -> None:
    proposed = decide(harbour.moderator, harbour.infiltrator, "ban").body["id"]
    room = {"room": str(uuid4())}
    assert post(harbour.moderator, f"/decisions/{proposed}/talk", room).code == Code.FORBIDDEN
    warned = decide(harbour.coordinator, harbour.moderator, "warn").body["id"]
    assert post(harbour.moderator, f"/decisions/{warned}/talk", room).code == Code.NOT_FOUND
    gone = suspended(harbour)
    Account.objects.filter(id=harbour.infiltrator.account).delete()
    assert post(harbour.moderator, f"{gone}/talk", room).code == Code.NOT_FOUND
    assert not Room.objects.exists()


def test_staff_from_whom_the_case_is_kept_do_not_come_into_the_room_of_its_decision(harbour: Harbour) -> None:
    case = harbour.case(kept_from=frozenset({harbour.colleague.account}))
    room = str(uuid4())
    post(harbour.moderator, f"/cases/{case.id}/claim")
    post(harbour.moderator, f"{suspended(harbour, case=str(case.id))}/talk", {"room": room})
    claim = {"accounts": [str(harbour.colleague.account)]}
    assert post(harbour.moderator, f"/rooms/{room}/claim", claim).code == Code.FORBIDDEN


def test_a_suspended_account_sees_its_own_cases_and_a_suspended_moderator_no_others(harbour: Harbour) -> None:
    case = harbour.case()
    decide(harbour.moderator, harbour.member, "suspend")
    decide(harbour.coordinator, harbour.colleague, "suspend")
    assert [found["id"] for found in get(harbour.member, "/cases").body["cases"]] == [str(case.id)]
    assert get(harbour.member, f"/cases/{case.id}").body["mine"] is True
    assert get(harbour.colleague, "/cases").body["cases"] == []
    assert get(harbour.colleague, f"/cases/{case.id}").code == Code.NOT_FOUND
    assert post(harbour.colleague, f"/cases/{case.id}/withdraw").code == Code.NOT_FOUND


LONG = timedelta(days=APPEAL_DAYS, minutes=1)
DAY = timedelta(days=1)


def talked(harbour: Harbour, **ago: timedelta) -> tuple[Decision, UUID]:
    """A suspension that ended when it is said how long ago, and the room in which it was talked about."""
    path, room = suspended(harbour), uuid4()
    assert post(harbour.moderator, f"{path}/talk", {"room": str(room)}).status == 200
    moments: dict[str, Any] = {name: timezone.now() - since for name, since in ago.items()}
    Decision.objects.filter(talk=room).update(**moments)
    return Decision.objects.get(talk=room), room


def there(room: UUID) -> bool:
    forget_talks(timezone.now())
    return Room.objects.filter(id=room).exists()


def test_a_talk_goes_half_a_year_after_what_it_was_about_and_can_be_begun_anew(harbour: Harbour) -> None:
    decision, room = talked(harbour, until=LONG)
    Blob.objects.create(room_id=room, blob=bytes(16), size=5, sealed=b"bytes", expires_on="2100-01-01")
    assert not there(room)
    decision.refresh_from_db()
    assert (decision.talk_id, decision.state) == (None, "in_force")
    assert not Blob.objects.exists()
    again = str(uuid4())
    assert post(harbour.moderator, f"/decisions/{decision.id}/talk", {"room": again}).body["talk"] == again


@pytest.mark.parametrize(
    "how", ["it holds", "it ended of late", "an objection waits", "one was answered of late", "unread"]
)
def test_a_talk_stays_while_something_can_come_of_it(harbour: Harbour, how: str) -> None:
    decision, room = talked(
        harbour, until=-DAY if how == "it holds" else LONG - DAY if how == "it ended of late" else LONG
    )
    if how in ("an objection waits", "one was answered of late"):
        appeal(decision)
    if how == "one was answered of late":
        answer = {"outcome": "upheld", "reason": "fits"}
        assert post(harbour.coordinator, f"/decisions/{decision.id}/close-appeal", answer).status == 200
    if how == "unread":
        Entry.objects.create(
            room_id=room, seq=1, kind=EntryKind.APPLICATION, epoch=1, entry_id=bytes(16), payload=b"sealed", hub_key=1,
            accepted_at=0,
        )  # fmt: skip
    assert there(room)


def test_of_what_has_no_end_the_talk_stays_until_whom_it_is_about_has_gone(harbour: Harbour) -> None:
    ban, room = talked(harbour, in_force_at=LONG)
    Decision.objects.filter(id=ban.id).update(kind="ban", until=None)
    assert there(room)
    Account.objects.filter(id=harbour.infiltrator.account).delete()
    assert not there(room)


def test_a_warning_is_over_when_it_was_said(harbour: Harbour) -> None:
    warning, room = talked(harbour, in_force_at=LONG - DAY)
    Decision.objects.filter(id=warning.id).update(kind="warn", until=None)
    assert there(room)
    Decision.objects.filter(id=warning.id).update(in_force_at=timezone.now() - LONG)
    assert not there(room)


def test_of_a_forgotten_case_whose_rows_tell_less_the_talk_goes_a_year_later(harbour: Harbour) -> None:
    decision, room = talked(harbour, until=LONG)
    Decision.objects.filter(id=decision.id).update(case_forgotten=True)
    assert there(room)
    Decision.objects.filter(id=decision.id).update(until=timezone.now() - LONG - 366 * DAY)
    assert not there(room)
