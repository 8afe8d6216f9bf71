"""What the API shows of decisions: to staff as they are, to whom they concern as statements of reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from chat.models import Account, Conduct, Device
from moderation.access import STAFF, agreeing, answering, lifting, readers, visible_decisions
from moderation.clocks import decision_clock
from moderation.models import APPEAL_DAYS, Decision, DecisionState
from moderation.paging import page
from moderation.told import AppealView, FactsView, SaidView, appeal_of, facts_of, said_of

MOST = 500


@dataclass(frozen=True)
class DecisionView:
    id: UUID
    case: UUID | None
    mine_asked: bool
    about_asker: bool
    may_lift: bool
    may_agree: bool
    may_answer: bool
    subject: UUID | None
    kind: str
    ground: str
    card: int | None
    law: str | None
    finding: str | None
    conduct_version: int
    branch: bool
    branch_fact: str | None
    by_operator: bool
    said: SaidView | None
    facts: FactsView | None
    room: UUID | None
    until: datetime | None
    state: str
    lifted_for: str | None
    decided_by: UUID | None
    agreed_by: UUID | None
    decided_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    appeal: AppealView | None
    talk: UUID | None
    talk_with: list[UUID]


@dataclass(frozen=True)
class CardView:
    version: int
    number: int
    title: str
    text: str


@dataclass(frozen=True)
class StatementView:
    """The fields of DSA article 17(3): what and how long (a), on what it rests (b, d, e), how it was found (c), redress (f).

    `talk_with`: the staff who may be in its talk; empty without one.
    """

    decision: UUID
    kind: str
    scope: str
    room: UUID | None
    state: str
    lifted_for: str | None
    since: datetime
    until: datetime | None
    based_on: str
    automated: bool
    ground: str
    card: CardView | None
    law: str | None
    finding: str | None
    branch: bool
    branch_fact: str | None
    by_operator: bool
    said: SaidView | None
    facts: FactsView | None
    appeal_until: datetime
    somebody_else: bool
    appeal: AppealView | None
    talk: UUID | None
    talk_with: list[UUID]


@dataclass(frozen=True)
class DecisionsView:
    decisions: list[DecisionView]
    more: bool


def decisions(
    device: Device, *, subject: UUID | None = None, waiting: bool = False, after: UUID | None = None
) -> DecisionsView:
    """A page, newest first, and last in a quarter what came of cases that are forgotten, in no order; `waiting` are proposals
    that need a second moderator and appeals that nobody has closed.
    """
    every = visible_decisions(device)
    found = _whole(every)
    if subject is not None:
        found = found.filter(subject=subject)
    if waiting:
        found = found.filter(Q(state=DecisionState.PROPOSED) | Q(appeal__outcome=""))
    view = _viewing(device)
    part = page(found, "-decided_at", every, after)
    return DecisionsView([view(item) for item in part.items], part.more)


def decision(device: Device, item: Decision) -> DecisionView:
    return _viewing(device)(item)


def _viewing(device: Device) -> Callable[[Decision], DecisionView]:
    """How the caller sees any number of decisions: what they may do is looked up once."""
    may_lift = lifting(device.account)
    may_agree = agreeing(device.account)
    answers = answering(device.account.network_id)
    staff = set(_staff(device.account.network_id))

    def view(item: Decision) -> DecisionView:
        appeal = appeal_of(item)
        waits = appeal is not None and appeal.outcome is None
        clock = decision_clock(item)
        decided = item.as_decided
        return DecisionView(
            id=item.id,
            case=item.case_id,
            # Of nobody else: who asked is in no decision.
            mine_asked=item.asked_by_id == device.account_id,
            about_asker=item.about_asker,
            may_lift=may_lift(item),
            may_agree=item.state == DecisionState.PROPOSED and may_agree(item),
            may_answer=waits and device.account_id in answers(item),
            subject=item.subject_id,
            kind=decided.kind,
            ground=item.ground,
            card=item.card,
            law=item.law or None,
            finding=decided.finding or None,
            conduct_version=item.conduct_version,
            branch=item.branch,
            branch_fact=item.branch_fact or None,
            by_operator=item.by_operator,
            said=said_of(item),
            facts=facts_of(item),
            room=item.room_id,
            until=decided.until,
            state=_state(item),
            lifted_for=item.lifted_for or None,
            decided_by=item.decided_by_id,
            agreed_by=item.agreed_by_id,
            decided_at=decided.decided_at,
            in_force_at=decided.in_force_at,
            ended_at=decided.ended_at,
            due_at=None if clock is None else clock.due,
            appeal=appeal,
            talk=item.talk_id,
            talk_with=_talk_with(item, staff),
        )

    return view


def statements(device: Device) -> list[StatementView]:
    """What was decided about the caller, newest first, as far as it came into force."""
    found: QuerySet[Decision] = Decision.objects.filter(subject=device.account_id, in_force_at__isnull=False)
    rows = _whole(found).order_by("-in_force_at", "id")[:MOST]
    items = sorted(rows, key=_since, reverse=True)
    versions = {item.conduct_version for item in items if item.card is not None}
    cards = {
        conduct.version: conduct.cards
        for conduct in Conduct.objects.filter(network=device.account.network_id, version__in=versions)
    }
    staff = set(readers(device.account).values_list("id", flat=True))
    return [_statement(item, cards, staff) for item in items]


def statement(device: Device, item: Decision) -> StatementView:
    return next(found for found in statements(device) if found.decision == item.id)


def _statement(item: Decision, cards: dict[int, list[dict[str, str]]], staff: set[UUID]) -> StatementView:
    """`staff`: those in good standing but its subject."""
    decided, card = item.as_decided, None
    if item.card is not None:
        words = cards[item.conduct_version][item.card - 1]
        card = CardView(item.conduct_version, item.card, words["title"], words["text"])
    return StatementView(
        decision=item.id,
        kind=decided.kind,
        scope="network" if item.room_id is None else "room",
        room=item.room_id,
        state=_state(item),
        lifted_for=item.lifted_for or None,
        since=_since(item),
        until=decided.until,
        based_on="report" if item.on_report else "own_initiative",
        automated=False,
        ground=item.ground,
        card=card,
        law=item.law or None,
        finding=decided.finding or None,
        branch=item.branch,
        branch_fact=item.branch_fact or None,
        by_operator=item.by_operator,
        said=said_of(item),
        facts=facts_of(item),
        appeal_until=_since(item) + timedelta(days=APPEAL_DAYS),
        # Nothing else of who has a part in it: who asked may be one of them.
        somebody_else=bool(staff - {item.decided_by_id, item.agreed_by_id}),
        appeal=appeal_of(item),
        talk=item.talk_id,
        # Without a talk, who is missing among the staff would tell who asked.
        talk_with=[] if item.talk_id is None else _talk_with(item, staff),
    )


def _talk_with(item: Decision, staff: set[UUID]) -> list[UUID]:
    """Those of `staff` who may talk with its subject about it: from whom it is not kept, and who did not ask themselves."""
    kept = {account.id for account in item.kept_from.all()}
    if item.case is not None:
        kept |= {account.id for account in item.case.kept_from.all()}
    return sorted(account for account in staff - kept if account not in (item.subject_id, item.asked_by_id))


def _staff(network: UUID) -> list[UUID]:
    """In good standing."""
    found = Account.objects.filter(network=network, role__in=STAFF, suspended_at=None)
    return list(found.values_list("id", flat=True))


def _whole(found: QuerySet[Decision]) -> QuerySet[Decision]:
    """With what is shown beside each, in a number of queries that does not grow."""
    return found.select_related("appeal", "facts", "said", "case", "subject").prefetch_related(
        "facts__rooms", "kept_from", "case__kept_from"
    )


def _since(item: Decision) -> datetime:
    decided = item.as_decided
    return decided.in_force_at or decided.decided_at


def _state(item: Decision) -> str:
    return "expired" if item.state == DecisionState.IN_FORCE and not item.holds else item.state
