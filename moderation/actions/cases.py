"""The life of a case. Each step is in the audit log, in the same transaction, and announced after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.actions.case_rooms import bar, create_case_room
from chat.models import Account, Device
from chat.protocol.errors import Code, ProtocolError
from moderation.access import active_staff, claimed, unclaimed
from moderation.actions import bounds, calls
from moderation.actions.announcing import announce_case
from moderation.actions.log import record
from moderation.clocks import TAKEN_WITHIN
from moderation.models import (
    HELD,
    Case,
    CaseState,
    Decision,
    DecisionState,
    Kind,
    Outcome,
)
from moderation.turns import Turn, open_turn, seal_turn

_APART = timedelta(seconds=5)
"""How far the clock of the process that stamped an entry may be ahead of this one's."""


@dataclass(frozen=True)
class Asking:
    """What a member asks: ids made on the device, and whom of the staff the case is kept from."""

    id: UUID
    room: UUID
    concern: str
    urgency: str
    kept_from: frozenset[UUID]

    @property
    def pressing(self) -> bool:
        return bounds.is_pressing(self.concern, self.urgency)


def open_case(device: Device, asking: Asking) -> Case:
    """A case and its room at epoch 0 with the caller's device in it. Repeating it gives the same case.

    Raises too_many, room_exists, suspended (reports of this account are limited, and nobody's life depends on it), or
    forbidden when nobody would be left to see it.
    """
    repeated = _repeated(device, asking)
    if repeated is not None:
        return repeated
    try:
        with transaction.atomic():
            made = _open(device, asking)
    except IntegrityError:
        repeated = _repeated(device, asking)
        if repeated is not None:
            return repeated
        raise ProtocolError(Code.ROOM_EXISTS) from None
    announce_case(made)
    return made


def _open(device: Device, asking: Asking) -> Case:
    account = device.account
    # Not by kind: a row of a forgotten case does not say it.
    found = Decision.objects.filter(subject=account, state=DecisionState.IN_FORCE)
    limited = any(one.as_decided.kind == Kind.LIMIT_REPORTS and one.holds for one in found)
    if asking.concern not in bounds.GRAVE and limited:
        raise ProtocolError(Code.SUSPENDED)
    bounds.refuse_too_many(account, pressing=asking.pressing)
    # Whoever is no staff any more, or has gone, is in nobody's way; and kept out should they become it again.
    kept_from = list(Account.objects.filter(network=account.network_id, id__in=asking.kept_from).exclude(id=account.id))
    now = timezone.now()
    room = create_case_room(device, asking.room, account)
    bar(room, {one.id for one in kept_from})
    made = Case(
        id=asking.id,
        network=account.network,
        room=room,
        opened_by=account,
        concern=asking.concern,
        urgency=asking.urgency,
        opened_at=now,
        due_at=now + TAKEN_WITHIN[asking.urgency],
    )
    made.save(force_insert=True)
    made.kept_from.set(kept_from)
    if not active_staff(made).exists():
        raise ProtocolError(Code.FORBIDDEN)
    calls.case_opened(made)
    record(account.network_id, account, "case_opened", case=made.id, detail=f"{asking.concern}/{asking.urgency}")
    return made


def _repeated(device: Device, asking: Asking) -> Case | None:
    found = Case.objects.select_related("room").filter(id=asking.id).first()
    if found is None:
        return None
    if found.opened_by_id != device.account_id or found.room_id != asking.room:
        raise ProtocolError(Code.ROOM_EXISTS)
    return found


def claim_case(case: Case, account: Account) -> Case:
    """Takes a case that nobody in good standing has. Raises case_claimed (with `account`). Repeating it changes nothing."""
    if case.claimed_by_id == account.id:
        return case
    now = timezone.now()
    with transaction.atomic():
        # Locked alone and looked at then: PostgreSQL judges a row that it waited for against what it joined before.
        list(Case.objects.select_for_update(no_key=True).filter(id=case.id).values_list("id"))
        if not Case.objects.filter(unclaimed(), id=case.id).exists():
            case.refresh_from_db()
            raise claimed(case) if case.state != CaseState.CLOSED else ProtocolError(Code.CASE_CLOSED)
        Case.objects.filter(id=case.id).update(claimed_by=account, state=CaseState.CLAIMED, **_clock_from(case, now))
        Case.objects.filter(id=case.id, first_claimed_at=None).update(first_claimed_at=now)
        record(case.network_id, account, "case_claimed", case=case.id)
    case.refresh_from_db()
    announce_case(case)
    return case


def hand_over_case(case: Case, actor: Account, to: UUID | None) -> Case:
    """Gives a case to a colleague who may see it, or back to the queue (None). Raises not_found or case_claimed."""
    colleague = None
    if to is not None:
        colleague = active_staff(case).filter(id=to).first()
        if colleague is None:
            raise ProtocolError(Code.NOT_FOUND)
    state = CaseState.UNCLAIMED if colleague is None else CaseState.CLAIMED
    with transaction.atomic():
        moment = None if colleague is None else timezone.now()
        _change(case, claimed_by=colleague, state=state, **_clock_from(case, moment))
        if colleague is not None and colleague != actor:
            calls.case_given(case)
        subject = None if colleague is None else colleague.id
        record(case.network_id, actor, "case_handed_over", case=case.id, subject=subject)
    announce_case(case)
    return case


def set_waiting(case: Case, actor: Account, waiting: bool) -> Case:
    """Whether the case waits for something outside, as the member's answer. Repeating it changes nothing.

    While nobody has written to the member, the time to answer goes on as it was: nobody waits for them.
    """
    state = CaseState.WAITING if waiting else CaseState.CLAIMED
    clock = _clock_from(case, timezone.now()) | {"answered": waiting} if case.answered else {}
    with transaction.atomic():
        if _locked(case).state == state:
            case.refresh_from_db()
            return case
        _change(case, state=state, **clock)
        record(case.network_id, actor, "case_waiting" if waiting else "case_resumed", case=case.id)
    announce_case(case)
    return case


def note_answer(case: Case, at: datetime) -> None:
    """A moderator wrote to the member at `at`: whoever has the case is not called for what was asked before.

    Without effect for what was there when somebody took the case or set it to wait: that clock is of whoever has it now.
    Neither who nor when is kept, so that it names nobody as the sender of an entry; it is in no log, and nobody is told.
    Raises malformed when it is still to come.
    """
    if at > timezone.now() + _APART:
        raise ProtocolError(Code.MALFORMED, detail="at is still to come")
    with transaction.atomic():
        fresh = _locked(case)
        # Devices know `moved_at` in whole milliseconds.
        if fresh.moved_at is None or at <= fresh.moved_at - timedelta(milliseconds=1):
            return
        turn = open_turn(fresh.id, fresh.turn)
        if turn is not None and turn.since <= at:
            turn = None
        # From now on it counts who was called because it waits.
        Case.objects.filter(id=case.id, state=CaseState.WAITING, answered=False).update(answer_calls=0)
        Case.objects.filter(id=case.id, state__in=HELD).update(turn=seal_turn(case.id, turn), answered=True)


def note_asked(case: Case, at: datetime) -> None:
    """The member wrote last, at `at`, and waits for an answer: whoever has the case is called when none comes.

    Without effect for what was there when somebody took the case or set it to wait. What is kept of it is sealed; it is
    in no log, and nobody is told.
    """
    with transaction.atomic():
        fresh = _locked(case)
        seen = fresh.moved_at is not None and at <= fresh.moved_at
        turn = None if seen else Turn(timezone.now())
        turn = open_turn(fresh.id, fresh.turn) or turn
        Case.objects.filter(id=case.id, state__in=HELD).update(turn=seal_turn(case.id, turn))


def _locked(case: Case) -> Case:
    return Case.objects.select_for_update(no_key=True).get(id=case.id)


def close_case(case: Case, actor: Account, outcome: str) -> Case:
    """Ends it. Raises case_claimed or case_closed when it changed meanwhile."""
    with transaction.atomic():
        _change(case, state=CaseState.CLOSED, outcome=outcome, closed_at=timezone.now())
        if case.opened_by_id != actor.id:
            calls.case_ended(case)
        record(case.network_id, actor, "case_closed", case=case.id, detail=outcome)
    announce_case(case)
    return case


def withdraw_case(case: Case, opener: Account) -> Case:
    """The member takes it back. What was shown stays in the case's room. Repeating it changes nothing."""
    if case.state == CaseState.CLOSED:
        if case.outcome == Outcome.WITHDRAWN:
            return case
        raise ProtocolError(Code.CASE_CLOSED)
    return close_case(case, opener, Outcome.WITHDRAWN)


def _clock_from(case: Case, moment: datetime | None) -> dict[str, Any]:
    """The time to answer begins anew at `moment`; null: nobody has the case. Who was called before is forgotten."""
    return {
        "moved_at": moment,
        "answered": False,
        "answer_calls": 0,
        "called_at": None,
        "turn": seal_turn(case.id, None),
    }


def _change(case: Case, **fields: object) -> None:
    """Changes it only if nobody did since it was read."""
    same = Case.objects.filter(id=case.id, state=case.state, claimed_by=case.claimed_by_id)
    if not same.update(**fields):
        case.refresh_from_db()
        raise ProtocolError(Code.CASE_CLOSED) if case.state == CaseState.CLOSED else claimed(case)
    case.refresh_from_db()
