"""Cases: opening, attesting, and working on them."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ninja import Router

from chat.api.auth import Asked, suspended_too
from chat.api.rates import Rate, limit_by_device
from chat.api.steps import logged
from chat.protocol.errors import Code, ProtocolError
from moderation import log_queries, queries
from moderation.access import (
    access_case,
    access_case_as_staff,
    access_case_for_evidence,
    access_case_to_answer,
    access_case_to_work_on,
    access_claimed_case,
    access_own_case,
    access_referral,
    may,
    readers,
)
from moderation.actions import cases as actions
from moderation.actions.attesting import attest_messages
from moderation.actions.bounds import MAX_PRESSING
from moderation.actions.exports import Export, seal_export
from moderation.actions.notes import open_notes
from moderation.actions.repeating import once
from moderation.api import answers, bodies
from moderation.attestation import Stamped
from moderation.audit import Signed
from moderation.models import HAND_OVER, Case
from moderation.pseudonyms import pseudonym

router = Router()

# In messages: enough to show a long conversation at once.
ATTEST = Rate("attest", 1, 1000)
OPEN = Rate("open_case", 0.01, 10)
# Whoever may be in danger now has a bucket of their own, which nothing that can wait empties.
OPEN_PRESSING = Rate("open_pressing_case", 0.1, MAX_PRESSING)


@router.get("/cases", auth=suspended_too, response=answers.Cases, exclude_none=True)
def cases(request: Asked, closed: bool = False, after: UUID | None = None) -> queries.CasesView:
    return queries.cases(request.auth, closed=closed, after=after)


@router.post("/cases", response=answers.Case, exclude_none=True)
def open_case(request: Asked, body: bodies.OpenCase) -> queries.CaseView:
    asking = actions.Asking(body.id, body.room, body.concern, body.urgency, frozenset(body.kept_from))
    limit_by_device(request.auth, OPEN_PRESSING if asking.pressing else OPEN)
    return queries.case(request.auth, actions.open_case(request.auth, asking))


@router.get("/cases/staff", auth=suspended_too, response=answers.Readers)
def staff(request: Asked) -> dict[str, Any]:
    return {"staff": [account.id for account in readers(request.auth.account)]}


@router.get("/cases/{uuid:case}", auth=suspended_too, response=answers.Case, exclude_none=True)
def case(request: Asked, case: UUID) -> queries.CaseView:
    return queries.case(request.auth, access_case(request.auth, case))


@router.post("/cases/{uuid:case}/attest", auth=suspended_too, response=answers.Attestations)
@logged
def attest(request: Asked, case: UUID, body: bodies.Attest) -> dict[str, Any]:
    found = access_own_case(request.auth, case)
    limit_by_device(request.auth, ATTEST, len(body.messages))
    stamped = [Stamped(**dict(message)) for message in body.messages]
    return {"attestations": attest_messages(found, stamped)}


@router.post("/cases/{uuid:case}/withdraw", auth=suspended_too, response=answers.Case, exclude_none=True)
@logged
def withdraw(request: Asked, case: UUID) -> queries.CaseView:
    return _shown(request, actions.withdraw_case(access_own_case(request.auth, case), request.auth.account))


@router.post("/cases/{uuid:case}/claim", response=answers.Case, exclude_none=True)
@logged
def claim(request: Asked, case: UUID) -> queries.CaseView:
    return _shown(request, actions.claim_case(access_case_to_work_on(request.auth, case), request.auth.account))


@router.post("/cases/{uuid:case}/hand-over", response=answers.Case, exclude_none=True)
@logged
def hand_over(request: Asked, case: UUID, body: bodies.HandOver) -> queries.CaseView:
    found, actor = access_case_as_staff(request.auth, case), request.auth.account

    def step() -> Case:
        return actions.hand_over_case(access_claimed_case(request.auth, case), actor, body.to)

    return _shown(request, once(found, actor, "case_handed_over", step, subject=body.to))


@router.post("/cases/{uuid:case}/waiting", response=answers.Case, exclude_none=True)
@logged
def waiting(request: Asked, case: UUID, body: bodies.Waiting) -> queries.CaseView:
    found = access_claimed_case(request.auth, case)
    return _shown(request, actions.set_waiting(found, request.auth.account, body.waiting))


@router.post("/cases/{uuid:case}/answered", response=answers.Case, exclude_none=True)
def answered(request: Asked, case: UUID, body: bodies.Written) -> queries.CaseView:
    found = access_case_to_answer(request.auth, case)
    actions.note_answer(found, _moment(body.at))
    found.refresh_from_db()
    return _shown(request, found)


@router.post("/cases/{uuid:case}/asked", auth=suspended_too, response=answers.Case, exclude_none=True)
def asked(request: Asked, case: UUID, body: bodies.Written) -> queries.CaseView:
    found = access_own_case(request.auth, case)
    actions.note_asked(found, _moment(body.at))
    return _shown(request, found)


@router.post("/cases/{uuid:case}/close", response=answers.Case, exclude_none=True)
@logged
def close(request: Asked, case: UUID, body: bodies.Close) -> queries.CaseView:
    found, actor = access_case_as_staff(request.auth, case), request.auth.account

    def step() -> Case:
        return actions.close_case(access_claimed_case(request.auth, case), actor, body.outcome)

    return _shown(request, once(found, actor, "case_closed", step, detail=body.outcome))


@router.post("/cases/{uuid:case}/notes", response=answers.Case, exclude_none=True)
def notes(request: Asked, case: UUID, body: bodies.OpenNotes) -> queries.CaseView:
    found = access_case_as_staff(request.auth, case)
    return _shown(request, open_notes(found, request.auth, body.room))


@router.get("/cases/{uuid:case}/custody", response=answers.CustodyLog)
def custody(request: Asked, case: UUID) -> dict[str, Any]:
    found = access_case_for_evidence(request.auth, case)
    network = found.network_id
    return {
        "network": network,
        "by": pseudonym(network, request.auth.account_id),
        "at": time.time_ns() // 1_000_000,
        "entries": [_custody(*entry) for entry in log_queries.custody(found, request.auth.account)],
    }


@router.post("/cases/{uuid:case}/exports", response=answers.Seal)
@logged
def export(request: Asked, case: UUID, body: bodies.Export) -> dict[str, str]:
    found = access_case_for_evidence(request.auth, case)
    rights = ("export",) if body.referral is None else ("export", HAND_OVER)
    if not all(may(request.auth.account, right) for right in rights):
        raise ProtocolError(Code.FORBIDDEN)
    referral = None if body.referral is None else access_referral(found, body.referral)
    return {"seal": seal_export(found, request.auth.account, Export(body.manifest, body.made_at, referral))}


def _custody(item: Signed, previous: bytes, attested: list[bytes]) -> dict[str, Any]:
    entry = item.entry
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "attested": attested,
        "previous": previous,
        "digest": item.digest,
        "key_id": item.key_id,
        "signature": item.signature,
    }


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, tz=UTC)


def _shown(request: Asked, case: Case) -> queries.CaseView:
    return queries.case(request.auth, case)
