"""Handing a case over to somebody outside: with the member's consent and a second moderator, and never without."""

from hashlib import sha256

import pytest
from django.utils import timezone

from chat.models import Account, PushSubscription
from chat.protocol.errors import Code
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.models import AuditEntry, Referral
from moderation.signing import verified_claims
from tests.factories import device_of
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.handing import agreed_by_all, case, hand_over, propose, taken
from tests.moderation.sealing import to_seal
from tests.push.rows import subscribed, waking

__all__ = ["case"]


def test_evidence_is_handed_over_after_consent_and_a_second_moderator(harbour: Harbour, case: str) -> None:
    made = propose(harbour.moderator, case).body
    assert (made["consented"], made["needs_second"], made["ready"]) == (None, True, False)
    path = f"{case}/referrals/{made['id']}"
    assert hand_over(harbour.moderator, case, made["id"]).code == Code.FORBIDDEN
    assert post(harbour.member, f"{path}/consent", {"consent": True}).body["consented"] is True
    assert hand_over(harbour.moderator, case, made["id"]).code == Code.FORBIDDEN
    assert post(harbour.moderator, f"{path}/agree").code == Code.FORBIDDEN
    agreed = post(harbour.colleague, f"{path}/agree").body
    assert (agreed["agreed_by"], agreed["ready"]) == (str(harbour.colleague.account), True)
    sealed = hand_over(harbour.moderator, case, made["id"])
    assert sealed.status == 200
    assert verified_claims(sealed.body["seal"], SEAL, signer().public)["handed_over"] == made["id"]
    plain = post(harbour.moderator, f"{case}/exports", to_seal()).body["seal"]
    assert verified_claims(plain, SEAL, signer().public)["handed_over"] is None
    assert taken() == [
        "referral_proposed",
        "referral_consented",
        "referral_agreed",
        "evidence_handed_over",
        "evidence_exported",
    ]
    assert AuditEntry.objects.get(action="referral_consented").detail == made["id"]
    assert (
        AuditEntry.objects.get(action="evidence_handed_over").detail == sha256(sealed.body["seal"].encode()).hexdigest()
    )
    for person in (harbour.member, harbour.coordinator):
        (shown,) = get(person, f"{case}/referrals").body["referrals"]
        assert shown["handed_over_at"] is not None
        assert shown | {"handed_over_at": None} == agreed
    assert hand_over(harbour.moderator, case, made["id"]).status == 200
    assert get(harbour.member, f"{case}/referrals").body["referrals"] == [shown]


def test_consent_is_taken_back_at_any_time_and_given_to_no_closed_case(harbour: Harbour, case: str) -> None:
    referral = propose(harbour.moderator, case).body["id"]
    path = f"{case}/referrals/{referral}"
    post(harbour.colleague, f"{path}/agree")
    for consent, ready in ((True, True), (True, True), (False, False), (True, True)):
        assert post(harbour.member, f"{path}/consent", {"consent": consent}).body["ready"] is ready
    answers = ["referral_consented", "referral_declined", "referral_consented"]
    assert taken() == ["referral_proposed", "referral_agreed", *answers]
    post(harbour.moderator, f"{case}/close", {"outcome": "referred"})
    assert post(harbour.member, f"{path}/consent", {"consent": False}).body["ready"] is False
    assert post(harbour.member, f"{path}/consent", {"consent": True}).code == Code.CASE_CLOSED
    assert hand_over(harbour.moderator, case, referral).code == Code.FORBIDDEN
    assert propose(harbour.moderator, case).code == Code.CASE_CLOSED


@pytest.mark.parametrize("right", ["hand_over", "export"])
def test_what_everybody_agreed_to_is_sealed_by_nobody_from_whom_either_right_was_taken(
    harbour: Harbour, case: str, right: str
) -> None:
    referral = agreed_by_all(harbour, case)
    rights = f"/moderators/{harbour.moderator.account}/rights"
    assert ask(harbour.coordinator, "PUT", rights, {"denied": [right]}).status == 200
    assert hand_over(harbour.moderator, case, referral).code == Code.FORBIDDEN
    assert "evidence_handed_over" not in taken()
    plain = post(harbour.moderator, f"{case}/exports", to_seal())
    assert plain.status == (200 if right == "hand_over" else 403)
    assert hand_over(harbour.coordinator, case, referral).status == 200
    ask(harbour.coordinator, "PUT", rights, {"denied": []})
    assert hand_over(harbour.moderator, case, referral).status == 200


def test_with_the_question_the_yes_is_taken_back(harbour: Harbour, case: str) -> None:
    referral = agreed_by_all(harbour, case)
    post(harbour.member, f"{case}/withdraw")
    assert [shown["ready"] for shown in get(harbour.moderator, f"{case}/referrals").body["referrals"]] == [False]
    for person in (harbour.moderator, harbour.coordinator):
        assert hand_over(person, case, referral).code == Code.CASE_WITHDRAWN
        # Nor without one: an export would be the way around it.
        assert post(person, f"{case}/exports", to_seal()).code == Code.CASE_WITHDRAWN
    assert not {"evidence_handed_over", "evidence_exported"} & set(taken())


def test_a_yes_outlasts_an_ordinary_end_until_it_is_taken_back(harbour: Harbour, case: str) -> None:
    referral = agreed_by_all(harbour, case)
    post(harbour.moderator, f"{case}/close", {"outcome": "referred"})
    assert hand_over(harbour.moderator, case, referral).status == 200
    post(harbour.member, f"{case}/referrals/{referral}/consent", {"consent": False})
    assert hand_over(harbour.moderator, case, referral).code == Code.FORBIDDEN


def test_the_suspended_take_back_their_yes_and_their_question_and_say_no_other_yes(harbour: Harbour, case: str) -> None:
    referral = agreed_by_all(harbour, case)
    Account.objects.filter(id=harbour.member.account).update(suspended_at=timezone.now())
    assert [shown["id"] for shown in get(harbour.member, f"{case}/referrals").body["referrals"]] == [referral]
    path = f"{case}/referrals/{referral}/consent"
    assert post(harbour.member, path, {"consent": False}).body["consented"] is False
    assert hand_over(harbour.moderator, case, referral).code == Code.FORBIDDEN
    assert post(harbour.member, path, {"consent": True}).code == Code.SUSPENDED
    assert post(harbour.member, f"{case}/withdraw").body["outcome"] == "withdrawn"


def test_coordinators_set_whether_it_takes_two_and_who_may(harbour: Harbour, case: str) -> None:
    assert "hand_over" in get(harbour.moderator, "/moderators").body["second_for"]
    ask(harbour.coordinator, "PUT", "/moderation/rules", {"second_for": ["ban"]})
    alone = propose(harbour.moderator, case).body
    assert alone["needs_second"] is False
    assert post(harbour.member, f"{case}/referrals/{alone['id']}/consent", {"consent": True}).body["ready"] is True
    rights = {"denied": ["hand_over"]}
    for person in (harbour.moderator, harbour.colleague):
        ask(harbour.coordinator, "PUT", f"/moderators/{person.account}/rights", rights)
    assert propose(harbour.moderator, case).code == Code.FORBIDDEN
    assert post(harbour.colleague, f"{case}/referrals/{alone['id']}/agree").code == Code.FORBIDDEN


def test_proposing_again_is_the_same_and_another_ones_id_is_refused(harbour: Harbour, case: str) -> None:
    made = propose(harbour.moderator, case).body
    assert propose(harbour.moderator, case, made["id"]).body == made
    assert propose(harbour.coordinator, case, made["id"]).code == Code.ROOM_EXISTS
    assert Referral.objects.count() == 1
    other = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{other}/claim")
    assert propose(harbour.moderator, other, made["id"]).code == Code.ROOM_EXISTS
    assert hand_over(harbour.moderator, other, made["id"]).code == Code.NOT_FOUND
    assert post(harbour.member, f"{other}/referrals/{made['id']}/consent", {"consent": True}).code == Code.NOT_FOUND


def test_only_who_has_the_case_proposes_and_only_its_opener_consents(harbour: Harbour, case: str) -> None:
    assert propose(harbour.colleague, case).code == Code.CASE_CLAIMED
    referral = propose(harbour.moderator, case).body["id"]
    for person in (harbour.moderator, harbour.coordinator):
        consent = post(person, f"{case}/referrals/{referral}/consent", {"consent": True})
        assert consent.code == Code.FORBIDDEN
    elsewhere = settle()
    assert get(elsewhere.coordinator, f"{case}/referrals").code == Code.NOT_FOUND


def test_a_second_moderator_is_called_for_it(harbour: Harbour, case: str) -> None:
    PushSubscription.objects.bulk_create(
        subscribed(device_of(person).pk) for person in (harbour.member, harbour.moderator, harbour.colleague)
    )
    propose(harbour.moderator, case)
    assert [device for device, row in waking().items() if row.called] == [device_of(harbour.colleague).pk]


def test_a_referral_outlives_the_accounts_of_those_who_made_it(harbour: Harbour, case: str) -> None:
    referral = propose(harbour.moderator, case).body["id"]
    post(harbour.colleague, f"{case}/referrals/{referral}/agree")
    Account.objects.filter(id__in=[harbour.moderator.account, harbour.colleague.account]).delete()
    (seen,) = get(harbour.member, f"{case}/referrals").body["referrals"]
    assert (seen["proposed_by"], seen["agreed_by"]) == (None, None)
    assert post(harbour.member, f"{case}/referrals/{referral}/consent", {"consent": True}).body["ready"] is True
