"""Handing a case over to somebody outside: proposed by who has it, consented to by its opener, agreed by a second moderator.

To whom stands in the case's room, encrypted. Each step is in the audit log, in the same transaction.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.access import may, second_for
from moderation.actions import calls
from moderation.actions.announcing import announce_case
from moderation.actions.log import record
from moderation.models import HAND_OVER, Case, CaseState, Referral


def propose(case: Case, actor: Account, referral: UUID) -> Referral:
    """Repeating it gives the same one. Raises forbidden (the right was taken away) or room_exists (the id is another's)."""
    if not may(actor, HAND_OVER):
        raise ProtocolError(Code.FORBIDDEN)
    needs_second = HAND_OVER in second_for(case.network_id)
    try:
        with transaction.atomic():
            made = Referral(id=referral, case=case, proposed_by=actor, needs_second=needs_second)
            made.save(force_insert=True)
            if needs_second:
                calls.referral_proposed(made)
            _record(made, actor, "referral_proposed")
    except IntegrityError:
        found = Referral.objects.filter(id=referral, case=case, proposed_by=actor).first()
        if found is None:
            raise ProtocolError(Code.ROOM_EXISTS) from None
        return found
    announce_case(case)
    return made


def answer(referral: Referral, opener: Account, consented: bool) -> Referral:
    """The opener's answer, which they may change. Raises suspended or case_closed: then consent can only be taken back."""
    if consented and opener.suspended:
        raise ProtocolError(Code.SUSPENDED)
    if consented and referral.case.state == CaseState.CLOSED:
        raise ProtocolError(Code.CASE_CLOSED)
    with transaction.atomic():
        other = Referral.objects.filter(id=referral.id).exclude(consented=consented)
        if other.update(consented=consented, answered_at=timezone.now()):
            _record(referral, opener, "referral_consented" if consented else "referral_declined")
    announce_case(referral.case)
    referral.refresh_from_db()
    return referral


def agree(referral: Referral, actor: Account) -> Referral:
    """A second moderator agrees; repeating it changes nothing. Raises forbidden for who proposed it."""
    if actor.id == referral.proposed_by_id or not may(actor, HAND_OVER):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        waiting = Referral.objects.filter(id=referral.id, agreed_at=None)
        if waiting.update(agreed_by=actor, agreed_at=timezone.now()):
            _record(referral, actor, "referral_agreed")
    announce_case(referral.case)
    referral.refresh_from_db()
    return referral


def _record(referral: Referral, actor: Account, action: str) -> None:
    case = referral.case
    record(case.network_id, actor, action, case=case.id, detail=str(referral.id))
