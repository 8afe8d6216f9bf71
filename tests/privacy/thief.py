"""A thief of the database, who has the audit log in it, but neither the hub key nor the audit key: what they read and how they
join it, and what was done in the network before they came.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from chat.models import Account
from moderation.actions import decisions, ending
from moderation.actions.attesting import attest_messages
from moderation.actions.cases import Asking, claim_case, close_case, open_case
from moderation.actions.decisions import Deciding, decide
from moderation.actions.forgetting import forget_cases
from moderation.actions.log import record
from moderation.actions.telling import Telling
from moderation.models import APPEAL_DAYS, Case, Decision
from tests.factories import Person, device_of, enrolled
from tests.http.api import post
from tests.moderation.conftest import Harbour, stamped

AT_ONCE = timedelta(seconds=2)
Row = dict[str, Any]


@dataclass
class Scene:
    """Two cases at once: in the first a moderator limits who asked and warns whom they asked about, in the second a colleague
    warns the same one."""

    harbour: Harbour
    cases: list[Case]


def play(harbour: Harbour) -> Scene:
    asked = [(harbour.member, (harbour.coordinator,)), (enrolled(Person(), harbour.network), ())]
    cases = []
    for person, kept_from in asked:
        kept = frozenset(one.account for one in kept_from)
        cases.append(open_case(device_of(person), Asking(uuid4(), uuid4(), "threats", "today", kept)))
    for case, by in zip(cases, (harbour.moderator, harbour.colleague), strict=True):
        attest_messages(case, [stamped(harbour.infiltrator.account) for _ in range(7)])
        claim_case(case, harbour.account(by))
    limit = made(harbour, harbour.moderator, harbour.member, "limit_reports", cases[0], days=366)
    made(harbour, harbour.moderator, harbour.infiltrator, "warn", cases[0])
    ban = made(harbour, harbour.colleague, harbour.infiltrator, "suspend", cases[1], days=20)
    ending.appeal(limit)
    ending.close_appeal(limit, harbour.account(harbour.colleague), "upheld", "fits")
    post(harbour.moderator, f"/decisions/{ban.id}/talk", {"room": str(uuid4())})
    for case, by in zip(cases, (harbour.moderator, harbour.colleague), strict=True):
        case.refresh_from_db()
        close_case(case, harbour.account(by), "acted")
    return Scene(harbour, cases)


def made(harbour: Harbour, by: Person, about: Person, kind: str, case: Case, days: int = 0) -> Decision:
    until = timezone.now() + timedelta(days=days) if days else None
    telling = Telling(messages=7, proven=True)
    finding = "false_reports" if kind == "limit_reports" else "other"
    deciding = Deciding(uuid4(), kind, "conduct", 1, until, finding, telling=telling)
    return decide(harbour.account(by), harbour.account(about), deciding, room=None, case=case)


def later() -> datetime:
    return timezone.now() + APPEAL_DAYS * timedelta(days=1) + timedelta(minutes=1)


def forget() -> None:
    forget_cases(later())
    assert not Case.objects.filter(forgotten=False).exists()


def as_once() -> Any:
    """What decisions in cases were written like before their entries kept to themselves what they are of."""

    def plain(network: UUID, actor: Account | None, action: str, **said: Any) -> None:
        record(network, actor, action, **said)

    return patch.object(decisions, "record_decided", plain)


# What the thief reads.


def rows(table: str) -> list[Row]:
    """Rows as they lie in the database, in their order there."""
    with connection.cursor() as cursor:
        order = "ORDER BY rowid" if connection.vendor == "sqlite" else ""
        cursor.execute(f'SELECT * FROM "{table}" {order}')  # noqa: S608 (names from the schema)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def log() -> list[Row]:
    return sorted(rows("moderation_auditentry"), key=lambda row: row["seq"])


def moments(row: Row) -> Iterator[datetime]:
    for value in row.values():
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            continue
        if isinstance(found, datetime):
            yield found.replace(tzinfo=UTC)


def near(entry: Row, moment: datetime) -> bool:
    return abs(datetime.fromtimestamp(entry["at"] / 1000, UTC) - moment) < AT_ONCE


def cases_of(entry: Row, entries: list[Row]) -> set[str]:
    """The case of an entry, by itself or by a name that stands in one case alone: that of who asked."""
    openers = {each["actor"]: each["case"] for each in entries if each["action"] == "case_opened"}
    found = {entry["case"], openers.get(entry["subject"]), openers.get(entry["actor"])}
    return {str(case) for case in found - {None}}


def by_time() -> set[tuple[str, str]]:
    """Each decision's account with the cases of what the log has at a moment that stands in its row, or one that hangs on it."""
    entries = [each for each in log() if each["action"].startswith(("decision_", "appeal_"))]
    talks = {row["id"]: row for row in rows("chat_room")}
    accounts = {row["id"]: row for row in rows("chat_account")}
    found = set()
    for row in rows("moderation_decision"):
        hanging = [one for one in rows("moderation_appeal") if one["decision_id"] == row["id"]]
        hanging += [talks.get(row["talk_id"], {}), accounts.get(row["subject_id"], {})]
        times = [moment for each in (row, *hanging) for moment in moments(each)]
        told = [entry for entry in entries if any(near(entry, moment) for moment in times)]
        found |= {(case, str(row["subject_id"])) for entry in told for case in cases_of(entry, log())}
    return found


def by_order() -> set[tuple[str, str]]:
    """The first decision that lies there was the first to be made, and the first of which the log tells."""
    begun = [each for each in log() if each["action"] in ("decision_made", "decision_proposed")]
    pairs = zip(rows("moderation_decision"), begun, strict=True)
    return {(case, str(row["subject_id"])) for row, entry in pairs for case in cases_of(entry, log())}


def by_whom_kept_from() -> set[tuple[str, str]]:
    """What is kept from the same people as one case came of that."""

    def kept(table: str, key: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for row in rows(table):
            found.setdefault(row[key], set()).add(row["account_id"])
        return found

    of_cases = kept("moderation_case_kept_from", "case_id")
    of_decisions = kept("moderation_decision_kept_from", "decision_id")
    return {(case, one) for case, people in of_cases.items() for one, same in of_decisions.items() if same == people}


def by_size() -> set[tuple[str, int]]:
    """As many messages as were attested in one case are what a decision rests on."""
    attested = {
        (each["case"], int(each["detail"].split(".")[0])) for each in log() if each["action"] == "messages_attested"
    }
    told = {row["messages"] for row in rows("moderation_facts")}
    return {(str(case), count) for case, count in attested if count in told}


def names(scene: Scene) -> set[str]:
    return {stored(case.id) for case in scene.cases}


def stored(number: UUID) -> str:
    return number.hex if connection.vendor == "sqlite" else str(number)


def places() -> list[int]:
    """By what rows of decisions, and those that hang on them, are in an order."""
    found = [row["id"] for table in ("moderation_appeal", "moderation_facts") for row in rows(table)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT rowid FROM moderation_decision")
            found += [number for (number,) in cursor.fetchall()]
    return found


def everything() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    return " ".join(str(row) for table in tables for row in rows(table) if not table.startswith("django_"))
