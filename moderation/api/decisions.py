"""Decisions about accounts: made and agreed by staff, read and appealed by whom they concern, also while suspended."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ninja import Router

from chat.api.auth import Asked, suspended_too
from chat.api.rates import Rate, limit_by_device
from chat.api.steps import logged
from moderation import decision_queries as queries
from moderation import rights_queries
from moderation.access import (
    access_as_coordinator,
    access_as_staff,
    access_case_as_staff,
    access_decision,
    access_member_of_network,
    access_own_decision,
    access_room_of_network,
)
from moderation.actions import decisions as actions
from moderation.actions import ending, rules
from moderation.actions.telling import Telling
from moderation.api import answers, bodies

router = Router()

# A raid of many accounts at once, then a decision every half a minute.
DECIDE = Rate("decide", 1 / 30, 60)
TALK = Rate("decision_talk", 0.1, 30)


@router.get("/me/decisions", auth=suspended_too, response=answers.Statements)
def mine(request: Asked) -> dict[str, Any]:
    return {"statements": queries.statements(request.auth)}


@router.post("/decisions/{uuid:decision}/appeal", auth=suspended_too, response=answers.Statement)
@logged
def appeal(request: Asked, decision: UUID) -> queries.StatementView:
    found = ending.appeal(access_own_decision(request.auth, decision))
    return queries.statement(request.auth, found)


@router.get("/decisions", response=answers.Decisions)
def decisions(
    request: Asked, subject: UUID | None = None, waiting: bool = False, after: UUID | None = None
) -> queries.DecisionsView:
    return queries.decisions(request.auth, subject=subject, waiting=waiting, after=after)


@router.get("/decisions/{uuid:decision}", response=answers.Decision)
def decision(request: Asked, decision: UUID) -> queries.DecisionView:
    return queries.decision(request.auth, access_decision(request.auth, decision))


@router.post("/decisions", response=answers.Decision)
@logged
def decide(request: Asked, body: bodies.Decide) -> queries.DecisionView:
    limit_by_device(request.auth, DECIDE)
    subject = access_member_of_network(request.auth, body.subject)
    room = None if body.room is None else access_room_of_network(request.auth, body.room)
    # That it is open still is looked at for a new decision alone.
    case = None if body.case is None else access_case_as_staff(request.auth, body.case)
    until = None if body.until is None else datetime.fromtimestamp(body.until / 1000, UTC)
    telling = _telling(request, body.facts)
    deciding = actions.Deciding(body.id, body.kind, body.ground, body.card, until, body.finding, body.law, telling)
    return queries.decision(request.auth, actions.decide(request.auth.account, subject, deciding, room=room, case=case))


def _telling(request: Asked, facts: bodies.TellFacts) -> Telling:
    days = None if facts.days is None else (facts.days.first, facts.days.last)
    rooms = [access_room_of_network(request.auth, room) for room in set(facts.rooms)]
    where = set(facts.rooms) | set(facts.days.rooms if facts.days is not None else ())
    seen_in = [access_room_of_network(request.auth, room) for room in where]
    return Telling(facts.messages, facts.proven, days, rooms, seen_in)


@router.post("/decisions/{uuid:decision}/agree", response=answers.Decision)
@logged
def agree(request: Asked, decision: UUID) -> queries.DecisionView:
    return queries.decision(request.auth, actions.agree(access_decision(request.auth, decision), request.auth.account))


@router.post("/decisions/{uuid:decision}/refuse", response=answers.Decision)
@logged
def refuse(request: Asked, decision: UUID) -> queries.DecisionView:
    return queries.decision(request.auth, actions.refuse(access_decision(request.auth, decision), request.auth.account))


@router.post("/decisions/{uuid:decision}/lift", response=answers.Decision)
@logged
def lift(request: Asked, decision: UUID, body: bodies.Lift) -> queries.DecisionView:
    return queries.decision(
        request.auth, ending.lift(access_decision(request.auth, decision), request.auth.account, body.reason)
    )


@router.post("/decisions/{uuid:decision}/talk", response=answers.Decision)
def talk(request: Asked, decision: UUID, body: bodies.OpenTalk) -> queries.DecisionView:
    limit_by_device(request.auth, TALK)
    return queries.decision(
        request.auth, actions.open_talk(access_decision(request.auth, decision), request.auth, body.room)
    )


@router.post("/decisions/{uuid:decision}/close-appeal", response=answers.Decision)
@logged
def close_appeal(request: Asked, decision: UUID, body: bodies.CloseAppeal) -> queries.DecisionView:
    found = access_decision(request.auth, decision)
    return queries.decision(request.auth, ending.close_appeal(found, request.auth.account, body.outcome, body.reason))


@router.get("/moderators", response=answers.Moderators)
def moderators(request: Asked) -> dict[str, Any]:
    return rights_queries.moderators(access_as_staff(request.auth).network)


@router.put("/moderators/{uuid:account}/rights", response=answers.Moderators)
@logged
def rights(request: Asked, account: UUID, body: bodies.SetRights) -> dict[str, Any]:
    actor = access_as_coordinator(request.auth)
    rules.set_rights(actor, access_member_of_network(request.auth, account), body.denied)
    return rights_queries.moderators(actor.network)


@router.put("/moderation/rules", response=answers.Moderators)
@logged
def set_rules(request: Asked, body: bodies.SetRules) -> dict[str, Any]:
    actor = access_as_coordinator(request.auth)
    rules.set_rules(actor, body.second_for)
    return rights_queries.moderators(actor.network)
