"""A hand-over that a second moderator does not agree to, or that is taken back: it is over, and waits for nobody."""

import pytest

from chat.models import Account
from chat.protocol.errors import Code
from moderation.models import AuditEntry, Referral
from moderation.pseudonyms import pseudonym
from tests.factories import Person
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.handing import agreed_by_all, case, hand_over, propose, taken

__all__ = ["case"]


def test_a_second_moderator_who_does_not_agree_ends_it(harbour: Harbour, case: str) -> None:
    made = propose(harbour.moderator, case).body
    path = f"{case}/referrals/{made['id']}"
    post(harbour.member, f"{path}/consent", {"consent": True})
    assert (made.get("refused_by"), made.get("refused_at"), made["due_at"] is None) == (None, None, False)
    refused = post(harbour.colleague, f"{path}/refuse").body
    assert (refused["refused_by"], refused["ready"]) == (str(harbour.colleague.account), False)
    assert refused["refused_at"] is not None
    assert refused.get("due_at") is None
    for again in (harbour.colleague, harbour.moderator, harbour.coordinator):
        assert post(again, f"{path}/refuse").body == refused
    assert post(harbour.coordinator, f"{path}/agree").code == Code.CASE_CLOSED
    assert hand_over(harbour.moderator, case, made["id"]).code == Code.FORBIDDEN
    # Whoever asked keeps the last word on their own yes.
    assert post(harbour.member, f"{path}/consent", {"consent": False}).body["consented"] is False
    assert post(harbour.member, f"{path}/consent", {"consent": True}).code == Code.CASE_CLOSED
    assert taken() == ["referral_proposed", "referral_consented", "referral_refused", "referral_declined"]
    entry = AuditEntry.objects.get(action="referral_refused")
    assert (entry.detail, entry.actor) == (
        made["id"],
        pseudonym(harbour.network.id, harbour.colleague.account),
    )
    (shown,) = get(harbour.member, f"{case}/referrals").body["referrals"]
    assert shown["refused_at"] == refused["refused_at"]


@pytest.mark.parametrize("by", ["moderator", "coordinator"])
def test_what_everybody_agreed_to_is_taken_back_until_it_was_done(harbour: Harbour, case: str, by: str) -> None:
    referral, done = agreed_by_all(harbour, case), agreed_by_all(harbour, case)
    assert post(harbour.colleague, f"{case}/referrals/{referral}/refuse").code == Code.CASE_CLOSED
    assert hand_over(harbour.moderator, case, done).status == 200
    post(harbour.moderator, f"{case}/close", {"outcome": "referred"})
    person: Person = getattr(harbour, by)
    assert post(person, f"{case}/referrals/{referral}/refuse").body["ready"] is False
    assert hand_over(harbour.moderator, case, referral).code == Code.FORBIDDEN
    assert post(person, f"{case}/referrals/{done}/refuse").code == Code.CASE_CLOSED
    assert hand_over(harbour.moderator, case, done).status == 200
    assert taken()[-4:] == ["evidence_handed_over", "case_closed", "referral_taken_back", "evidence_handed_over"]


def test_who_proposed_it_takes_it_back_also_without_the_case_and_the_right(harbour: Harbour, case: str) -> None:
    referral = propose(harbour.moderator, case).body["id"]
    post(harbour.moderator, f"{case}/hand-over", {"to": str(harbour.colleague.account)})
    rights = f"/moderators/{harbour.moderator.account}/rights"
    ask(harbour.coordinator, "PUT", rights, {"denied": ["hand_over"]})
    assert post(harbour.moderator, f"{case}/referrals/{referral}/refuse").status == 200
    assert taken()[-1] == "referral_taken_back"


def test_whoever_has_the_case_now_takes_back_what_somebody_proposed_who_has_gone(harbour: Harbour, case: str) -> None:
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": []})
    referral = propose(harbour.moderator, case).body["id"]
    path = f"{case}/referrals/{referral}/refuse"
    assert post(harbour.colleague, path).code == Code.FORBIDDEN
    Account.objects.filter(id=harbour.moderator.account).delete()
    assert post(harbour.colleague, path).code == Code.FORBIDDEN
    post(harbour.colleague, f"{case}/claim")
    assert post(harbour.colleague, path).body["refused_by"] == str(harbour.colleague.account)


def test_nobody_refuses_without_the_right_or_from_outside_of_the_case(harbour: Harbour, case: str) -> None:
    rights = f"/moderators/{harbour.colleague.account}/rights"
    ask(harbour.coordinator, "PUT", rights, {"denied": ["hand_over"]})
    referral = propose(harbour.moderator, case).body["id"]
    path = f"{case}/referrals/{referral}/refuse"
    assert post(harbour.colleague, path).code == Code.FORBIDDEN
    assert post(harbour.member, path).code == Code.FORBIDDEN
    for stranger in (harbour.infiltrator, settle().coordinator):
        assert post(stranger, path).code == Code.NOT_FOUND
    other = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{other}/claim")
    assert post(harbour.moderator, f"{other}/referrals/{referral}/refuse").code == Code.NOT_FOUND
    assert Referral.objects.get().refused_at is None
