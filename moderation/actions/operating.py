"""What the operator decides by commands: decisions like any others, to be read, objected to and lifted in the app."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chat.actions.accounts import restore_account
from chat.models import Account
from moderation.actions.decisions import check_ground, come_into_force
from moderation.actions.effects import EXCLUDING
from moderation.actions.ending import lift
from moderation.actions.log import record
from moderation.models import Decision, DecisionState, Ground


def decide_as_operator(subject: Account, kind: str, *, card: int | None, until: datetime | None = None) -> Decision:
    """A decision in force at once; `card` None is the law. Repeating one without an end gives the same one.

    Raises malformed (no such card); then nothing was done.
    """
    ground = Ground.LAW if card is None else Ground.CONDUCT
    check_ground(subject, ground, card)
    same = Decision.objects.select_related("subject", "room", "case").filter(
        subject=subject, kind=kind, ground=ground, card=card, until=None, by_operator=True
    )
    standing = same.filter(state=DecisionState.IN_FORCE).first() if until is None else None
    return come_into_force(standing or _made(subject, kind, ground, card, until))


def _made(subject: Account, kind: str, ground: str, card: int | None, until: datetime | None) -> Decision:
    now = timezone.now()
    with transaction.atomic():
        made = Decision.objects.create(
            network_id=subject.network_id,
            subject=subject,
            kind=kind,
            ground=ground,
            card=card,
            conduct_version=subject.network.conduct_version,
            by_operator=True,
            until=until,
            state=DecisionState.IN_FORCE,
            decided_at=now,
            in_force_at=now,
        )
        record(subject.network_id, None, "decision_made", subject=subject.id, detail=kind)
    return made


def restore_as_operator(subject: Account, reason: str) -> None:
    """Lifts whatever shuts the account out, whoever decided it; `reason` is one of LiftedFor."""
    found = Decision.objects.select_related("subject", "room", "case").filter(
        subject=subject, kind__in=EXCLUDING, state=DecisionState.IN_FORCE
    )
    shut_out = [decision for decision in found if decision.holds]
    for decision in shut_out:
        lift(decision, None, reason)
    if not shut_out:
        # It was shut out by hand, before every way of doing so left a decision.
        with transaction.atomic():
            record(subject.network_id, None, "account_restored", subject=subject.id)
        restore_account(subject)
