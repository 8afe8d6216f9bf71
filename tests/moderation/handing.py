"""A case that is to be handed over to somebody outside."""

from uuid import uuid4

import pytest

from moderation.models import AuditEntry
from tests.factories import Person
from tests.http.api import Reply, post
from tests.moderation.conftest import Harbour
from tests.moderation.sealing import to_seal


@pytest.fixture
def case(harbour: Harbour) -> str:
    """The member's, which the moderator has."""
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    return path


def propose(by: Person, case: str, referral: str | None = None) -> Reply:
    return post(by, f"{case}/referrals", {"id": referral or str(uuid4())})


def hand_over(by: Person, case: str, referral: str) -> Reply:
    return post(by, f"{case}/exports", to_seal(referral=referral))


def taken() -> list[str]:
    return list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))[2:]


def agreed_by_all(harbour: Harbour, case: str) -> str:
    """A hand-over to which everybody has agreed."""
    referral = propose(harbour.moderator, case).body["id"]
    post(harbour.colleague, f"{case}/referrals/{referral}/agree")
    consent = post(harbour.member, f"{case}/referrals/{referral}/consent", {"consent": True})
    assert consent.body["ready"] is True
    return str(referral)
