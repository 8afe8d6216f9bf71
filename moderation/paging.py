"""Long lists, a part at a time."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from chat.protocol.errors import Code, ProtocolError

PAGE = 500
T = TypeVar("T", bound=Model)


@dataclass(frozen=True)
class Page(Generic[T]):
    """`more`: there is something behind the last of them."""

    items: list[T]
    more: bool


def page(listed: QuerySet[T], by: str, every: QuerySet[T], after: UUID | None) -> Page[T]:
    """Up to `PAGE` of `listed` in the order of `by` ("-decided_at" for the newest first), then of their ids.

    `after` is the last one of the page before: one of `every`, for it may have left the list meanwhile. Raises not_found.
    """
    if after is not None:
        listed = listed.filter(_behind(by, every, after))
    items = list(listed.order_by(by, "id")[: PAGE + 1])
    return Page(items[:PAGE], len(items) > PAGE)


def _behind(by: str, every: QuerySet[T], after: UUID) -> Q:
    name = by.lstrip("-")
    last = every.filter(id=after).values_list(name, flat=True).first()
    if last is None:
        raise ProtocolError(Code.NOT_FOUND)
    way = "lt" if by.startswith("-") else "gt"
    return Q(**{f"{name}__{way}": last}) | Q(**{name: last, "id__gt": after})
