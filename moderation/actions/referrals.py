"""Handing a case over to somebody outside: proposed by who has it, consented to by its opener, agreed by a second moderator.

Until it was done, a second moderator may refuse it, and who proposed it, who has the case and coordinators take it back.
To whom stands in the case's room, encrypted. Each step is in the audit log, in the same transaction.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.models import Account, Role
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
    """The opener's answer, which they may change. Raises suspended or case_closed (the case is, or moderators refused it):
    then consent can only be taken back.
    """
    if consented and opener.suspended:
        raise ProtocolError(Code.SUSPENDED)
    with transaction.atomic():
        if consented and (referral.case.state == CaseState.CLOSED or _locked(referral).refused_at is not None):
            raise ProtocolError(Code.CASE_CLOSED)
        other = Referral.objects.filter(id=referral.id).exclude(consented=consented)
        if other.update(consented=consented, answered_at=timezone.now()):
            _record(referral, opener, "referral_consented" if consented else "referral_declined")
    announce_case(referral.case)
    referral.refresh_from_db()
    return referral


def agree(referral: Referral, actor: Account) -> Referral:
    """A second moderator agrees; repeating it changes nothing. Raises forbidden for who proposed it, and case_closed."""
    if not _may_second(referral, actor):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        if _locked(referral).refused_at is not None:
            raise ProtocolError(Code.CASE_CLOSED)
        waiting = Referral.objects.filter(id=referral.id, agreed_at=None)
        if waiting.update(agreed_by=actor, agreed_at=timezone.now()):
            _record(referral, actor, "referral_agreed")
    announce_case(referral.case)
    referral.refresh_from_db()
    return referral


def refuse(referral: Referral, actor: Account) -> Referral:
    """Ends it: who proposed it, who has the case and coordinators take it back, a second moderator does not agree.

    Repeating it changes nothing. Raises forbidden, or case_closed when it was done already or, for a second moderator,
    agreed to.
    """
    leads = actor.role == Role.COORDINATOR or actor.id in (referral.proposed_by_id, referral.case.claimed_by_id)
    seconds = referral.needs_second and _may_second(referral, actor)
    if not leads and not seconds:
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        fresh = _locked(referral)
        if fresh.refused_at is None:
            if fresh.handed_over_at is not None or (fresh.agreed_at is not None and not leads):
                raise ProtocolError(Code.CASE_CLOSED)
            Referral.objects.filter(id=referral.id).update(refused_by=actor, refused_at=timezone.now())
            answers = seconds and fresh.agreed_at is None
            _record(referral, actor, "referral_refused" if answers else "referral_taken_back")
    announce_case(referral.case)
    referral.refresh_from_db()
    return referral


def _may_second(referral: Referral, actor: Account) -> bool:
    return actor.id != referral.proposed_by_id and may(actor, HAND_OVER)


def _locked(referral: Referral) -> Referral:
    return Referral.objects.select_for_update(no_key=True).get(id=referral.id)


def _record(referral: Referral, actor: Account, action: str) -> None:
    case = referral.case
    record(case.network_id, actor, action, case=case.id, detail=str(referral.id))
