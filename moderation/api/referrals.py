"""Handing a case over to somebody outside of the network."""

from typing import Any
from uuid import UUID

from ninja import Router

from chat.api.auth import Asked, suspended_too
from chat.api.rates import Rate, limit_by_device
from chat.api.steps import logged
from moderation import queries
from moderation.access import (
    access_case,
    access_case_as_staff,
    access_case_to_work_on,
    access_claimed_case,
    access_own_case,
    access_referral,
)
from moderation.actions import referrals as actions
from moderation.api import answers, bodies

router = Router()

REFER = Rate("refer", 0.1, 30)


@router.get("/cases/{uuid:case}/referrals", auth=suspended_too, response=answers.Referrals)
def referrals(request: Asked, case: UUID) -> dict[str, Any]:
    return {"referrals": queries.referrals(access_case(request.auth, case))}


@router.post("/cases/{uuid:case}/referrals", response=answers.Referral)
def refer(request: Asked, case: UUID, body: bodies.Refer) -> queries.ReferralView:
    found = access_claimed_case(request.auth, case)
    limit_by_device(request.auth, REFER)
    return queries.referral(actions.propose(found, request.auth.account, body.id))


@router.post("/cases/{uuid:case}/referrals/{uuid:referral}/consent", auth=suspended_too, response=answers.Referral)
@logged
def consent(request: Asked, case: UUID, referral: UUID, body: bodies.Consent) -> queries.ReferralView:
    found = access_referral(access_own_case(request.auth, case), referral)
    return queries.referral(actions.answer(found, request.auth.account, body.consent))


@router.post("/cases/{uuid:case}/referrals/{uuid:referral}/agree", response=answers.Referral)
@logged
def agree(request: Asked, case: UUID, referral: UUID) -> queries.ReferralView:
    found = access_referral(access_case_to_work_on(request.auth, case), referral)
    return queries.referral(actions.agree(found, request.auth.account))


@router.post("/cases/{uuid:case}/referrals/{uuid:referral}/refuse", response=answers.Referral)
@logged
def refuse(request: Asked, case: UUID, referral: UUID) -> queries.ReferralView:
    found = access_referral(access_case_as_staff(request.auth, case), referral)
    return queries.referral(actions.refuse(found, request.auth.account))
