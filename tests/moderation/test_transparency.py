"""Transparency reports: true as far as they go, and pointing at nobody."""

import csv
import io
import time
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions.cases import claim_case, close_case
from moderation.actions.decisions import Deciding, decide
from moderation.actions.ending import appeal, close_appeal
from moderation.actions.exports import Export, seal_export
from moderation.models import Appeal, AuditEntry, Case, Decision, Referral
from moderation.models.case import Concern
from moderation.suppression import published
from moderation.transparency import AnswerFacts, CaseFacts, DecisionFacts, Followed, Passed, as_csv, report
from moderation.transparency_template import CATEGORIES, as_template
from tests.http.api import get
from tests.moderation.conftest import Harbour, settle

START, END = date(2026, 1, 1), date(2026, 3, 31)
QUARTER = "/transparency?start=2026-01-01"
WARNINGS = [DecisionFacts("warn", "conduct", True)] * 20


@pytest.fixture
def harbour(either_database: None) -> Harbour:
    return settle()


def test_small_numbers_are_hidden_and_the_rest_is_rounded() -> None:
    assert [published(count) for count in (0, 1, 4, 5, 7, 8, 12, 13)] == [0, "<5", "<5", 5, 5, 10, 10, 15]


CONCERNS, URGENCIES = ["danger", "threats", "other"], ["now", "today"]


@given(st.lists(st.tuples(st.sampled_from(CONCERNS), st.sampled_from(URGENCIES)), max_size=14))
def test_no_small_number_can_be_worked_out_from_all_that_is_published(pairs: list[tuple[str, str]]) -> None:
    """For each hidden number at least two values fit everything that is published about the same cases."""
    cases = [CaseFacts(concern, urgency, "helped", None, None) for concern, urgency in pairs]
    shown = report("Harbour", START, END, cases, []).tables
    total, tables = shown["totals"]["cases"], [shown[name] for name in shown if name.startswith("cases_by_")]

    def guesses(table: dict[str, int | str]) -> list[dict[str, int]]:
        """Every way in which the table can have come about."""
        each = [[count for count in range(25) if published(count) == number] for number in table.values()]
        return [dict(zip(table, counts, strict=True)) for counts in product(*each)]

    for number, table in enumerate(tables):
        sums = [{sum(guess.values()) for guess in guesses(other)} for other in tables[:number] + tables[number + 1 :]]
        fits = [
            guess
            for guess in guesses(table)
            if published(sum(guess.values())) == total and all(sum(guess.values()) in found for found in sums)
        ]
        for code, told in table.items():
            assert told != "<5" or len({guess[code] for guess in fits}) >= 2


def test_a_table_that_would_tell_is_left_out() -> None:
    four_and_four = facts(4) + facts(4, concern="danger")
    found = report("Harbour", START, END, four_and_four, [])
    assert found.withheld == ["cases_by_concern"]
    assert found.tables["totals"]["cases"] == 10
    assert as_template(found, "kindred.example")["notices"]["by_category"] is None


def test_reasons_that_are_few_are_left_out_since_outcomes_would_tell_them() -> None:
    reasons = ("does_not_fit", "too_much", "new_facts", "had_part")
    answers = [AnswerFacts("overturned", reason, 5) for reason in reasons] + [AnswerFacts("upheld", "fits", 5)] * 6
    found = report("Harbour", START, END, [], WARNINGS, Followed(10, answers))
    assert found.tables["appeals_by_outcome"] == {"overturned": "<5", "upheld": 5}
    assert "appeals_by_reason" not in found.tables
    assert found.withheld == ["appeals_by_reason"]


def facts(count: int, **changed: object) -> list[CaseFacts]:
    values = {
        "concern": "threats",
        "urgency": "today",
        "outcome": "helped",
        "claim_minutes": 4.0,
        "close_minutes": 60.0,
    }
    return [CaseFacts(**(values | changed)) for _ in range(count)]  # type: ignore[arg-type]


def test_every_table_counts_what_it_says() -> None:
    cases = facts(10) + facts(3, concern="danger", urgency="now", outcome="", close_minutes=None)
    decisions = [DecisionFacts("warn", "conduct", True)] * 8 + [DecisionFacts("ban", "law", False)] * 5
    answers = [AnswerFacts("overturned", "too_much", 90)] * 5
    found = report("Harbour", START, END, cases, decisions, Followed(7, answers, ["heard"] * 8))
    numbers = {"appeals": 5, "appeals_answered": 5, "decisions": 15, "lifted": 10}
    assert found.tables == {
        "totals": {"cases": 15, "exports": 0, "handed_over": 0, **numbers},
        "cases_by_concern": {"danger": "<5", "threats": 10},
        "cases_by_urgency": {"now": "<5", "today": 10},
        "cases_by_outcome": {"helped": 10, "open": "<5"},
        "decisions_by_kind": {"ban": 5, "warn": 10},
        "decisions_by_ground": {"conduct": 10, "law": 5},
        "decisions_by_source": {"own_initiative": 5, "report": 10},
        "appeals_by_outcome": {"overturned": 5},
        "appeals_by_reason": {"too_much": 5},
        "lifted_by_reason": {"heard": 10},
        "steps": {},
    }
    assert found.medians == {"minutes_to_claim": 4, "minutes_to_close": 60, "minutes_to_answer_appeal": 90}
    few = report("Harbour", START, END, facts(4), decisions, Followed(4, answers[:4]))
    assert set(few.medians.values()) == {None}


def test_what_left_the_network_is_counted_and_small_numbers_of_it_are_not_told() -> None:
    found = report("Harbour", START, END, [], [], passed=Passed(handed_over=1, exports=12))
    assert (found.tables["totals"]["handed_over"], found.tables["totals"]["exports"]) == ("<5", 10)
    beyond = as_template(found, "kindred.example")["not_in_the_template"]
    assert beyond == {"cases_handed_over_outside": "<5", "evidence_exports": 10}


def test_every_concern_has_a_row_of_its_own_in_the_template() -> None:
    """Two in one row would be summed, and with the table of concerns tell a small number."""
    assert sorted(CATEGORIES) == sorted(Concern.values)
    assert len(set(CATEGORIES.values())) == len(CATEGORIES)
    cases = facts(12) + facts(8, concern="harassment") + facts(3, concern="danger") + facts(2, concern="other")
    rows = as_template(report("Harbour", START, END, cases, []), "kindred.example")["notices"]["by_category"]
    assert [(row["category"], row["subcategory"], row["concern"], row["number"]) for row in rows] == [
        ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_OTHER", "danger", "<5"),
        ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_BULLYING_INTIMIDATION", "threats", 10),
        ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_HARASSMENT", "harassment", 10),
        ("STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", None, "other", "<5"),
    ]


def test_csv_and_template_say_the_same() -> None:
    found = report("Harbour", START, END, facts(10), [])
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert ["totals", "cases", "10"] in rows
    assert ["medians", "minutes_to_claim", "4"] in rows
    template = as_template(found, "kindred.example")
    assert template["notices"]["number_of_notices"] == 10
    assert template["identification"]["reporting_period_end"] == "2026-03-31"


def test_a_member_reads_what_happened_in_the_network_and_no_other(harbour: Harbour) -> None:
    moderator, colleague = harbour.account(harbour.moderator), harbour.account(harbour.colleague)
    at = datetime(2026, 2, 3, 12, tzinfo=UTC)
    for _ in range(5):
        case = claim_case(harbour.case(concern="recruitment"), moderator)
        deciding = Deciding(uuid4(), "warn", "conduct", 1, None, "other")
        made = decide(moderator, harbour.account(harbour.infiltrator), deciding, room=None, case=case)
        case = close_case(case, moderator, "acted")
        close_appeal(appeal(made), colleague, "upheld", "fits")
        Appeal.objects.filter(decision=made).update(made_at=at, closed_at=at + timedelta(hours=3))
        Decision.objects.filter(id=made.id).update(in_force_at=at)
        Referral.objects.create(case=case, proposed_by=moderator, needs_second=False, handed_over_at=at)
        Referral.objects.create(case=case, proposed_by=moderator, needs_second=False)
        # The first one failed on the moderator's device.
        for _ in range(2):
            seal_export(case, moderator, Export(bytes(32), time.time_ns() // 1_000_000))
    AuditEntry.objects.filter(action="evidence_exported").update(at=at.timestamp() * 1000)
    Case.objects.update(opened_at=at, first_claimed_at=at + timedelta(minutes=7), closed_at=at + timedelta(hours=2))
    body = get(harbour.member, QUARTER).body
    assert body["tables"]["cases_by_concern"] == {"recruitment": 5}
    assert body["tables"]["decisions_by_source"] == {"report": 5}
    assert body["tables"]["appeals_by_outcome"] == {"upheld": 5}
    assert body["tables"]["appeals_by_reason"] == {"fits": 5}
    assert body["medians"] == {"minutes_to_claim": 7, "minutes_to_close": 120, "minutes_to_answer_appeal": 180}
    assert (body["tables"]["totals"]["handed_over"], body["tables"]["totals"]["exports"]) == (5, 5)
    assert body["withheld"] == []
    later = get(harbour.member, "/transparency?start=2026-04-01").body["tables"]["totals"]
    assert len(later) == 7
    assert set(later.values()) == {0}
    reply = get(harbour.member, f"{QUARTER}&form=csv")
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert b"cases_by_concern,recruitment,5" in reply.body
    assert get(harbour.member, f"{QUARTER}&form=template").body["restrictions"] == {
        "by_type": [{"attribute": None, "value": None, "decision": "warn", "number": 5}],
        "by_ground": [{"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "ground": "conduct", "number": 5}],
    }
