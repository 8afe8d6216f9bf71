"""Deciding, agreeing, talking about it. Each step is in the audit log; what it does follows it (completing.py).

How decisions end is in ending.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.actions.case_rooms import bar, create_case_room
from chat.models import Account, Conduct, Device, Role, Room
from chat.protocol.errors import Code, ProtocolError
from moderation.access import agreeing, may, second_for
from moderation.actions import calls
from moderation.actions.announcing import announce_decision
from moderation.actions.completing import complete
from moderation.actions.log import record, record_decided
from moderation.actions.telling import NOTHING, Telling, check_telling, tell
from moderation.models import (
    Case,
    CaseState,
    Decision,
    DecisionState,
    Finding,
    Ground,
    Kind,
    weight,
)
from moderation.pseudonyms import pseudonym

LONGEST = timedelta(days=366)
_OF_A_ROOM = (Kind.MUTE, Kind.REMOVE_FROM_ROOM)
_FOR_A_TIME = (Kind.MUTE, Kind.SUSPEND, Kind.LIMIT_REPORTS)


@dataclass(frozen=True)
class Deciding:
    """What a moderator decides. `until` is given for what is for a time, `room` for what concerns a room, alone.

    `law` names the law with that ground, and is None with the other. `finding`: why it falls under the ground, one of Finding.
    `telling`: the facts that its subject is told.
    """

    id: UUID
    kind: str
    ground: str
    card: int | None
    until: datetime | None
    finding: str
    law: str | None = None
    telling: Telling = NOTHING


def decide(actor: Account, subject: Account, deciding: Deciding, *, room: Room | None, case: Case | None) -> Decision:
    """A decision, in force at once or proposed when its kind needs a second moderator. Repeating it gives the same one.

    Raises malformed (fields that its kind does not have), forbidden (oneself; staff, unless one is a coordinator; a
    right that was taken away), case_closed or room_exists (the id is something else's).
    """
    repeated = _repeated(actor, subject, deciding, room=room, case=case)
    if repeated is not None:
        return complete(repeated)
    try:
        with transaction.atomic():
            made = write_down(actor, subject, deciding, room=room, case=case)
    except IntegrityError:
        repeated = _repeated(actor, subject, deciding, room=room, case=case)
        if repeated is None:
            raise ProtocolError(Code.ROOM_EXISTS) from None
        return complete(repeated)
    return complete(made)


def write_down(
    actor: Account, subject: Account, deciding: Deciding, *, room: Room | None, case: Case | None
) -> Decision:
    """The decision without what it does. Call it inside a transaction, as its last step, and `complete` after that.

    Raises as `decide`.
    """
    weighs = weight(deciding.kind, subject.suspended_at, deciding.until)
    _check(actor, subject, deciding, room, weighs)
    if case is not None and case.state == CaseState.CLOSED:
        raise ProtocolError(Code.CASE_CLOSED)
    proposed = bool({deciding.kind, weighs} & set(second_for(subject.network_id)))
    made = Decision(
        id=deciding.id,
        network_id=subject.network_id,
        case=case,
        subject=subject,
        kind=deciding.kind,
        ground=deciding.ground,
        card=deciding.card,
        law=deciding.law or "",
        finding=deciding.finding,
        conduct_version=subject.network.conduct_version,
        room=room,
        until=deciding.until,
        weighs_as_ban=weighs == Kind.BAN,
        decided_by=actor,
        state=DecisionState.PROPOSED if proposed else DecisionState.IN_FORCE,
        in_force_at=None if proposed else timezone.now(),
        unfinished=not proposed,
    )
    made.save(force_insert=True)
    tell(made, deciding.telling)
    if proposed:
        calls.decision_proposed(made)
    record_step(made, actor, "decision_proposed" if proposed else "decision_made", deciding.kind)
    return made


def _repeated(
    actor: Account, subject: Account, deciding: Deciding, *, room: Room | None, case: Case | None
) -> Decision | None:
    """What was decided before under the id. What is told of it is not compared: less may have been kept."""
    found = Decision.objects.select_related("subject", "room", "decided_by", "case").filter(id=deciding.id).first()
    if found is None:
        return None
    in_room, in_case = room and room.id, case and case.id
    was = found.as_decided
    kept = (found.decided_by_id, found.subject_id, was.kind, found.ground, found.card, found.law, was.finding)
    same = (actor.id, subject.id, deciding.kind, deciding.ground, deciding.card, deciding.law or "", deciding.finding)
    if kept != same or (was.until, found.room_id, found.case_id) != (deciding.until, in_room, in_case):
        raise ProtocolError(Code.ROOM_EXISTS)
    return found


def _check(actor: Account, subject: Account, deciding: Deciding, room: Room | None, weighs: str) -> None:
    able = may(actor, deciding.kind) and may(actor, weighs)
    if actor.id == subject.id or (subject.is_staff and actor.role != Role.COORDINATOR) or not able:
        raise ProtocolError(Code.FORBIDDEN)
    if (room is not None) != (deciding.kind in _OF_A_ROOM):
        raise ProtocolError(Code.MALFORMED, detail="room belongs to what concerns a room")
    if (deciding.until is not None) != (deciding.kind in _FOR_A_TIME):
        raise ProtocolError(Code.MALFORMED, detail="until belongs to what is for a time")
    now = timezone.now()
    if deciding.until is not None and not now < deciding.until <= now + LONGEST:
        raise ProtocolError(Code.MALFORMED, detail="until is not within a year from now")
    check_ground(subject, deciding.ground, deciding.card, deciding.law)
    check_finding(deciding.finding, deciding.kind)
    check_telling(deciding.telling)


def check_ground(subject: Account, ground: str, card: int | None, law: str | None) -> None:
    """Raises malformed unless `card` is one of the present code of conduct of the subject's network, or the ground is the law
    and it is named."""
    cards = Conduct.objects.get(network=subject.network_id, version=subject.network.conduct_version).cards
    known = card is not None and 1 <= card <= len(cards)
    if known != (ground == Ground.CONDUCT) or (card is not None and not known):
        raise ProtocolError(Code.MALFORMED, detail="card belongs to the code of conduct")
    if bool(law) != (ground == Ground.LAW):
        raise ProtocolError(Code.MALFORMED, detail="law names the law, with that ground alone")


def check_finding(finding: str, kind: str) -> None:
    """Raises malformed: that somebody asked to hurt others is said of a pause from asking alone, which is about whoever asked."""
    if finding == Finding.FALSE_REPORTS and kind != Kind.LIMIT_REPORTS:
        raise ProtocolError(Code.MALFORMED, detail="false_reports belongs to limit_reports")


def agree(decision: Decision, actor: Account) -> Decision:
    """A second moderator agrees. Raises forbidden (who decided, its subject, who asked) or case_closed (decided by now).

    Repeating it changes nothing.
    """
    _second(decision, actor)
    agreed = {"state": DecisionState.IN_FORCE, "agreed_by_id": actor.id}
    with transaction.atomic():
        if move(decision, DecisionState.PROPOSED, agreed, in_force_at=timezone.now(), unfinished=True):
            record_step(decision, actor, "decision_agreed", decision.kind)
    return complete(decision)


def refuse(decision: Decision, actor: Account) -> Decision:
    """A second moderator does not agree, or whoever proposed it takes it back. Repeating it changes nothing."""
    if actor.id != decision.decided_by_id:
        _second(decision, actor)
    refused = {"state": DecisionState.REFUSED, "ended_by_id": actor.id}
    with transaction.atomic():
        if move(decision, DecisionState.PROPOSED, refused, ended_at=timezone.now()):
            record_step(decision, actor, "decision_refused", decision.kind)
    announce_decision(decision)
    return decision


def open_talk(decision: Decision, device: Device, room: UUID) -> Decision:
    """A room at epoch 0 with the caller's device in it, for its subject and the staff. Repeating it changes nothing.

    Raises not_found (the subject has gone), forbidden (the caller is the subject; nothing has come into force yet)
    or room_exists (there is one already, or the id is something else's).
    """
    subject, actor = decision.subject, device.account
    if subject is None:
        raise ProtocolError(Code.NOT_FOUND)
    if subject.id == actor.id or decision.in_force_at is None:
        raise ProtocolError(Code.FORBIDDEN)
    try:
        with transaction.atomic():
            made = None if decision.talk_id == room else create_case_room(device, room, subject)
            if made is not None:
                _talk_in(decision, made, actor)
    except IntegrityError:
        raise ProtocolError(Code.ROOM_EXISTS) from None
    decision.refresh_from_db()
    return decision


def _talk_in(decision: Decision, room: Room, actor: Account) -> None:
    if not Decision.objects.filter(id=decision.id, talk=None).update(talk=room):
        raise ProtocolError(Code.ROOM_EXISTS)
    kept_from = set(decision.kept_from.values_list("id", flat=True))
    if decision.case is not None:
        kept_from |= set(decision.case.kept_from.values_list("id", flat=True))
    bar(room, kept_from - {decision.subject_id})
    record_step(decision, actor, "decision_talk_opened", decision.as_decided.kind)


def _second(decision: Decision, actor: Account) -> None:
    if not agreeing(actor)(decision):
        raise ProtocolError(Code.FORBIDDEN)


def move(decision: Decision, before: str, asked: dict[str, Any], **more: object) -> bool:
    """Changes it only if it still stands as it did. False when it stands as `asked` already: the same was asked again.

    Raises case_closed.
    """
    moved = Decision.objects.filter(id=decision.id, state=before).update(**asked, **more)
    decision.refresh_from_db()
    if not moved and any(getattr(decision, name) != value for name, value in asked.items()):
        raise ProtocolError(Code.CASE_CLOSED)
    return bool(moved)


def record_step(decision: Decision, actor: Account | None, action: str, detail: str) -> None:
    """Writes a step of it into the audit log. Call it in the transaction that takes the step."""
    network, case, subject = decision.network_id, decision.case_id, decision.subject_id
    if not decision.on_report:
        record(network, actor, action, subject=subject, detail=detail)
        return
    # Of a forgotten case nobody has a name any more: whoever asked is named as in nothing else.
    nameless = subject if decision.case_forgotten and decision.about_asker else None
    name = subject if nameless is None else pseudonym(network, nameless, decision.id)
    record_decided(network, actor, action, case=case, subject=name, detail=detail)
