"""Cutting off branches of the invite tree: asked by coordinators, agreed to by a second person where they are large."""

from typing import Any
from uuid import UUID

from ninja import Router

from chat.access import access_account_as_coordinator
from chat.api.auth import Asked
from chat.api.steps import logged
from moderation import cut_queries as queries
from moderation.access import access_case_to_work_on, access_cut
from moderation.actions import branches as actions
from moderation.api import answers, bodies

router = Router()


@router.get("/accounts/{uuid:account}/branch", response=answers.BranchSize)
def size(request: Asked, account: UUID, include_root: bool) -> dict[str, Any]:
    root = access_account_as_coordinator(request.auth, account)
    people = queries.people_in(root, include_root=include_root)
    second = actions.takes_two(request.auth.account, people)
    nobody_else = second and not queries.others(request.auth.account, root, include_root=include_root)
    return {"people": people, "second": second, "nobody_else": nobody_else}


@router.post("/accounts/{uuid:account}/revoke-branch", response=answers.RevokedBranch, exclude_none=True)
@logged
def revoke_branch(request: Asked, account: UUID, body: bodies.RevokeBranch) -> actions.Outcome:
    root = access_account_as_coordinator(request.auth, account)
    case = None if body.case is None else access_case_to_work_on(request.auth, body.case)
    cutting = actions.Cutting(body.card, body.law, body.finding, body.fact, case)
    return actions.cut_branch(request.auth.account, root, cutting, include_root=body.include_root, people=body.people)


@router.get("/branches", response=answers.Cuts)
def waiting(request: Asked) -> dict[str, Any]:
    return {"cuts": queries.waiting_cuts(request.auth)}


@router.post("/branches/{uuid:cut}/agree", response=answers.RevokedBranch, exclude_none=True)
@logged
def agree(request: Asked, cut: UUID, body: bodies.AgreeToCut) -> actions.Outcome:
    return actions.agree_to_cut(access_cut(request.auth, cut), request.auth.account, body.people)


@router.post("/branches/{uuid:cut}/refuse", response=answers.Cuts)
@logged
def refuse(request: Asked, cut: UUID) -> dict[str, Any]:
    actions.refuse_cut(access_cut(request.auth, cut), request.auth.account)
    return {"cuts": queries.waiting_cuts(request.auth)}
