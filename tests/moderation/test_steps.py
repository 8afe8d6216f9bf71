"""Nobody makes the audit log grow without end: every way to write into it is limited, device by device."""

from typing import Any
from uuid import UUID

import pytest

from chat.api.fields import b64encode
from chat.api.rates import rates
from chat.api.steps import STEPS
from chat.protocol.errors import Code
from moderation.models import AuditEntry
from tests import factories
from tests.factories import CUT
from tests.http.api import ask, post
from tests.moderation.conftest import Harbour

SOME = UUID(int=7)
HASH = b64encode(bytes(32))
MESSAGE = {"sender": str(SOME), "room": str(SOME), "seq": 1, "time": 1, "tag": HASH, "frank": HASH, "key": 1}
WAYS: list[tuple[str, str, Any]] = [
    ("POST", f"/cases/{SOME}/attest", {"messages": [MESSAGE]}),
    ("POST", f"/cases/{SOME}/withdraw", None),
    ("POST", f"/cases/{SOME}/claim", None),
    ("POST", f"/cases/{SOME}/hand-over", {"to": None}),
    ("POST", f"/cases/{SOME}/waiting", {"waiting": True}),
    ("POST", f"/cases/{SOME}/close", {"outcome": "helped"}),
    ("POST", f"/cases/{SOME}/exports", {"manifest": HASH, "made_at": 1}),
    ("POST", f"/cases/{SOME}/referrals/{SOME}/consent", {"consent": True}),
    ("POST", f"/cases/{SOME}/referrals/{SOME}/agree", None),
    (
        "POST",
        "/decisions",
        {"id": str(SOME), "subject": str(SOME), "kind": "ban", "ground": "law", "law": "A law", "finding": "other"},
    ),
    ("POST", f"/decisions/{SOME}/agree", None),
    ("POST", f"/decisions/{SOME}/refuse", None),
    ("POST", f"/decisions/{SOME}/lift", {"reason": "heard"}),
    ("POST", f"/decisions/{SOME}/appeal", None),
    ("POST", f"/decisions/{SOME}/close-appeal", {"outcome": "upheld", "reason": "fits"}),
    ("POST", f"/accounts/{SOME}/revoke-branch", {"include_root": True, "card": None, **CUT}),
    ("PUT", f"/moderators/{SOME}/rights", {"denied": []}),
    ("PUT", "/moderation/rules", {"second_for": []}),
    ("PUT", "/transparency/page", {"published": True}),
    ("PUT", "/network/contacts", {"contacts": []}),
    ("POST", "/invites", {"secret_hash": HASH, "role": "member", "uses": 1, "expires_in_ms": 60_000}),
    ("POST", f"/invites/{SOME}/revoke", None),
    ("POST", f"/rooms/{SOME}/title", {"title": "Garden"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WAYS, ids=lambda part: part if isinstance(part, str) else "")
def test_each_way_to_write_into_the_log_is_limited(method: str, path: str, body: Any, harbour: Harbour) -> None:
    everyone = (harbour.member, harbour.infiltrator, harbour.moderator, harbour.coordinator)
    for person in everyone:
        rates.take(STEPS, [(str(factories.device_of(person).pk), 1.0)], STEPS.burst)
        assert ask(person, method, path, body).code == Code.RATE_LIMITED
    assert not AuditEntry.objects.exists()


def test_who_turns_a_case_to_and_fro_comes_to_an_end_and_stands_in_nobodys_way(harbour: Harbour) -> None:
    mine, other = harbour.case(), harbour.case()
    post(harbour.moderator, f"/cases/{mine.id}/claim")
    path = f"/cases/{mine.id}/waiting"
    codes = [post(harbour.moderator, path, {"waiting": turn % 2 == 0}).status for turn in range(110)]
    assert codes[:99] == [200] * 99
    assert 429 in codes[99:102]
    assert AuditEntry.objects.filter(case=mine.id).count() <= STEPS.burst + 5
    assert post(harbour.colleague, f"/cases/{other.id}/claim").status == 200
