"""The law that a decision rests on: named, read by whom it concerns and by staff, and in no report and no log."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chat.protocol.errors import Code
from moderation.models import AuditEntry, Decision
from tests.http.api import Reply, get, post
from tests.moderation.conftest import Harbour

LAW = "Straatwet, artikel 273f § 2 ✓"


def warn(harbour: Harbour, **changed: Any) -> Reply:
    about = str(harbour.infiltrator.account)
    body = {"id": str(uuid4()), "subject": about, "kind": "warn", "ground": "law", "law": LAW, "finding": "lured"}
    return post(harbour.moderator, "/decisions", body | changed)


def test_whoever_it_concerns_reads_the_law_and_so_do_staff(harbour: Harbour) -> None:
    made = warn(harbour)
    assert (made.status, made.body["law"]) == (200, LAW)
    [told] = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert (told["ground"], told["law"], told["card"]) == ("law", LAW, None)
    [seen] = get(harbour.colleague, "/decisions").body["decisions"]
    assert seen["law"] == LAW
    assert get(harbour.member, "/decisions").code == Code.FORBIDDEN
    assert get(harbour.member, "/me/decisions").body["statements"] == []


def test_with_a_card_or_from_before_it_was_asked_there_is_none(harbour: Harbour) -> None:
    made = warn(harbour)
    Decision.objects.filter(id=made.body["id"]).update(law="")
    assert post(harbour.moderator, "/decisions", {**card(harbour), "law": LAW}).code == Code.MALFORMED
    assert post(harbour.moderator, "/decisions", card(harbour)).body["law"] is None
    told = get(harbour.infiltrator, "/me/decisions").body["statements"]
    assert [one["law"] for one in told] == [None, None]


def card(harbour: Harbour) -> dict[str, Any]:
    about = str(harbour.infiltrator.account)
    return {"id": str(uuid4()), "subject": about, "kind": "warn", "ground": "conduct", "card": 1, "finding": "other"}


def test_the_same_decision_with_another_law_is_another_one(harbour: Harbour) -> None:
    same = str(uuid4())
    assert warn(harbour, id=same).body == warn(harbour, id=same).body
    assert warn(harbour, id=same, law="Another law").code == Code.ROOM_EXISTS
    assert Decision.objects.get().law == LAW


@pytest.mark.parametrize("law", [None, "", "x", " A law", "x" * 121, "A law\nand words", "A\u0000law", 7, ["A law"]])
def test_it_is_one_short_line(law: Any, harbour: Harbour) -> None:
    assert warn(harbour, law=law).code == Code.MALFORMED
    assert not Decision.objects.exists()


def test_it_is_counted_in_the_report_and_named_neither_there_nor_in_the_log(harbour: Harbour) -> None:
    for number in range(5):
        assert warn(harbour, law=f"{LAW} {number}").status == 200
    Decision.objects.update(in_force_at=datetime(2026, 2, 3, tzinfo=UTC))
    for form in ("json", "csv", "template"):
        told = get(harbour.member, f"/transparency?start=2026-01-01&form={form}").body
        text = told.decode() if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False)
        assert "Straatwet" not in text
        assert "law" in text
    assert AuditEntry.objects.count() == 5
    for kept in AuditEntry.objects.values():
        assert "Straatwet" not in str(kept)
