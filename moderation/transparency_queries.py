"""Reads the facts of a transparency report: codes and times, no accounts; and keeps each report as it was first made."""

import json
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, QuerySet

from chat.models import Network
from moderation.models import Appeal, AuditEntry, Case, Decision, Referral, StoredReport
from moderation.quarters import Quarter
from moderation.transparency import CaseFacts, DecisionFacts, Passed, Report, report

COUNTED = ("case_", "messages_", "decision_", "appeal_", "referral_", "evidence_")
"""Actions that begin so are counted as cases, decisions and so on."""


def transparency(network: Network, quarter: Quarter) -> Report:
    """What is told of a quarter that is over: the same whenever it is asked."""
    start, end = quarter
    numbers = json.loads(_stored(network, quarter).numbers)
    return Report(network.title, start, end, numbers["tables"], numbers["medians"], numbers["withheld"])


def log_digest(network: Network, quarter: Quarter) -> bytes | None:
    """The digest of the audit log's last entry at the end of a quarter that is over; None when it had none."""
    digest: bytes | None = _stored(network, quarter).digest
    return digest


def _stored(network: Network, quarter: Quarter) -> StoredReport:
    found = StoredReport.objects.filter(network=network, start=quarter[0]).first()
    if found is not None:
        return found
    made = _report(network, *quarter)
    numbers = json.dumps({"tables": made.tables, "medians": made.medians, "withheld": made.withheld})
    last = AuditEntry.objects.filter(network=network, at__lt=_milliseconds(_day_after(quarter[1]))).order_by("-seq")
    digest = last.values_list("digest", flat=True).first()
    # Whoever comes first at the same time has made it for all.
    StoredReport.objects.bulk_create(
        [StoredReport(network=network, start=quarter[0], numbers=numbers, digest=digest)], ignore_conflicts=True
    )
    return StoredReport.objects.get(network=network, start=quarter[0])


def _report(network: Network, start: date, end: date) -> Report:
    """What began in the network from `start` to `end`, both days (UTC) included."""
    since = datetime.combine(start, time.min, UTC)
    until = _day_after(end)
    cases = Case.objects.filter(network=network, opened_at__gte=since, opened_at__lt=until)
    columns = ("concern", "urgency", "outcome", "opened_at", "first_claimed_at", "closed_at")
    case_facts = [
        CaseFacts(concern, urgency, outcome, _minutes(opened, claimed), _minutes(opened, closed))
        for concern, urgency, outcome, opened, claimed, closed in cases.values_list(*columns)
    ]
    decisions = Decision.objects.filter(network=network, in_force_at__gte=since, in_force_at__lt=until)
    appeals = {
        made: (outcome or "open", reason, _minutes(asked, closed))
        for made, outcome, reason, asked, closed in Appeal.objects.filter(decision__in=decisions).values_list(
            "decision", "outcome", "reason", "made_at", "closed_at"
        )
    }
    decision_facts = []
    columns = ("id", "kind", "ground", "case", "case_forgotten", "lifted_for")
    for made, kind, ground, case, forgotten, lifted_for in decisions.values_list(*columns):
        appeal, found, minutes = appeals.get(made, ("", "", None))
        decision_facts.append(
            DecisionFacts(kind, ground, forgotten or case is not None, appeal, found, lifted_for, minutes)
        )
    return report(
        network.title,
        start,
        end,
        case_facts,
        decision_facts,
        _passed(network, since, until),
        _steps(network, since, until),
    )


def _passed(network: Network, since: datetime, until: datetime) -> Passed:
    handed = Referral.objects.filter(case__network=network, handed_over_at__gte=since, handed_over_at__lt=until)
    sealed = _entries(network, since, until).filter(action="evidence_exported")
    # One that fails and is made again is sealed more than once.
    return Passed(handed.count(), sealed.values("case").distinct().count())


def _steps(network: Network, since: datetime, until: datetime) -> dict[str, int]:
    rows = _entries(network, since, until).values_list("action").annotate(times=Count("id")).order_by("action")
    return {action: times for action, times in rows if not action.startswith(COUNTED)}


def _entries(network: Network, since: datetime, until: datetime) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(network=network, at__gte=_milliseconds(since), at__lt=_milliseconds(until))


def _day_after(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC) + timedelta(days=1)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _minutes(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds() / 60
