"""Reads the facts of a transparency report: codes and times, no accounts; and keeps each report as it was first made."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet

from chat.models import Network
from moderation.models import Appeal, AuditEntry, Case, Decision, Referral, StoredReport
from moderation.quarters import Quarter, quarters_over
from moderation.transparency import AnswerFacts, CaseFacts, DecisionFacts, Followed, Passed, Report, report

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
    """As it is kept; when nobody has asked for it yet, made now, after those before it that were never asked for."""
    found = StoredReport.objects.filter(network=network, start=quarter[0]).first()
    if found is not None:
        return found
    first = Decision.objects.filter(network=network).aggregate(first=Min("in_force_at"))["first"]
    for before in reversed(quarters_over(quarter[1])):
        if first is not None and first < _day_after(before[1]):
            _keep(network, before)
    return _keep(network, quarter)


def _keep(network: Network, quarter: Quarter) -> StoredReport:
    """Whoever comes first at the same time has made it for all."""
    kept = StoredReport.objects.filter(network=network, start__lte=quarter[0]).order_by("start")
    earlier = list(kept)
    if earlier and earlier[-1].start == quarter[0]:
        return earlier[-1]
    made = _report(network, *quarter, [json.loads(each.numbers) for each in earlier])
    numbers = json.dumps({"tables": made.tables, "medians": made.medians, "withheld": made.withheld})
    last = AuditEntry.objects.filter(network=network, at__lt=_milliseconds(_day_after(quarter[1]))).order_by("-seq")
    digest = last.values_list("digest", flat=True).first()
    StoredReport.objects.bulk_create(
        [StoredReport(network=network, start=quarter[0], numbers=numbers, digest=digest)], ignore_conflicts=True
    )
    return StoredReport.objects.get(network=network, start=quarter[0])


def _report(network: Network, start: date, end: date, earlier: Sequence[Mapping[str, Any]]) -> Report:
    """What happened in the network from `start` to `end`, both days (UTC) included; questions by when they were asked."""
    since = datetime.combine(start, time.min, UTC)
    until = _day_after(end)
    cases = Case.objects.filter(network=network, opened_at__gte=since, opened_at__lt=until)
    columns = ("concern", "urgency", "outcome", "opened_at", "first_claimed_at", "closed_at")
    case_facts = [
        CaseFacts(concern, urgency, outcome, _minutes(opened, claimed), _minutes(opened, closed))
        for concern, urgency, outcome, opened, claimed, closed in cases.values_list(*columns)
    ]
    decisions = Decision.objects.filter(network=network, in_force_at__gte=since, in_force_at__lt=until)
    decision_facts = [
        DecisionFacts(decision.as_decided.kind, decision.ground, decision.on_report)
        for decision in decisions.iterator()
    ]
    return report(
        network.title,
        start,
        end,
        case_facts,
        decision_facts,
        _followed(network, since, until),
        _passed(network, since, until),
        _steps(network, since, until),
        earlier,
    )


def _followed(network: Network, since: datetime, until: datetime) -> Followed:
    appeals = Appeal.objects.filter(decision__network=network)
    made = appeals.filter(made_at__gte=since, made_at__lt=until).count()
    closed = appeals.filter(closed_at__gte=since, closed_at__lt=until)
    answers = [
        AnswerFacts(appeal.outcome, appeal.reason, _minutes(*appeal.decision.appeal_times(appeal)))
        for appeal in closed.select_related("decision").iterator()
    ]
    lifted = Decision.objects.filter(network=network, ended_at__gte=since, ended_at__lt=until).exclude(lifted_for="")
    return Followed(made, answers, list(lifted.values_list("lifted_for", flat=True)))


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
