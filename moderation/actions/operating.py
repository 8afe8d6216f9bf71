"""What the operator does by commands: decisions like any others, to be read, objected to and lifted in the app, and roles."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chat.actions.accounts import restore_account
from chat.actions.appointing import set_role
from chat.models import Account
from moderation.access import STAFF
from moderation.actions.completing import complete
from moderation.actions.decisions import check_ground
from moderation.actions.effects import EXCLUDING
from moderation.actions.ending import lift
from moderation.actions.keeping import keep_from
from moderation.actions.log import record
from moderation.models import Case, Decision, DecisionState, Ground, Kind, Said, weight


@dataclass(frozen=True)
class Reasons:
    """Why the operator decides so, as whom it concerns reads it: the number of a `card` or without one a `law`, why it falls
    under that and what happened, in words, and whether somebody told them (`on_notice`).
    """

    card: int | None
    law: str | None
    why: str
    facts: str
    on_notice: bool = False


def decide_as_operator(subject: Account, kind: str, reasons: Reasons, *, until: datetime | None = None) -> Decision:
    """A decision in force at once. Repeating one without an end, for the same reasons, does the same one anew.

    Raises malformed (no such card); then nothing was done.
    """
    ground = Ground.LAW if reasons.card is None else Ground.CONDUCT
    check_ground(subject, ground, reasons.card, reasons.law)
    same = Decision.objects.select_related("subject", "room", "case").filter(
        subject=subject,
        kind=kind,
        ground=ground,
        card=reasons.card,
        law=reasons.law or "",
        on_notice=reasons.on_notice,
        said__facts=reasons.facts,
        said__why=reasons.why,
        until=None,
        by_operator=True,
    )
    standing = same.filter(state=DecisionState.IN_FORCE).first() if until is None else None
    if standing is not None:
        Decision.objects.filter(id=standing.id, state=DecisionState.IN_FORCE).update(unfinished=True)
    return complete(standing or _made(subject, kind, ground, reasons, until))


def _made(subject: Account, kind: str, ground: str, reasons: Reasons, until: datetime | None) -> Decision:
    now = timezone.now()
    with transaction.atomic():
        made = Decision.objects.create(
            network_id=subject.network_id,
            subject=subject,
            kind=kind,
            ground=ground,
            card=reasons.card,
            law=reasons.law or "",
            conduct_version=subject.network.conduct_version,
            by_operator=True,
            on_notice=reasons.on_notice,
            until=until,
            weighs_as_ban=weight(kind, subject.suspended_at, until) == Kind.BAN,
            state=DecisionState.IN_FORCE,
            decided_at=now,
            in_force_at=now,
            unfinished=True,
        )
        Said.objects.create(decision=made, subject=subject, facts=reasons.facts, why=reasons.why)
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
        restore_account(subject, lambda: record(subject.network_id, None, "account_restored", subject=subject.id))


def set_role_as_operator(account: Account, role: str) -> None:
    """Whoever becomes staff reads no case in which messages of theirs were shown: those stay kept from them."""
    if role in STAFF and not account.is_staff:
        with transaction.atomic():
            about = Case.objects.filter(network=account.network_id, subjects__account=account)
            keep_from(account, about.exclude(opened_by=account))
    set_role(account, role)
