"""What a decision's subject is told of what it rests on and of their objection, as the API shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from moderation.models import Appeal, Decision, Facts, Said


@dataclass(frozen=True)
class AppealView:
    made_at: datetime
    outcome: str | None
    reason: str | None
    closed_at: datetime | None


@dataclass(frozen=True)
class DaysView:
    first: date
    last: date


@dataclass(frozen=True)
class FactsView:
    messages: int | None
    proven: bool | None
    days: DaysView | None
    rooms: list[UUID]


@dataclass(frozen=True)
class SaidView:
    facts: str
    why: str


def facts_of(item: Decision) -> FactsView | None:
    found: Facts | None = getattr(item, "facts", None)
    if found is None:
        return None
    told = item.opened or found
    days = None
    if told.first_day is not None and told.last_day is not None:
        days = DaysView(told.first_day, told.last_day)
    return FactsView(told.messages, told.proven, days, sorted(room.id for room in found.rooms.all()))


def said_of(item: Decision) -> SaidView | None:
    found: Said | None = getattr(item, "said", None)
    return None if found is None else SaidView(found.facts, found.why)


def appeal_of(item: Decision) -> AppealView | None:
    found: Appeal | None = getattr(item, "appeal", None)
    if found is None:
        return None
    made_at, closed_at = item.appeal_times(found)
    return AppealView(made_at, found.outcome or None, found.reason or None, closed_at)
