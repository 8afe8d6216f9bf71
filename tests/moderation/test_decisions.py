"""Decisions about accounts: made by one, agreed by another where it takes two, and told with reasons."""

from typing import Any
from uuid import uuid4

import pytest

from chat.actions.deletion import delete_account
from chat.models import Conduct, Room, RoomBar, RoomDevice, RoomMute, RoomSteward
from chat.protocol.errors import Code
from moderation.models import APPEAL_DAYS, AuditEntry, Decision
from tests import factories
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, told
from tests.moderation.sealing import to_seal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def group(harbour: Harbour) -> Room:
    """A private group of the member and the infiltrator, which the infiltrator looks after."""
    room = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    RoomSteward.objects.get_or_create(room=room, account=harbour.account(harbour.infiltrator))
    return room


def test_a_ban_waits_for_a_second_moderator_and_then_takes_them_out_of_everything(harbour: Harbour) -> None:
    room = group(harbour)
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    assert made["state"] == "proposed"
    assert get(harbour.infiltrator, "/rooms").status == 200
    assert told(harbour.infiltrator) == []
    agree = f"/decisions/{made['id']}/agree"
    assert post(harbour.moderator, agree).code == Code.FORBIDDEN
    agreed = post(harbour.colleague, agree).body
    assert (agreed["state"], agreed["agreed_by"]) == ("in_force", str(harbour.colleague.account))
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    inside = RoomDevice.objects.filter(room=room, removed_at=None).values_list("device__account", flat=True)
    assert list(inside) == [harbour.member.account]
    assert post(harbour.coordinator, agree).code == Code.CASE_CLOSED
    log = AuditEntry.objects.order_by("seq").values_list("action", "detail")
    assert [(action, detail.split("/")[0]) for action, detail in log] == [
        ("decision_proposed", "ban"),
        ("decision_agreed", "ban"),
    ]


def test_a_ban_that_the_second_moderator_refuses_never_was(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    assert post(harbour.colleague, f"/decisions/{made['id']}/refuse").body["state"] == "refused"
    assert post(harbour.coordinator, f"/decisions/{made['id']}/agree").code == Code.CASE_CLOSED
    assert get(harbour.infiltrator, "/rooms").status == 200


def test_coordinators_choose_what_takes_two_and_what_a_moderator_may(harbour: Harbour) -> None:
    rules = ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": ["suspend"]}).body
    assert rules["second_for"] == ["suspend"]
    assert decide(harbour.moderator, harbour.infiltrator, "suspend").body["state"] == "proposed"
    assert decide(harbour.moderator, harbour.infiltrator, "ban").body["state"] == "in_force"
    path = f"/moderators/{harbour.moderator.account}/rights"
    shown = ask(harbour.coordinator, "PUT", path, {"denied": ["ban", "export"]}).body["moderators"]
    denied = {item["account"]: item["denied"] for item in shown}
    assert denied[str(harbour.moderator.account)] == ["ban", "export"]
    assert denied[str(harbour.colleague.account)] == []
    assert decide(harbour.moderator, harbour.member, "ban").code == Code.FORBIDDEN
    assert decide(harbour.moderator, harbour.member, "warn").status == 200
    case = harbour.case()
    post(harbour.moderator, f"/cases/{case.id}/claim")
    assert post(harbour.moderator, f"/cases/{case.id}/exports", to_seal()).code == Code.FORBIDDEN


def test_decisions_come_one_after_the_other_and_not_without_end(harbour: Harbour) -> None:
    last = [decide(harbour.moderator, harbour.infiltrator, "warn") for _ in range(62)][-1]
    assert last.code == Code.RATE_LIMITED


def test_a_right_that_is_missing_does_not_agree_either(harbour: Harbour) -> None:
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.colleague.account}/rights", {"denied": ["ban"]})
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    assert post(harbour.colleague, f"/decisions/{made['id']}/agree").code == Code.FORBIDDEN


def test_the_restricted_person_is_told_what_why_and_how_to_appeal_also_while_suspended(harbour: Harbour) -> None:
    case = harbour.case()
    made = decide(harbour.moderator, harbour.infiltrator, "suspend", case=str(case.id)).body
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    [statement] = told(harbour.infiltrator)
    assert statement["card"]["number"] == 4
    assert statement["card"]["title"] == "No buying, selling or recruiting"
    given = {name: statement[name] for name in ("kind", "scope", "based_on", "automated", "state", "until")}
    assert given == {
        "kind": "suspend",
        "scope": "network",
        "based_on": "report",
        "automated": False,
        "state": "in_force",
        "until": made["until"],
    }
    assert statement["appeal_until"] - statement["since"] == APPEAL_DAYS * 24 * 3600 * 1000
    secret = {str(person.account) for person in (harbour.member, harbour.moderator)} | {str(case.id)}
    assert not [name for name in secret if name in str(statement)]
    assert told(harbour.member) == []


def test_the_words_of_the_conduct_stay_those_of_the_time_of_the_decision(harbour: Harbour) -> None:
    decide(harbour.moderator, harbour.infiltrator, "warn")
    Conduct.objects.create(network=harbour.network, version=2, cards=[{"title": "New", "text": "New"}])
    harbour.network.conduct_version = 2
    harbour.network.save()
    assert told(harbour.infiltrator)[0]["card"]["version"] == 1
    assert decide(harbour.moderator, harbour.infiltrator, "warn").code == Code.MALFORMED


def test_muting_and_removing_reach_even_whoever_looks_after_the_group(harbour: Harbour) -> None:
    room = group(harbour)
    muted = decide(harbour.moderator, harbour.infiltrator, "mute", room=str(room.id)).body
    assert RoomMute.objects.get(room=room).until == muted["until"]
    post(harbour.moderator, f"/decisions/{muted['id']}/lift", {"reason": "heard"})
    assert not RoomMute.objects.exists()
    removed = decide(harbour.moderator, harbour.infiltrator, "remove_from_room", room=str(room.id)).body
    assert removed["state"] == "in_force"
    inside = RoomDevice.objects.filter(room=room, removed_at=None).values_list("device__account", flat=True)
    assert list(inside) == [harbour.member.account]
    assert RoomBar.objects.filter(room=room, account=harbour.infiltrator.account).exists()
    post(harbour.moderator, f"/decisions/{removed['id']}/lift", {"reason": "heard"})
    assert not RoomBar.objects.exists()


def test_someone_whose_reports_are_limited_opens_no_case_until_that_ends(harbour: Harbour) -> None:
    limited = decide(harbour.moderator, harbour.member, "limit_reports").body
    opening = {"id": str(uuid4()), "room": str(uuid4()), "concern": "other", "urgency": "soon"}
    for concern in ("other", "illegal_images"):
        assert post(harbour.member, "/cases", opening | {"concern": concern}).code == Code.SUSPENDED
    for concern in ("danger", "self_harm"):
        grave = {"id": str(uuid4()), "room": str(uuid4()), "concern": concern, "urgency": "now"}
        assert post(harbour.member, "/cases", grave).status == 200
    assert [statement["kind"] for statement in told(harbour.member)] == ["limit_reports"]
    post(harbour.moderator, f"/decisions/{limited['id']}/lift", {"reason": "heard"})
    assert post(harbour.member, "/cases", opening).status == 200


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("warn", {"until": 4_000_000_000_000}),
        ("suspend", {"until": 1}),
        ("suspend", {"until": 4_102_444_800_000}),
        ("suspend", {"until": None}),
        ("mute", {"room": None}),
        ("warn", {"card": 99}),
        ("warn", {"card": None}),
        ("warn", {"ground": "law"}),
        ("warn", {"ground": "law", "law": "A law", "finding": "other"}),
        ("warn", {"ground": "law", "card": None}),
        ("warn", {"ground": "law", "card": None, "law": ""}),
        ("warn", {"ground": "law", "card": None, "law": "x" * 121}),
        ("warn", {"ground": "law", "card": None, "law": "Two\nlines"}),
        ("warn", {"law": "A law"}),
        ("shame", {}),
        ("warn", {"reason": "free words"}),
        ("warn", {"finding": None}),
        ("warn", {"finding": ""}),
        ("warn", {"finding": "words of their own"}),
        ("warn", {"finding": "false_reports"}),
    ],
)
def test_what_does_not_fit_its_kind_is_refused(kind: str, changed: dict[str, Any], harbour: Harbour) -> None:
    assert decide(harbour.moderator, harbour.infiltrator, kind, **changed).code == Code.MALFORMED
    assert not Decision.objects.exists()


def test_repeating_a_decision_makes_no_second_one_and_its_id_is_taken(harbour: Harbour) -> None:
    same = str(uuid4())
    first = decide(harbour.moderator, harbour.infiltrator, "warn", id=same)
    assert decide(harbour.moderator, harbour.infiltrator, "warn", id=same).body == first.body
    assert decide(harbour.moderator, harbour.member, "warn", id=same).code == Code.ROOM_EXISTS
    assert Decision.objects.count() == AuditEntry.objects.count() == 1


def test_a_decision_outlives_its_subject_without_naming_them(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "warn").body
    delete_account(harbour.account(harbour.infiltrator))
    [kept] = get(harbour.moderator, "/decisions").body["decisions"]
    assert (kept["id"], kept["subject"]) == (made["id"], None)
    assert post(harbour.moderator, f"/decisions/{made['id']}/lift", {"reason": "heard"}).status == 200


def test_another_network_sees_none_of_it(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "warn").body
    other = settle()
    assert get(other.moderator, "/decisions").body["decisions"] == []
    assert post(other.coordinator, f"/decisions/{made['id']}/lift", {"reason": "heard"}).code == Code.NOT_FOUND
    assert decide(other.moderator, harbour.member, "warn").code == Code.NOT_FOUND
    assert post(other.member, f"/decisions/{made['id']}/appeal").code == Code.NOT_FOUND
