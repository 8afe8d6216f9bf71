"""What the API shows of cases, in a number of queries that does not grow with what is shown."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chat.models import Account, Device
from moderation.access import STAFF, visible_cases
from moderation.clocks import referral_clock
from moderation.models import Case, CaseState, CaseSubject, PublicReport, Referral
from moderation.paging import page
from moderation.turns import open_turn


@dataclass(frozen=True)
class CaseView:
    """A case as its opener and staff see it; what stands behind `staff` is for staff alone."""

    id: UUID
    room: UUID | None
    concern: str
    urgency: str
    state: str
    opened_at: datetime
    mine: bool
    claimed_by: UUID | None
    closed_at: datetime | None
    outcome: str | None
    staff: list[UUID] = field(default_factory=list)
    due_at: datetime | None = None
    moved_at: datetime | None = None
    answered: bool | None = None
    asked_at: datetime | None = None
    opened_by: UUID | None = None
    subjects: list[UUID] | None = None
    notes: UUID | None = None
    notes_gone: bool | None = None


@dataclass(frozen=True)
class CasesView:
    cases: list[CaseView]
    more: bool


def cases(device: Device, *, closed: bool, after: UUID | None = None) -> CasesView:
    """Own cases and, for staff, the queue, a page: open ones by urgency's clock, closed ones newest first."""
    every = visible_cases(device)
    found = every.select_related("claimed_by").prefetch_related("kept_from")
    if closed:
        part = page(found.filter(state=CaseState.CLOSED), "-closed_at", every, after)
    else:
        part = page(found.exclude(state=CaseState.CLOSED), "due_at", every, after)
    return CasesView(views(device, part.items), part.more)


def case(device: Device, found: Case) -> CaseView:
    return views(device, [found])[0]


def views(device: Device, found: list[Case]) -> list[CaseView]:
    staff = set(
        Account.objects.filter(network=device.account.network_id, role__in=STAFF, suspended_at=None).values_list(
            "id", flat=True
        )
    )
    subjects: dict[UUID, list[UUID]] = defaultdict(list)
    if device.account.is_staff:
        rows = CaseSubject.objects.filter(case__in=[item.id for item in found]).order_by("id")
        for case_id, account in rows.values_list("case", "account"):
            subjects[case_id].append(account)
    return [_view(device, item, staff, subjects[item.id]) for item in found]


def _view(device: Device, case: Case, staff: set[UUID], subjects: list[UUID]) -> CaseView:
    mine = case.opened_by_id == device.account_id
    turn = None if mine else open_turn(case.id, case.turn)
    has_holder = case.claimed_by_id in staff
    free = case.state != CaseState.CLOSED and not has_holder
    kept_from = {account.id for account in case.kept_from.all()}
    seen_by = staff - kept_from - {case.opened_by_id or case.id}
    return CaseView(
        id=case.id,
        room=case.room_id,
        concern=case.concern,
        urgency=case.urgency,
        state=CaseState.UNCLAIMED if free else case.state,
        opened_at=case.opened_at,
        mine=mine,
        claimed_by=case.claimed_by_id if has_holder else None,
        closed_at=case.closed_at,
        outcome=case.outcome or None,
        staff=sorted(seen_by),
        due_at=None if mine else case.due_at,
        moved_at=None if mine or free else case.moved_at,
        answered=None if mine or free else case.answered,
        asked_at=None if turn is None or free else turn.since,
        opened_by=None if mine else case.opened_by_id,
        subjects=None if mine else subjects,
        notes=None if mine else case.notes_id,
        notes_gone=None if mine else case.notes_gone,
    )


@dataclass(frozen=True)
class ReferralView:
    """`ready`: the case may be handed over. The accounts are null when they have gone. `due_at`: when a second moderator
    should have agreed, while it waits for one.
    """

    id: UUID
    proposed_by: UUID | None
    proposed_at: datetime
    consented: bool | None
    answered_at: datetime | None
    needs_second: bool
    agreed_by: UUID | None
    agreed_at: datetime | None
    refused_by: UUID | None
    refused_at: datetime | None
    ready: bool
    handed_over_at: datetime | None
    due_at: datetime | None


def referrals(case: Case) -> list[ReferralView]:
    """In the order in which they were proposed."""
    return [
        referral(item)
        for item in Referral.objects.filter(case=case).select_related("case").order_by("proposed_at", "id")
    ]


def referral(item: Referral) -> ReferralView:
    clock = referral_clock(item)
    return ReferralView(
        id=item.id,
        proposed_by=item.proposed_by_id,
        proposed_at=item.proposed_at,
        consented=item.consented,
        answered_at=item.answered_at,
        needs_second=item.needs_second,
        agreed_by=item.agreed_by_id,
        agreed_at=item.agreed_at,
        refused_by=item.refused_by_id,
        refused_at=item.refused_at,
        ready=item.ready,
        handed_over_at=item.handed_over_at,
        due_at=None if clock is None else clock.due,
    )


def report_is_public(network: UUID) -> bool:
    """Whether everybody may read its transparency report."""
    return PublicReport.objects.filter(network=network).exists()
