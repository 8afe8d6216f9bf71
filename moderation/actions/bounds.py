"""How many cases an account may open: what bounds the rooms of cases that devices are in, since nothing else does."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.models import Case, CaseState, Concern, Urgency

MAX_OPEN = 10
"""Cases that one account may have open when it asks for another one that can wait."""
MAX_PRESSING = 50
"""The same of those that cannot: more than anybody asks who is in danger, so that nobody fills the queue."""
MAX_A_DAY = 30
"""Cases that can wait and that one account may open within 24 hours, whatever became of them."""
MAX_PRESSING_A_DAY = 100
"""The same of those that cannot wait: one in a quarter of an hour, all day long."""
GRAVE = (Concern.DANGER, Concern.SELF_HARM)
"""Somebody's life may depend on it: no limit of reports shuts them out."""

_DAY = timedelta(days=1)
_PRESSING = Q(concern__in=GRAVE) | Q(urgency=Urgency.NOW)


def is_pressing(concern: str, urgency: str) -> bool:
    """Somebody may be in danger now: how many other cases they have, or opened, does not count."""
    return concern in GRAVE or urgency == Urgency.NOW


def refuse_too_many(account: Account, *, pressing: bool) -> None:
    """Raises too_many; with `retry_after_ms` where it is for how many were opened lately, and passes by itself."""
    mine = Case.objects.filter(opened_by=account)
    unclosed = mine.exclude(state=CaseState.CLOSED)
    counted, most = (unclosed.filter(_PRESSING), MAX_PRESSING) if pressing else (unclosed, MAX_OPEN)
    if counted.count() >= most:
        raise ProtocolError(Code.TOO_MANY)
    now = timezone.now()
    alike, most = (mine.filter(_PRESSING), MAX_PRESSING_A_DAY) if pressing else (mine.exclude(_PRESSING), MAX_A_DAY)
    oldest = _nth_newest(alike.filter(opened_at__gt=now - _DAY), most)
    if oldest is not None:
        wait = min(oldest + _DAY - now, _DAY)
        raise ProtocolError(Code.TOO_MANY, retry_after_ms=int(wait / timedelta(milliseconds=1)) + 1)


def _nth_newest(cases: QuerySet[Case], count: int) -> datetime | None:
    return cases.order_by("-opened_at").values_list("opened_at", flat=True)[count - 1 : count].first()
