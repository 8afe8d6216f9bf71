"""Decisions about accounts: made by one, agreed by another where it takes two, told with reasons, open to appeal."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from chat.actions.deletion import delete_account
from chat.delivery.retention import end_suspensions, served_suspensions
from chat.models import Account, Conduct, Room, RoomBar, RoomDevice, RoomMute, RoomSteward
from chat.protocol.errors import Code
from moderation.actions.cases import Asking, open_case
from moderation.models import APPEAL_DAYS, AuditEntry, Decision
from tests import factories
from tests.factories import Person, enrolled
from tests.http.api import Reply, ask, get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def soon(days: float = 2) -> int:
    return int((timezone.now() + timedelta(days=days)).timestamp() * 1000)


def decide(by: Person, about: Person, kind: str, **changed: Any) -> Reply:
    body = {
        "id": str(uuid4()),
        "subject": str(about.account),
        "kind": kind,
        "ground": "conduct",
        "card": 4,
        "finding": "other",
    }
    if kind in ("mute", "suspend", "limit_reports"):
        body["until"] = soon()
    return post(by, "/decisions", {name: value for name, value in (body | changed).items() if value is not None})


def group(harbour: Harbour) -> Room:
    """A private group of the member and the infiltrator, which the infiltrator looks after."""
    room = factories.settled_room("group", [harbour.member, harbour.infiltrator])
    RoomSteward.objects.get_or_create(room=room, account=harbour.account(harbour.infiltrator))
    return room


def told(person: Person) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = get(person, "/me/decisions").body["statements"]
    return statements


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
    body = {"manifest": "A" * 43}
    assert post(harbour.moderator, f"/cases/{case.id}/exports", body).code == Code.FORBIDDEN


def test_a_pause_that_is_long_takes_what_a_ban_takes(harbour: Harbour) -> None:
    def paused(about: Person, days: float) -> dict[str, Any]:
        made: dict[str, Any] = decide(harbour.moderator, about, "suspend", until=soon(days)).body
        return made

    assert paused(harbour.infiltrator, 30)["state"] == "in_force"
    long = paused(harbour.member, 31)
    assert long["state"] == "proposed"
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=timezone.now() - timedelta(days=20))
    assert paused(harbour.infiltrator, 29)["state"] == "proposed", "one pause after the other is one that is long"
    assert get(harbour.moderator, "/moderators").body["alone_days"] == 30
    for person in (harbour.moderator, harbour.colleague):
        ask(harbour.coordinator, "PUT", f"/moderators/{person.account}/rights", {"denied": ["ban"]})
    assert post(harbour.colleague, f"/decisions/{long['id']}/agree").code == Code.FORBIDDEN
    assert paused(harbour.member, 31)["error"]["code"] == Code.FORBIDDEN
    assert paused(harbour.member, 7)["state"] == "in_force"
    assert post(harbour.coordinator, f"/decisions/{long['id']}/agree").body["state"] == "in_force"
    assert post(harbour.moderator, f"/decisions/{long['id']}/lift", {"reason": "heard"}).code == Code.FORBIDDEN


def test_a_pause_that_is_made_longer_weighs_as_much_for_all_who_have_to_do_with_it_later(harbour: Harbour) -> None:
    decide(harbour.coordinator, harbour.infiltrator, "suspend", until=soon(25))
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=timezone.now() - timedelta(days=20))
    longer = decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(29)).body
    assert longer["state"] == "proposed"
    without = {"denied": ["ban"]}
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.colleague.account}/rights", without)
    path = f"/decisions/{longer['id']}"
    assert post(harbour.colleague, f"{path}/agree").code == Code.FORBIDDEN
    assert post(harbour.coordinator, f"{path}/agree").body["state"] == "in_force"
    assert post(harbour.colleague, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert post(harbour.infiltrator, f"{path}/appeal").status == 200
    # There is somebody who has the right, and no part in it.
    enrolled(Person(), harbour.network, "moderator")
    outcome = {"outcome": "overturned", "reason": "too_much"}
    assert post(harbour.colleague, f"{path}/close-appeal", outcome).code == Code.FORBIDDEN
    # Nor does it weigh less when the pause before it has ended.
    Account.objects.filter(id=harbour.infiltrator.account).update(suspended_at=None)
    ask(harbour.coordinator, "PUT", f"/moderators/{harbour.moderator.account}/rights", without)
    assert post(harbour.moderator, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN


def test_decisions_from_before_their_weight_was_kept_weigh_as_they_did(harbour: Harbour) -> None:
    made = {
        days: decide(harbour.coordinator, harbour.infiltrator, "suspend", until=soon(days)).body for days in (7, 40)
    }
    Decision.objects.update(weighs_as_ban=False)
    import_module("moderation.migrations.0030_weight").weigh_those_there_are(apps, None)
    kept = {days: Decision.objects.get(id=one["id"]).kinds for days, one in made.items()}
    assert kept == {7: {"suspend"}, 40: {"suspend", "ban"}}


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


def test_a_suspension_for_a_time_ends_by_itself_and_a_longer_one_is_not_shortened(harbour: Harbour) -> None:
    decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(5))
    decide(harbour.moderator, harbour.infiltrator, "suspend", until=soon(1))
    account = Account.objects.get(id=harbour.infiltrator.account)
    assert account.suspended_until is not None
    assert account.suspended_until > timezone.now() + timedelta(days=4)
    assert not served_suspensions(timezone.now())
    Account.objects.filter(id=account.id).update(suspended_until=timezone.now())
    assert served_suspensions(timezone.now())
    end_suspensions(timezone.now())
    assert get(harbour.infiltrator, "/rooms").status == 200
    Decision.objects.update(until=timezone.now())
    assert [statement["state"] for statement in told(harbour.infiltrator)] == ["expired", "expired"]


def test_a_ban_has_no_end_even_after_a_suspension_that_had_one(harbour: Harbour) -> None:
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    decide(harbour.moderator, harbour.infiltrator, "suspend")
    ban = decide(harbour.moderator, harbour.infiltrator, "ban").body
    assert Account.objects.get(id=harbour.infiltrator.account).suspended_until is None
    suspension = Decision.objects.get(kind="suspend")
    assert post(harbour.moderator, f"/decisions/{suspension.id}/lift", {"reason": "heard"}).status == 200
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    assert post(harbour.moderator, f"/decisions/{ban['id']}/lift", {"reason": "heard"}).body["state"] == "lifted"
    assert get(harbour.infiltrator, "/rooms").status == 200


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


def test_an_appeal_is_for_someone_who_had_no_part_in_it(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    post(harbour.colleague, f"/decisions/{made['id']}/agree")
    appealed = post(harbour.infiltrator, f"/decisions/{made['id']}/appeal")
    assert appealed.body["appeal"]["outcome"] is None
    assert post(harbour.infiltrator, f"/decisions/{made['id']}/appeal").status == 200
    waiting = get(harbour.coordinator, "/decisions?waiting=true").body["decisions"]
    assert [item["id"] for item in waiting] == [made["id"]]
    close = f"/decisions/{made['id']}/close-appeal"
    for involved in (harbour.moderator, harbour.colleague):
        assert post(involved, close, {"outcome": "upheld", "reason": "fits"}).code == Code.FORBIDDEN
    closed = post(harbour.coordinator, close, {"outcome": "overturned", "reason": "too_much"}).body
    assert (closed["state"], closed["appeal"]["outcome"]) == ("overturned", "overturned")
    assert get(harbour.infiltrator, "/rooms").status == 200
    assert told(harbour.infiltrator)[0]["state"] == "overturned"
    assert post(harbour.coordinator, close, {"outcome": "upheld", "reason": "fits"}).code == Code.CASE_CLOSED
    assert AuditEntry.objects.filter(action="appeal_made").count() == 1
    assert get(harbour.coordinator, "/decisions?waiting=true").body["decisions"] == []


def test_whoever_it_is_about_reads_why_it_ended_early_and_what_was_found_on_their_appeal(harbour: Harbour) -> None:
    lifted = decide(harbour.moderator, harbour.infiltrator, "warn").body
    path = f"/decisions/{lifted['id']}"
    for wrong in (None, {}, {"reason": "too_much"}, {"reason": "in words of my own"}):
        assert post(harbour.moderator, f"{path}/lift", wrong).code == Code.MALFORMED
    assert lifted["lifted_for"] is None
    assert post(harbour.moderator, f"{path}/lift", {"reason": "new_facts"}).body["lifted_for"] == "new_facts"
    assert told(harbour.infiltrator)[0]["lifted_for"] == "new_facts"
    appealed = decide(harbour.moderator, harbour.member, "warn").body
    close = f"/decisions/{appealed['id']}/close-appeal"
    assert post(harbour.member, f"/decisions/{appealed['id']}/appeal").body["appeal"]["reason"] is None
    for wrong in ({"outcome": "upheld", "reason": "had_part"}, {"outcome": "overturned", "reason": "fits"}):
        assert post(harbour.colleague, close, wrong).code == Code.MALFORMED
    assert post(harbour.colleague, close, {"outcome": "overturned", "reason": "had_part"}).status == 200
    [statement] = told(harbour.member)
    assert (statement["appeal"]["reason"], statement["lifted_for"]) == ("had_part", None)
    log = dict(AuditEntry.objects.values_list("action", "detail"))
    assert (log["decision_lifted"], log["appeal_closed"]) == ("warn/new_facts", "overturned/had_part")


def test_an_appeal_that_is_upheld_changes_nothing_and_one_after_six_months_is_too_late(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "warn").body
    post(harbour.infiltrator, f"/decisions/{made['id']}/appeal")
    close = f"/decisions/{made['id']}/close-appeal"
    closed = post(harbour.colleague, close, {"outcome": "upheld", "reason": "fits"}).body
    assert (closed["state"], closed["appeal"]["outcome"]) == ("in_force", "upheld")
    late = decide(harbour.moderator, harbour.infiltrator, "warn").body
    Decision.objects.filter(id=late["id"]).update(in_force_at=timezone.now() - timedelta(days=APPEAL_DAYS + 1))
    assert post(harbour.infiltrator, f"/decisions/{late['id']}/appeal").code == Code.CASE_CLOSED


def test_what_took_two_is_not_lifted_by_another_one_alone(harbour: Harbour) -> None:
    third = factories.enrolled(Person(), harbour.network, "moderator")
    made = decide(harbour.moderator, harbour.infiltrator, "ban").body
    path = f"/decisions/{made['id']}"
    post(harbour.colleague, f"{path}/agree")
    everybody = (third, harbour.moderator, harbour.colleague, harbour.coordinator)
    shown = [get(person, "/decisions").body["decisions"][0]["may_lift"] for person in everybody]
    assert shown == [False, True, True, True]
    assert post(third, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    # It stays so where the network takes back its rule later.
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    assert post(third, f"{path}/lift", {"reason": "heard"}).code == Code.FORBIDDEN
    assert post(harbour.colleague, f"{path}/lift", {"reason": "heard"}).body["state"] == "lifted"


def test_a_right_that_was_taken_does_not_lift_either(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    rights = f"/moderators/{harbour.colleague.account}/rights"
    ask(harbour.coordinator, "PUT", rights, {"denied": ["suspend"]})
    lift = f"/decisions/{made['id']}/lift"
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_lift"] is False
    assert post(harbour.colleague, lift, {"reason": "heard"}).code == Code.FORBIDDEN
    ask(harbour.coordinator, "PUT", rights, {"denied": []})
    assert post(harbour.colleague, lift, {"reason": "heard"}).body["state"] == "lifted"


def test_a_moderator_who_asked_has_a_part_in_what_came_of_it_and_nobody_else_is_told_that_they_did(
    harbour: Harbour,
) -> None:
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    case = open_case(factories.device_of(harbour.colleague), asking)
    made = decide(harbour.moderator, harbour.infiltrator, "ban", case=str(case.id)).body
    path = f"/decisions/{made['id']}"
    for step in ("agree", "refuse"):
        assert post(harbour.colleague, f"{path}/{step}").code == Code.FORBIDDEN
    assert post(harbour.coordinator, f"{path}/agree").body["state"] == "in_force"
    post(harbour.infiltrator, f"{path}/appeal")
    answer = {"outcome": "upheld", "reason": "fits"}
    assert post(harbour.colleague, f"{path}/close-appeal", answer).code == Code.FORBIDDEN
    everybody = (harbour.colleague, harbour.moderator, harbour.coordinator)
    shown = [get(person, "/decisions").body["decisions"][0]["mine_asked"] for person in everybody]
    assert shown == [True, False, False]


def test_an_objection_to_what_has_run_out_is_still_answered(harbour: Harbour) -> None:
    made = decide(harbour.moderator, harbour.infiltrator, "suspend").body
    assert post(harbour.infiltrator, f"/decisions/{made['id']}/appeal").status == 200
    Decision.objects.filter(id=made["id"]).update(until=timezone.now())
    [waiting] = get(harbour.colleague, "/decisions?waiting=true").body["decisions"]
    assert (waiting["id"], waiting["state"]) == (made["id"], "expired")
    close = f"/decisions/{made['id']}/close-appeal"
    closed = post(harbour.colleague, close, {"outcome": "overturned", "reason": "does_not_fit"}).body
    assert (closed["state"], told(harbour.infiltrator)[0]["state"]) == ("overturned", "overturned")


def test_nobody_decides_about_themselves_and_staff_is_for_coordinators(harbour: Harbour) -> None:
    assert decide(harbour.moderator, harbour.moderator, "warn").code == Code.FORBIDDEN
    assert decide(harbour.moderator, harbour.colleague, "warn").code == Code.FORBIDDEN
    assert decide(harbour.coordinator, harbour.colleague, "warn").status == 200
    about_me = decide(harbour.coordinator, harbour.moderator, "suspend").body
    assert post(harbour.moderator, f"/decisions/{about_me['id']}/lift", {"reason": "heard"}).code == Code.SUSPENDED
    warned = Decision.objects.get(subject=harbour.colleague.account)
    assert post(harbour.colleague, f"/decisions/{warned.id}/lift", {"reason": "heard"}).code == Code.NOT_FOUND


def test_what_is_about_staff_coordinators_agree_to_end_and_look_at_again(harbour: Harbour) -> None:
    other = factories.enrolled(Person(), harbour.network, "coordinator")
    ban = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'ban').body['id']}"
    for step in ("agree", "refuse"):
        assert post(harbour.colleague, f"{ban}/{step}").code == Code.FORBIDDEN
    [seen] = get(harbour.colleague, "/decisions").body["decisions"]
    assert (seen["may_agree"], seen["may_lift"]) == (False, False)
    assert post(other, f"{ban}/agree").body["state"] == "in_force"
    third = factories.enrolled(Person(), harbour.network, "coordinator")
    post(harbour.moderator, f"{ban}/appeal")
    answer = {"outcome": "overturned", "reason": "had_part"}
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_answer"] is False
    assert post(harbour.colleague, f"{ban}/close-appeal", answer).code == Code.FORBIDDEN
    assert post(harbour.colleague, f"{ban}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    assert post(third, f"{ban}/close-appeal", answer).body["state"] == "overturned"
    warned = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'warn').body['id']}"
    assert post(harbour.colleague, f"{warned}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    assert post(other, f"{warned}/lift", {"reason": "mistake"}).body["state"] == "lifted"


def test_where_no_coordinator_is_left_a_moderator_agrees_and_looks_again_but_ends_nothing(harbour: Harbour) -> None:
    ban = f"/decisions/{decide(harbour.coordinator, harbour.moderator, 'ban').body['id']}"
    assert get(harbour.colleague, "/decisions").body["decisions"][0]["may_agree"] is True
    assert post(harbour.colleague, f"{ban}/agree").body["state"] == "in_force"
    assert post(harbour.colleague, f"{ban}/lift", {"reason": "mistake"}).code == Code.FORBIDDEN
    third = factories.enrolled(Person(), harbour.network, "moderator")
    post(harbour.moderator, f"{ban}/appeal")
    answer = {"outcome": "overturned", "reason": "had_part"}
    assert post(third, f"{ban}/close-appeal", answer).body["state"] == "overturned"


def test_staff_see_nothing_of_what_came_of_a_case_that_is_kept_from_them_or_is_about_them(harbour: Harbour) -> None:
    case = harbour.case(kept_from=frozenset([harbour.colleague.account]))
    kept = decide(harbour.moderator, harbour.infiltrator, "ban", case=str(case.id)).body
    about = decide(harbour.coordinator, harbour.colleague, "ban").body

    def seen(by: Person) -> list[str]:
        return [found["id"] for found in get(by, "/decisions?waiting=true").body["decisions"]]

    assert sorted(seen(harbour.moderator)) == sorted([kept["id"], about["id"]])
    assert seen(harbour.colleague) == []
    for decision in (kept, about):
        for step in ("agree", "refuse", "lift"):
            reply = post(harbour.colleague, f"/decisions/{decision['id']}/{step}", {"reason": "heard"})
            assert reply.code == Code.NOT_FOUND


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
