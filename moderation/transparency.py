"""Transparency reports: what moderation did in a period, in numbers that point at nobody.

Each number is rounded to the nearest 5 by itself, totals too, and one from 1 to 4 is only "fewer than 5": no sum or
difference of published numbers gives a small one away. Medians stand only over 5 or more cases.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

FEWEST = 5
FEW = "<5"

Number = int | str
"""A multiple of 5, 0, or "<5"."""


@dataclass(frozen=True)
class CaseFacts:
    """One case: codes, and minutes from its opening to its first claim and its end (None: not yet)."""

    concern: str
    urgency: str
    outcome: str
    claim_minutes: float | None
    close_minutes: float | None


@dataclass(frozen=True)
class DecisionFacts:
    """One decision that came into force; `appeal` is "", "open", "upheld" or "overturned"."""

    kind: str
    ground: str
    on_report: bool
    appeal: str


@dataclass(frozen=True)
class Report:
    """Tables by name; each maps a code to a number. `start` and `end` are the first and last day."""

    network: str
    start: date
    end: date
    tables: dict[str, dict[str, Number]]
    medians: dict[str, int | None]


def published(count: int) -> Number:
    """How a number of people or things is told."""
    if 0 < count < FEWEST:
        return FEW
    return 5 * round(count / 5)


def report(
    network: str, start: date, end: date, cases: Sequence[CaseFacts], decisions: Sequence[DecisionFacts]
) -> Report:
    appeals = [item for item in decisions if item.appeal]
    tables = {
        "totals": _table({"cases": len(cases), "decisions": len(decisions), "appeals": len(appeals)}),
        "cases_by_concern": _count(item.concern for item in cases),
        "cases_by_urgency": _count(item.urgency for item in cases),
        "cases_by_outcome": _count(item.outcome or "open" for item in cases),
        "decisions_by_kind": _count(item.kind for item in decisions),
        "decisions_by_ground": _count(item.ground for item in decisions),
        "decisions_by_source": _count("report" if item.on_report else "own_initiative" for item in decisions),
        "appeals_by_outcome": _count(item.appeal for item in appeals),
    }
    medians = {
        "minutes_to_claim": _median(item.claim_minutes for item in cases),
        "minutes_to_close": _median(item.close_minutes for item in cases),
    }
    return Report(network, start, end, tables, medians)


def _count(codes: Iterable[str]) -> dict[str, Number]:
    return _table(Counter(codes))


def _table(counts: Mapping[str, int]) -> dict[str, Number]:
    return {code: published(count) for code, count in sorted(counts.items())}


def _median(values: Iterable[float | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known)) if len(known) >= FEWEST else None


def as_csv(found: Report) -> str:
    """`table,code,number`, one row a number (RFC 4180)."""
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(["table", "code", "number"])
    rows.writerow(["period", "start", found.start.isoformat()])
    rows.writerow(["period", "end", found.end.isoformat()])
    for table, numbers in found.tables.items():
        rows.writerows([table, code, number] for code, number in numbers.items())
    rows.writerows(["medians", code, "" if number is None else number] for code, number in found.medians.items())
    return target.getvalue()


def as_template(found: Report, domain: str) -> dict[str, Any]:
    """Shaped after the templates of Implementing Regulation (EU) 2024/2835, as far as they concern such a network."""
    tables = found.tables
    return {
        "template": "Implementing Regulation (EU) 2024/2835",
        "identification": {
            "name_of_the_service_provider": domain,
            "name_of_the_service": found.network,
            "reporting_period_start": found.start.isoformat(),
            "reporting_period_end": found.end.isoformat(),
        },
        "notices": {
            "number_of_notices": tables["totals"]["cases"],
            "by_category": tables["cases_by_concern"],
            "median_time_to_take_action_minutes": found.medians["minutes_to_close"],
        },
        "own_initiative": {
            "number_of_measures": tables["decisions_by_source"].get("own_initiative", 0),
            "automated_means": False,
        },
        "restrictions": {"by_type": tables["decisions_by_kind"], "by_ground": tables["decisions_by_ground"]},
        "internal_complaints": {
            "number_of_complaints": tables["totals"]["appeals"],
            "by_outcome": tables["appeals_by_outcome"],
        },
        "automated_content_moderation": {"used": False},
        "rounding": "to the nearest 5; 1 to 4 as <5",
    }
