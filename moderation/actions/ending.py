"""How decisions end: lifted by those who may, or looked at again after an appeal by somebody who had no part in it."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.access import answering, lifting
from moderation.actions import calls
from moderation.actions.announcing import announce_decision
from moderation.actions.completing import complete
from moderation.actions.decisions import move, record_step
from moderation.models import APPEAL_DAYS, REASONS_FOR, Appeal, AppealOutcome, Decision, DecisionState


def lift(decision: Decision, actor: Account | None, reason: str) -> Decision:
    """Ends a decision early; `actor` is None for the operator. Raises forbidden or case_closed (it has ended).

    Repeating it changes nothing.
    """
    if actor is not None and not lifting(actor)(decision):
        raise ProtocolError(Code.FORBIDDEN)
    ended = {"state": DecisionState.LIFTED, "lifted_for": reason, "ended_by_id": None if actor is None else actor.id}
    with transaction.atomic():
        if move(decision, DecisionState.IN_FORCE, ended, ended_at=timezone.now(), unfinished=True):
            record_step(decision, actor, "decision_lifted", f"{decision.as_decided.kind}/{reason}")
    return complete(decision)


def appeal(decision: Decision) -> Decision:
    """The subject asks that somebody else looks at it. Repeating it changes nothing. Raises case_closed: too late."""
    begun = decision.as_decided.in_force_at
    if begun is None or timezone.now() > begun + timedelta(days=APPEAL_DAYS):
        raise ProtocolError(Code.CASE_CLOSED)
    with transaction.atomic():
        _, fresh = Appeal.objects.get_or_create(decision=decision)
        if fresh:
            calls.appeal_made(decision)
            record_step(decision, decision.subject, "appeal_made", decision.as_decided.kind)
    announce_decision(decision)
    decision.refresh_from_db()
    return decision


def close_appeal(decision: Decision, actor: Account, outcome: str, reason: str) -> Decision:
    """Raises forbidden (whoever had a part in the decision, and who may not decide so while somebody else is there who may),
    case_closed when it was closed already, malformed when the reason is one for the other outcome.
    Repeating it changes nothing.
    """
    if actor.id not in answering(decision.network_id)(decision):
        raise ProtocolError(Code.FORBIDDEN)
    if reason not in REASONS_FOR[AppealOutcome(outcome)]:
        raise ProtocolError(Code.MALFORMED, detail="reason belongs to the other outcome")
    overturned = outcome == AppealOutcome.OVERTURNED
    answer = {"outcome": outcome, "reason": reason, "closed_by": actor}
    with transaction.atomic():
        now = timezone.now()
        if Appeal.objects.filter(decision=decision, outcome="").update(**answer, closed_at=now):
            if overturned:
                ended = Decision.objects.filter(id=decision.id)
                # What was lifted before ended then.
                ended.update(state=DecisionState.OVERTURNED, ended_at=Coalesce("ended_at", now), unfinished=True)
            record_step(decision, actor, "appeal_closed", f"{outcome}/{reason}")
        elif not Appeal.objects.filter(decision=decision, **answer).exists():
            raise ProtocolError(Code.CASE_CLOSED)
    return complete(decision)
