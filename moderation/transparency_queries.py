"""Reads the facts of a transparency report: codes and times, no accounts."""

from datetime import UTC, date, datetime, time, timedelta

from chat.models import Network
from moderation.models import Appeal, AuditEntry, Case, Decision, Referral
from moderation.transparency import CaseFacts, DecisionFacts, Passed, Report, report


def transparency(network: Network, start: date, end: date) -> Report:
    """What began in the network from `start` to `end`, both days (UTC) included."""
    since = datetime.combine(start, time.min, UTC)
    until = datetime.combine(end, time.min, UTC) + timedelta(days=1)
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
    for made, kind, ground, case, lifted_for in decisions.values_list("id", "kind", "ground", "case", "lifted_for"):
        appeal, found, minutes = appeals.get(made, ("", "", None))
        decision_facts.append(DecisionFacts(kind, ground, case is not None, appeal, found, lifted_for, minutes))
    return report(network.title, start, end, case_facts, decision_facts, _passed(network, since, until))


def _passed(network: Network, since: datetime, until: datetime) -> Passed:
    handed = Referral.objects.filter(case__network=network, handed_over_at__gte=since, handed_over_at__lt=until)
    sealed = AuditEntry.objects.filter(
        network=network, action="evidence_exported", at__gte=_milliseconds(since), at__lt=_milliseconds(until)
    )
    return Passed(handed.count(), sealed.count())


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _minutes(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds() / 60
