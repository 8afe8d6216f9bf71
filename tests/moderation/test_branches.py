"""Whoever is cut off with a branch reads why, and can object to somebody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions.accounts import suspend_account
from chat.api.fields import b64encode
from chat.links import InviteSecret
from chat.models import Account
from chat.protocol.errors import Code
from moderation.actions.cases import withdraw_case
from moderation.models import Decision
from tests import factories
from tests.factories import CUT, Person
from tests.http.api import Reply, get, post
from tests.http.test_invite_tree import let_in
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def cut(harbour: Harbour, root: Person, card: int | None = 2, **more: object) -> Reply:
    path = f"/accounts/{root.account}/revoke-branch"
    return post(harbour.coordinator, path, {"include_root": True, "card": card, **CUT, **more})


def test_everyone_of_a_branch_reads_why_and_comes_back_when_somebody_else_takes_it_back(harbour: Harbour) -> None:
    scout = let_in(harbour.coordinator, harbour.network, "moderator")
    guest = let_in(scout, harbour.network)
    assert cut(harbour, scout).status == 200
    for person, branch in ((scout, False), (guest, True)):
        (told,) = get(person, "/me/decisions").body["statements"]
        assert (told["kind"], told["state"], told["until"], told["branch"]) == ("ban", "in_force", None, branch)
        assert (told["ground"], told["card"]["number"]) == ("conduct", 2)
    decision = f"/decisions/{told['decision']}"
    assert post(guest, f"{decision}/appeal").status == 200
    overturned = {"outcome": "overturned", "reason": "too_much"}
    assert post(harbour.coordinator, f"{decision}/close-appeal", overturned).code == Code.FORBIDDEN
    assert post(harbour.moderator, f"{decision}/close-appeal", overturned).body["branch"] is True
    assert get(guest, "/push").status == 200
    assert get(scout, "/push").code == Code.SUSPENDED
    assert cut(harbour, scout).body["suspended"] == 1


@pytest.mark.parametrize("fact", ["one", "several", "astray"])
def test_everyone_of_a_branch_reads_what_happened_and_why_it_falls_under_it_but_not_whose_branch_it_is(
    fact: str, harbour: Harbour
) -> None:
    scout = let_in(harbour.coordinator, harbour.network, "moderator")
    guest = let_in(scout, harbour.network)
    friend = let_in(guest, harbour.network)
    assert cut(harbour, scout, finding="pretended", fact=fact).status == 200
    for person, branch in ((scout, False), (guest, True), (friend, True)):
        (told,) = get(person, "/me/decisions").body["statements"]
        assert (told["branch"], told["branch_fact"], told["finding"], told["said"]) == (branch, fact, "pretended", None)
        others = {scout.account, guest.account, friend.account, harbour.coordinator.account} - {person.account}
        assert not [account for account in others if str(account) in str(told)]
    seen = get(harbour.moderator, "/decisions").body["decisions"]
    assert {(one["branch_fact"], one["finding"]) for one in seen} == {(fact, "pretended")}


@pytest.mark.parametrize(
    "changed",
    [
        {"finding": None},
        {"finding": ""},
        {"finding": "because I say so"},
        {"finding": "false_reports"},
        {"finding": "other"},
        {"fact": None},
        {"fact": ""},
        {"fact": "nobody"},
        {"words": "free"},
    ],
)
def test_what_is_not_said_as_it_has_to_be_cuts_nobody_off(changed: dict[str, Any], harbour: Harbour) -> None:
    assert cut(harbour, harbour.infiltrator, **changed).code == Code.MALFORMED
    for without in CUT:
        body = {"include_root": True, "card": 2, **CUT}
        body.pop(without)
        path = f"/accounts/{harbour.infiltrator.account}/revoke-branch"
        assert post(harbour.coordinator, path, body).code == Code.MALFORMED
    assert get(harbour.infiltrator, "/push").status == 200
    assert not Decision.objects.exists()


def test_a_branch_that_is_cut_off_from_a_case_says_that_somebody_asked_and_stands_in_its_history(
    harbour: Harbour,
) -> None:
    scout = let_in(harbour.coordinator, harbour.network, "moderator")
    guest = let_in(scout, harbour.network)
    case = harbour.case()
    assert cut(harbour, scout, case=str(case.id)).body["suspended"] == 2
    for person in (scout, guest):
        (told,) = get(person, "/me/decisions").body["statements"]
        assert told["based_on"] == "report"
        assert not [secret for secret in (case.id, harbour.member.account) if str(secret) in str(told)]
    *_, first, second, whole = get(harbour.coordinator, "/audit").body["entries"]
    done = [entry["action"] for entry in (first, second, whole)]
    assert done == ["decision_made", "decision_made", "branch_revoked"]
    assert {entry["opening"]["case"]["case"] for entry in (first, second, whole)} == {str(case.id)}
    assert whole["opening"]["step"]["detail"] == "2/0"
    assert cut(harbour, harbour.infiltrator).status == 200
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert told["based_on"] == "own_initiative"


def test_a_case_that_is_not_the_coordinators_to_work_on_cuts_nobody_off(harbour: Harbour) -> None:
    elsewhere = settle().case()
    kept = harbour.case(kept_from=frozenset([harbour.coordinator.account]))
    closed = harbour.case()
    withdraw_case(closed, harbour.account(harbour.member))
    refused = ((elsewhere, Code.NOT_FOUND), (kept, Code.NOT_FOUND), (closed, Code.CASE_CLOSED))
    for case, code in refused:
        assert cut(harbour, harbour.infiltrator, case=str(case.id)).code == code
    assert get(harbour.infiltrator, "/push").status == 200
    assert not Decision.objects.exists()


def test_invites_that_were_closed_with_a_ban_stay_closed_when_it_is_lifted_and_new_ones_open(harbour: Harbour) -> None:
    scout = let_in(harbour.coordinator, harbour.network, "moderator")
    spread, _ = factories.invite(harbour.network, created_by=harbour.account(scout))
    assert cut(harbour, scout).body["invites_revoked"] == 1
    ban = Decision.objects.get()
    assert post(harbour.coordinator, f"/decisions/{ban.id}/lift", {"reason": "mistake"}).status == 200
    assert post(None, "/join", Person().joining(spread)).code == Code.INVITE_REVOKED
    fresh = {"secret_hash": b64encode(InviteSecret().digest), "role": "member", "uses": 1, "expires_in_ms": 60_000}
    assert post(scout, "/invites", fresh).status == 200


def test_a_pause_that_would_end_by_itself_becomes_a_ban(harbour: Harbour) -> None:
    suspend_account(harbour.account(harbour.infiltrator), until=timezone.now() + timedelta(days=1))
    assert cut(harbour, harbour.infiltrator).body["suspended"] == 1
    assert Account.objects.get(id=harbour.infiltrator.account).suspended_until is None
    assert cut(harbour, harbour.infiltrator).body["suspended"] == 0
    assert Decision.objects.count() == 1


def test_a_pause_is_left_with_its_end_when_the_ban_over_it_is_lifted(harbour: Harbour) -> None:
    until = int((timezone.now() + timedelta(days=2)).timestamp() * 1000)
    about = str(harbour.infiltrator.account)
    pause = {
        "id": str(uuid4()),
        "subject": about,
        "kind": "suspend",
        "ground": "law",
        "law": "A law",
        "finding": "other",
        "until": until,
    }
    assert post(harbour.moderator, "/decisions", pause).status == 200
    assert cut(harbour, harbour.infiltrator).status == 200
    ban = Decision.objects.get(kind="ban")
    assert post(harbour.coordinator, f"/decisions/{ban.id}/lift", {"reason": "heard"}).status == 200
    assert get(harbour.infiltrator, "/push").code == Code.SUSPENDED
    ending = Account.objects.get(id=harbour.infiltrator.account).suspended_until
    assert ending is not None
    assert int(ending.timestamp() * 1000) == until


def test_a_card_that_is_not_in_the_code_of_conduct_cuts_nobody_off(harbour: Harbour) -> None:
    assert cut(harbour, harbour.infiltrator, card=99).code == Code.MALFORMED
    assert get(harbour.infiltrator, "/push").status == 200
    for law in (None, "", "x" * 121):
        assert cut(harbour, harbour.infiltrator, card=None, law=law).code == Code.MALFORMED
    assert cut(harbour, harbour.infiltrator, law="Criminal Code").code == Code.MALFORMED
    assert get(harbour.infiltrator, "/push").status == 200
    assert cut(harbour, harbour.infiltrator, card=None, law="Criminal Code, section 232").status == 200
    assert (Decision.objects.get().ground, Decision.objects.get().law) == ("law", "Criminal Code, section 232")
