"""Of which times a network is told anything, and that neither several of them nor asking again tells of a single act."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chat.api.fields import b64encode
from chat.models import Account
from chat.protocol.errors import Code
from moderation.actions.cases import Asking, claim_case, close_case, open_case
from moderation.actions.log import record
from moderation.audit import CHECKPOINT, read_checkpoint
from moderation.keys import signer
from moderation.models import AuditEntry, Case, StoredReport
from moderation.quarters import MOST, SETTLING, quarter_from, quarters_over
from moderation.signing import verified_claims
from moderation.transparency_queries import transparency
from tests import factories
from tests.factories import Person
from tests.http.api import ask, get, post
from tests.moderation.conftest import Harbour, settle

LAST, BEFORE = quarters_over(timezone.now().date())[:2]
REPORT = f"/transparency?start={LAST[0]}"
DAYS = st.dates(date(2001, 1, 1), date(2199, 12, 31))


@pytest.fixture
def harbour(either_database: None) -> Harbour:
    return settle()


def within(quarter: tuple[date, date], days: int = 20) -> datetime:
    return datetime.combine(quarter[0], time(12), UTC) + timedelta(days=days)


def dated(at: datetime) -> None:
    """As if all that was done so far had been done then."""
    Case.objects.update(opened_at=at, first_claimed_at=at, closed_at=at, state="closed", outcome="helped")
    AuditEntry.objects.update(at=round(at.timestamp() * 1000))


@given(DAYS, DAYS)
def test_whenever_somebody_asks_no_two_times_overlap_and_each_day_is_in_one(one: date, other: date) -> None:
    """So no sum or difference of what is told is of any other time, and of a part of a quarter there is nothing."""
    for today in (one, other):
        told = quarters_over(today)
        assert len(told) == MOST
        assert told[0][1] + SETTLING < today <= told[0][1] + SETTLING + timedelta(days=92)
        assert all(end + timedelta(days=1) == start for (start, _), (_, end) in pairwise(told))
    for first in quarters_over(one):
        assert all(first == second or first[1] < second[0] or second[1] < first[0] for second in quarters_over(other))


@given(st.dates(date(2020, 1, 1), date(2099, 12, 31)), st.integers(-22, 2), st.booleans())
def test_only_the_first_day_of_a_quarter_that_is_told_stands_for_one(today: date, months: int, first: bool) -> None:
    number = today.year * 12 + today.month - 1 + months
    start = date(number // 12, number % 12 + 1, 1 if first else 2)
    found = quarter_from(start, today)
    settled = (start + timedelta(days=93)).replace(day=1) + SETTLING <= today
    assert (found is not None) == (first and start.month % 3 == 1 and settled)
    assert found is None or found[0] == start


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-02-01",
        "start=2026-01-02",
        "start=2100-01-01",
        "start=9999-10-01",
        "start=1999-01-01",
        "start=yesterday",
        "",
    ],
)
def test_months_and_times_that_are_not_over_are_refused(query: str, harbour: Harbour) -> None:
    for person in (harbour.member, harbour.moderator, harbour.coordinator):
        assert get(person, f"/transparency?{query}").code == Code.MALFORMED
    assert not StoredReport.objects.exists()


def test_what_was_asked_on_a_quarters_last_day_has_four_weeks_to_be_closed_before_it_is_told() -> None:
    end, before = date(2026, 9, 30), date(2026, 6, 30)
    assert quarters_over(end + SETTLING)[0][1] == before
    assert quarters_over(end + SETTLING + timedelta(days=1))[0][1] == end
    assert quarter_from(date(2026, 7, 1), end + SETTLING) is None


def test_what_was_told_of_a_quarter_stays_as_it_was_whoever_asks_and_whatever_happens_later(harbour: Harbour) -> None:
    """Two readings of one time, a case apart, would tell of that case."""
    for _ in range(7):
        close_case(
            claim_case(harbour.case(), harbour.account(harbour.moderator)), harbour.account(harbour.moderator), "acted"
        )
    dated(within(LAST))
    ask(harbour.coordinator, "PUT", "/transparency/page", {"published": True})
    public = f"//transparency/{harbour.network.id}?start={LAST[0]}&form="

    def told() -> list[Any]:
        members = [get(person, REPORT).body for person in (harbour.member, harbour.infiltrator, harbour.coordinator)]
        files = [get(harbour.member, f"{REPORT}&form={form}").body for form in ("csv", "template")]
        return [*members, *files, *(ask(None, "GET", public + form).body for form in ("page", "csv", "template"))]

    before = told()
    assert before[0]["tables"]["cases_by_concern"] == {"threats": 5}
    harbour.case()
    Case.objects.update(concern="danger", outcome="withdrawn", opened_at=within(LAST))
    AuditEntry.objects.all().delete()
    assert told() == before
    assert get(harbour.member, f"/transparency?start={BEFORE[0]}").body["tables"]["totals"]["cases"] == 0
    assert StoredReport.objects.filter(network=harbour.network).count() == 2


def test_of_many_who_ask_first_at_once_all_read_the_same(harbour: Harbour) -> None:
    harbour.case()
    dated(within(LAST))
    found: list[Any] = []

    def read() -> None:
        try:
            found.append(transparency(harbour.network, LAST))
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [one == found[0] for one in found] == [True] * 4
    assert StoredReport.objects.count() == 1


def test_nobody_but_those_who_read_the_log_sees_that_something_was_asked_or_proposed_just_now(harbour: Harbour) -> None:
    """An infiltrator polls, and so does a moderator from whom the case is kept, and who is to be banned."""
    dated(within(LAST))
    watched = ("/audit/checkpoint", REPORT, "/cases", "/decisions?waiting=true", "/moderators")

    def seen() -> list[Any]:
        answers = [get(person, path) for person in (harbour.infiltrator, harbour.moderator) for path in watched]
        return [_claims(answer.body) for answer in answers]

    record_one(harbour)
    dated(within(LAST))
    before = seen()
    assert before[0].keys() == {"network", "until", "digest"}
    asking = Asking(uuid4(), uuid4(), "threats", "now", frozenset({harbour.moderator.account}))
    case = open_case(factories.device_of(harbour.member), asking)
    ban = {
        "id": str(uuid4()),
        "subject": str(harbour.moderator.account),
        "kind": "ban",
        "ground": "law",
        "finding": "other",
        "law": "A law",
    }
    assert post(harbour.coordinator, "/decisions", {**ban, "case": str(case.id)}).body["state"] == "proposed"
    assert AuditEntry.objects.count() == 3
    assert seen() == before


def record_one(harbour: Harbour) -> None:
    with transaction.atomic():
        record(harbour.network.id, None, "hub_key_rotated")


def _claims(body: Any) -> Any:
    """What an answer says, and of a checkpoint all but when it was signed."""
    if not isinstance(body, dict) or "checkpoint" not in body:
        return body
    claims = verified_claims(body["checkpoint"], CHECKPOINT, signer().public)
    return {name: value for name, value in claims.items() if name != "iat"}


def test_the_checkpoint_of_members_is_of_the_quarters_end_and_tells_no_number_of_entries(harbour: Harbour) -> None:
    for _ in range(3):
        record_one(harbour)
    dated(within(LAST))
    record_one(harbour)
    last, newest = AuditEntry.objects.get(seq=3), AuditEntry.objects.get(seq=4)
    for person in (harbour.member, harbour.infiltrator, harbour.moderator):
        token = get(person, "/audit/checkpoint").body["checkpoint"]
        claims = _claims({"checkpoint": token})
        wanted = {"network": str(harbour.network.id), "until": LAST[1].isoformat()}
        assert claims == {**wanted, "digest": b64encode(last.digest)}
        assert read_checkpoint(token, signer().public).seq is None
    coordinators = read_checkpoint(get(harbour.coordinator, "/audit/checkpoint").body["checkpoint"], signer().public)
    assert (coordinators.seq, coordinators.digest) == (4, b64encode(newest.digest))
    assert AuditEntry.objects.count() == 4


def test_a_network_that_had_no_entry_by_then_has_no_checkpoint_for_members(harbour: Harbour) -> None:
    record_one(harbour)
    assert get(harbour.member, "/audit/checkpoint").body == {}
    assert "checkpoint" in get(harbour.coordinator, "/audit/checkpoint").body


def test_other_steps_are_told_as_all_numbers_are_and_none_that_another_table_counts(harbour: Harbour) -> None:
    actor = Account.objects.get(id=harbour.coordinator.account)
    steps = {"invite_made": 12, "role_set": 2, "branch_revoked": 5}
    counted = (
        "case_opened",
        "messages_attested",
        "decision_made",
        "appeal_made",
        "referral_proposed",
        "evidence_exported",
    )
    for action, times in [*steps.items(), *((action, 9) for action in counted)]:
        for _ in range(times):
            with transaction.atomic():
                record(harbour.network.id, actor, action, case=uuid4() if action == "evidence_exported" else None)
    dated(within(LAST))
    found = get(harbour.member, REPORT).body
    assert found["tables"]["steps"] == {"branch_revoked": 5, "invite_made": 10, "role_set": "<5"}
    assert found["tables"]["totals"]["exports"] == 10
    outsider: Person = settle().member
    assert get(outsider, REPORT).body["tables"]["steps"] == {}
