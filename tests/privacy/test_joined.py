"""P36 asked and forgotten, as somebody sees it who stole the database with the audit log in it, but neither the hub key nor the
audit key: nothing joins what was decided about somebody to a case that is forgotten, and so to who asked in it.

They read rows as they lie there. Each attack is shown to work on what older versions wrote, or before the case is forgotten.
"""

import os
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from chat.hub_keys import HubKeys
from chat.protocol.errors import Code, ProtocolError
from moderation import log_queries
from moderation.actions.cases import Asking, open_case
from moderation.actions.forgetting import forget_cases
from moderation.audit import verify
from moderation.forgotten import seal_kept
from moderation.keys import signer
from moderation.models import AuditEntry, Case, Decision
from moderation.sealed_steps import open_sealed
from tests.factories import device_of
from tests.http.api import get, post
from tests.moderation.conftest import Harbour, settle
from tests.privacy.thief import (
    as_once,
    by_order,
    by_size,
    by_time,
    by_whom_kept_from,
    everything,
    forget,
    later,
    log,
    moments,
    names,
    places,
    play,
    rows,
    stored,
)

pytestmark = [pytest.mark.privacy, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def harbour() -> Harbour:
    return settle()


@pytest.mark.parametrize("attack", [by_time, by_order])
def test_before_this_a_decision_found_its_case_in_the_log_also_once_it_was_forgotten(
    harbour: Harbour, attack: Any
) -> None:
    with as_once():
        scene = play(harbour)
        found = attack()
    assert {case for case, _ in found} == names(scene)
    assert (stored(scene.cases[0].id), stored(harbour.member.account)) in found


@pytest.mark.parametrize("attack", [by_time, by_order])
def test_what_the_log_says_of_a_decision_leads_to_no_case(harbour: Harbour, attack: Any) -> None:
    """Not even while the case is open, by the log alone."""
    play(harbour)
    assert attack() == set()
    forget()
    assert attack() == set()


def test_nor_do_the_moments_of_decisions_find_their_entries_in_the_log(harbour: Harbour) -> None:
    with as_once():
        play(harbour)
    assert by_time()
    # Older logs stay as they were; what their entries are found by is gone.
    forget()
    assert by_time() == set()
    told = [moment for row in rows("moderation_decision") for moment in moments(row)]
    assert {(at.month % 3, at.day, at.hour, at.minute) for at in told} == {(1, 1, 0, 0)}


def test_rows_of_forgotten_decisions_lie_in_no_order(harbour: Harbour) -> None:
    with as_once():
        play(harbour)
    assert by_order()
    numbers = places()
    assert len(numbers) == 1 + 3 + (3 if connection.vendor == "sqlite" else 0)
    assert min(numbers) > 0
    forget()
    # Drawn at random: an order that happens to be the same says nothing.
    assert max(places()) < 0
    assert len(set(places())) == len(numbers)


def test_those_it_was_kept_from_join_no_decision_to_its_case(harbour: Harbour) -> None:
    scene = play(harbour)
    forget()
    assert by_whom_kept_from() == set()
    sealed = {case.id: bytes(case.kept) for case in Case.objects.all()}
    assert len({len(each) for each in sealed.values()}) == 1
    # It is of whom it is kept from all the same.
    seen = {entry["seq"]: entry.get("action") for entry in get(harbour.coordinator, "/audit").body["entries"]}
    of_it = [entry["seq"] for entry in log() if str(entry["case"]) == stored(scene.cases[0].id)]
    assert of_it
    assert {seen[seq] for seq in of_it} == {None}
    decided = get(harbour.coordinator, "/decisions").body["decisions"]
    assert [one["kind"] for one in decided] == ["suspend"]
    # As it was before: both stand there.
    Case.objects.get(id=scene.cases[0].id).kept_from.add(harbour.account(harbour.coordinator))
    assert by_whom_kept_from()
    assert seal_kept(scene.cases[0].id, [harbour.coordinator.account]) != sealed[scene.cases[0].id]


def test_the_size_of_what_was_shown_joins_neither(harbour: Harbour) -> None:
    play(harbour)
    assert by_size()
    before = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert {one["facts"]["messages"] for one in before} == {7}
    forget()
    assert by_size() == set()
    assert get(harbour.infiltrator, "/me/decisions").body["statements"] == before


def test_no_kind_tells_that_somebody_once_asked_and_it_holds_all_the_same(harbour: Harbour) -> None:
    """Only who asks is limited in it."""
    play(harbour)
    assert "limit_reports" in everything()
    before = get(harbour.colleague, "/decisions").body["decisions"]
    forget()
    assert "limit_reports" not in everything()
    kinds = [row["kind"] for row in rows("moderation_decision")]
    assert sorted(kinds) == ["suspend", "warn", "warn"]
    after = get(harbour.colleague, "/decisions").body["decisions"]
    assert {one["id"]: one for one in after} == {one["id"]: {**one, "case": None} for one in before}
    assert {one["kind"] for one in get(harbour.member, "/me/decisions").body["statements"]} == {"limit_reports"}
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset())
    with pytest.raises(ProtocolError) as refused:
        open_case(device_of(harbour.member), asking)
    assert refused.value.code == Code.SUSPENDED
    # What comes after it says no more, and ends it.
    (limit,) = [one for one in after if one["kind"] == "limit_reports"]
    assert post(harbour.moderator, f"/decisions/{limit['id']}/lift", {"reason": "enough"}).status == 200
    assert "limit_reports" not in everything()
    assert open_case(device_of(harbour.member), asking).id == asking.id


def test_entries_about_decisions_look_alike_in_all_but_what_was_done_and_when(harbour: Harbour) -> None:
    scene = play(harbour)
    of_decisions = [each for each in log() if each["opening"]]
    assert len(of_decisions) == 6
    for state in ("living", "forgotten"):
        assert {(each["actor"], each["subject"], each["case"]) for each in of_decisions} == {("", "", None)}
        assert len({len(each["opening"]) for each in of_decisions}) == 1
        assert len({each["detail"] for each in of_decisions}) == 6
        if state == "living":
            forget()
            of_decisions = [each for each in log() if each["opening"]]
    assert list(verify(log_queries.audit_log(scene.harbour.network.id), signer().public)) == []


def test_with_the_hub_key_a_living_case_is_found_and_a_forgotten_one_is_not(harbour: Harbour) -> None:
    """What opens the binding of a case is gone with it: no key brings it back."""

    def opened() -> list[UUID | None]:
        found = [
            open_sealed(row.digest, row.opening) for row in AuditEntry.objects.exclude(opening=b"").order_by("seq")
        ]
        return [None if one is None else one.case_id for one in found]

    scene = play(harbour)
    assert {number for number in opened() if number is not None} == {case.id for case in scene.cases}
    forget()
    assert set(opened()) == {None}
    assert len(opened()) == 6


def test_where_the_hub_key_is_lost_nobody_is_named_and_nothing_holds_for_ever(
    harbour: Harbour, settings: Settings
) -> None:
    play(harbour)
    forget()
    settings.HUB_KEYS = HubKeys(9, {9: os.urandom(32)})
    seen = get(harbour.colleague, "/decisions").body["decisions"]
    assert {one["about_asker"] for one in seen} == {True}
    suspended = Decision.objects.get(kind="suspend")
    assert suspended.until is not None
    # What nobody can open is nobody's to read.
    of_steps = {each["seq"] for each in log() if each["opening"]}
    read = get(harbour.coordinator, "/audit").body["entries"]
    assert of_steps
    assert not [entry for entry in read if entry["seq"] in of_steps and "action" in entry]


def test_what_was_forgotten_before_so_much_was_is_forgotten_as_well(harbour: Harbour) -> None:
    scene = play(harbour)
    Case.objects.filter(id__in=[case.id for case in scene.cases]).update(forgotten=True)
    Decision.objects.update(case=None, case_forgotten=True)
    assert by_size()
    forget_cases(later())
    assert by_size() == set()
    assert by_whom_kept_from() == set()
    assert {row["kind"] for row in rows("moderation_decision")} == {"warn", "suspend"}
    # Nobody kept which were about whoever asked.
    assert {one["about_asker"] for one in get(harbour.colleague, "/decisions").body["decisions"]} == {True}
    with transaction.atomic():
        forget_cases(later())
