"""Why what happened falls under a card or a law: asked of everybody who decides, read by whom it concerns."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chat.models import Conduct
from chat.protocol.errors import Code
from moderation.models import AuditEntry, Decision, Finding
from tests.http.api import Reply, get, post
from tests.moderation.conftest import Harbour

ANYWHERE = sorted({*Finding.values} - {"false_reports"})


def warn(harbour: Harbour, **changed: Any) -> Reply:
    about = str(harbour.infiltrator.account)
    ground = {"ground": "conduct", "card": 4, "finding": "lured"}
    return post(
        harbour.moderator, "/decisions", {"id": str(uuid4()), "subject": about, "kind": "warn", **ground} | changed
    )


@pytest.mark.parametrize("finding", ANYWHERE)
def test_whoever_it_concerns_reads_it_and_so_do_staff(finding: str, harbour: Harbour) -> None:
    assert warn(harbour, finding=finding).body["finding"] == finding
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert (told["finding"], told["said"], told["branch_fact"]) == (finding, None, None)
    (seen,) = get(harbour.colleague, "/decisions").body["decisions"]
    assert seen["finding"] == finding
    assert get(harbour.member, "/decisions").code == Code.FORBIDDEN
    assert get(harbour.member, "/me/decisions").body["statements"] == []


def test_the_first_cards_carry_what_a_breach_of_them_is_and_others_need_not(harbour: Harbour) -> None:
    cards = get(harbour.moderator, "/me").body["conduct"]["cards"]
    assert {card["finding"] for card in cards} == {"hurtful", "told_on", "lured", None}
    assert {card["finding"] for card in cards} - {None} <= set(ANYWHERE)
    Conduct.objects.update(cards=[{"title": "Sé amable", "text": "Habla como quieres que te hablen."}])
    (own,) = get(harbour.moderator, "/me").body["conduct"]["cards"]
    assert own == {"title": "Sé amable", "text": "Habla como quieres que te hablen.", "finding": None}


def test_nothing_is_decided_without_it(harbour: Harbour) -> None:
    body = {
        "id": str(uuid4()),
        "subject": str(harbour.infiltrator.account),
        "kind": "warn",
        "ground": "conduct",
        "card": 4,
    }
    assert post(harbour.moderator, "/decisions", body).code == Code.MALFORMED
    law = {key: body[key] for key in ("id", "subject", "kind")} | {"ground": "law", "law": "A law"}
    assert post(harbour.moderator, "/decisions", law).code == Code.MALFORMED
    assert not Decision.objects.exists()


def test_that_somebody_asked_to_hurt_is_said_of_a_pause_from_asking_alone(harbour: Harbour) -> None:
    until = int(datetime.now(UTC).timestamp() * 1000) + 3_600_000
    assert warn(harbour, finding="false_reports").code == Code.MALFORMED
    assert warn(harbour, kind="suspend", until=until, finding="false_reports").code == Code.MALFORMED
    assert warn(harbour, kind="limit_reports", until=until, finding="false_reports").status == 200


def test_the_same_decision_with_another_finding_is_another_one(harbour: Harbour) -> None:
    same = str(uuid4())
    assert warn(harbour, id=same).body == warn(harbour, id=same).body
    assert warn(harbour, id=same, finding="other").code == Code.ROOM_EXISTS
    assert Decision.objects.get().finding == "lured"


def test_a_decision_from_before_it_was_asked_has_none(harbour: Harbour) -> None:
    warn(harbour)
    Decision.objects.update(finding="")
    (told,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert told["finding"] is None


def test_it_stands_in_no_log_and_no_report(harbour: Harbour) -> None:
    for _ in range(5):
        assert warn(harbour, finding="asked_private").status == 200
    Decision.objects.update(in_force_at=datetime(2026, 2, 3, tzinfo=UTC))
    for form in ("json", "csv", "template"):
        told = get(harbour.member, f"/transparency?start=2026-01-01&form={form}").body
        assert "asked_private" not in (told.decode() if isinstance(told, bytes) else json.dumps(told))
    assert not [entry for entry in AuditEntry.objects.values() if "asked_private" in str(entry)]
