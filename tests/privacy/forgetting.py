"""Cases that are over, and when they may be forgotten."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from moderation.actions.attesting import attest_messages
from moderation.actions.cases import Asking, claim_case, close_case, open_case
from moderation.actions.decisions import Deciding, decide
from moderation.models import APPEAL_DAYS, Case, Decision
from tests.factories import Person, device_of
from tests.http.api import post
from tests.moderation.conftest import Harbour, stamped

DAY = timedelta(days=1)


def later() -> datetime:
    """When what happens now has been over for long enough."""
    return timezone.now() + APPEAL_DAYS * DAY + timedelta(minutes=1)


def ended(harbour: Harbour, *kept_from: Person, by: Person | None = None) -> Case:
    """A case about the infiltrator, whom a moderator warned for it, and that is closed."""
    asking = Asking(uuid4(), uuid4(), "threats", "today", frozenset(one.account for one in kept_from))
    case = open_case(device_of(by or harbour.member), asking)
    attest_messages(case, [stamped(harbour.infiltrator.account)])
    moderator = harbour.account(harbour.moderator)
    claim_case(case, moderator)
    post(harbour.moderator, f"/cases/{case.id}/notes", {"room": str(uuid4())})
    warn(harbour, harbour.infiltrator, case)
    case.refresh_from_db()
    return close_case(case, moderator, "helped")


def warn(harbour: Harbour, subject: Person, case: Case, kind: str = "warn") -> Decision:
    until = timezone.now() + DAY if kind == "limit_reports" else None
    deciding = Deciding(uuid4(), kind, "conduct", 1, until, "other")
    return decide(harbour.account(harbour.moderator), harbour.account(subject), deciding, room=None, case=case)


def reopened(case: Case) -> Case:
    Case.objects.filter(id=case.id).update(state="claimed", closed_at=None)
    return Case.objects.get(id=case.id)
