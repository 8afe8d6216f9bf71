"""Transparency reports: what moderation did in a period, in numbers that point at nobody.

Each number is rounded to the nearest 5 by itself, totals too, and one from 1 to 4 is only "fewer than 5". Where sums and
differences of all that is published would still give a small number away, its table is left out (`_withheld`). Periods
never overlap, and what was told of one stays as it was (quarters.py).
Medians stand only over 5 or more cases.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
    """One decision that came into force; `appeal` is "", "open", "upheld" or "overturned", `found` why that.

    `lifted_for` is why it was ended early, if it was; `appeal_minutes` is from the appeal to its answer.
    """

    kind: str
    ground: str
    on_report: bool
    appeal: str
    found: str = ""
    lifted_for: str = ""
    appeal_minutes: float | None = None


@dataclass(frozen=True)
class Passed:
    """What left the network or was made to: cases handed over to somebody outside, and cases of which evidence was
    sealed for no hand-over."""

    handed_over: int = 0
    exports: int = 0


NOTHING_PASSED = Passed()
NO_STEPS: Mapping[str, int] = {}


@dataclass(frozen=True)
class Report:
    """Tables by name; each maps a code to a number, `withheld` names those left out. `start` and `end` are days."""

    network: str
    start: date
    end: date
    tables: dict[str, dict[str, Number]]
    medians: dict[str, int | None]
    withheld: list[str]


def published(count: int) -> Number:
    """How a number of people or things is told."""
    if 0 < count < FEWEST:
        return FEW
    return 5 * round(count / 5)


def report(
    network: str,
    start: date,
    end: date,
    cases: Sequence[CaseFacts],
    decisions: Sequence[DecisionFacts],
    passed: Passed = NOTHING_PASSED,
    steps: Mapping[str, int] = NO_STEPS,
) -> Report:
    """`steps` counts what else stands in the audit log, by action: nothing that is counted in another table, so that no sum
    joins the two.
    """
    appeals = [item for item in decisions if item.appeal]
    lifted = [item for item in decisions if item.lifted_for]
    totals = _table(
        {
            "cases": len(cases),
            "decisions": len(decisions),
            "appeals": len(appeals),
            "lifted": len(lifted),
            "handed_over": passed.handed_over,
            "exports": passed.exports,
        }
    )
    by_reason = _count(item.found or item.appeal for item in appeals)
    of_each = {
        "cases": {
            "cases_by_concern": _count(item.concern for item in cases),
            "cases_by_urgency": _count(item.urgency for item in cases),
            "cases_by_outcome": _count(item.outcome or "open" for item in cases),
        },
        "decisions": {
            "decisions_by_kind": _count(item.kind for item in decisions),
            "decisions_by_ground": _count(item.ground for item in decisions),
            "decisions_by_source": _count("report" if item.on_report else "own_initiative" for item in decisions),
        },
        "appeals": {"appeals_by_outcome": _count(item.appeal for item in appeals)},
        "lifted": {"lifted_by_reason": _count(item.lifted_for for item in lifted)},
    }
    # Reasons are parts of outcomes: small ones could be worked out from these.
    finer = ["appeals_by_reason"] if FEW in by_reason.values() else []
    if not finer:
        of_each["appeals"]["appeals_by_reason"] = by_reason
    withheld = finer + [name for what, tables in of_each.items() for name in _withheld(totals[what], tables)]
    shown = {name: table for tables in of_each.values() for name, table in tables.items() if name not in withheld}
    medians = {
        "minutes_to_claim": _median(item.claim_minutes for item in cases),
        "minutes_to_close": _median(item.close_minutes for item in cases),
        "minutes_to_answer_appeal": _median(item.appeal_minutes for item in appeals),
    }
    return Report(network, start, end, {"totals": totals, **shown, "steps": _table(steps)}, medians, withheld)


def _withheld(total: Number, tables: Mapping[str, Mapping[str, Number]]) -> list[str]:
    """Tables of the same things that must be left out, so that no number behind "<5" can be worked out."""
    shown = dict(tables)
    out: list[str] = []
    while True:
        low, high = _range(total)
        sums = [[_range(number) for number in table.values()] for table in shown.values()]
        low = max([low, *(sum(least for least, _ in ranges) for ranges in sums)])
        high = min([high, *(sum(most for _, most in ranges) for ranges in sums)])
        telling = [name for name, table in shown.items() if _tells(table, low, high)]
        if not telling:
            return out
        out.append(telling[0])
        del shown[telling[0]]


def _tells(table: Mapping[str, Number], low: int, high: int) -> bool:
    """Whether a hidden number of the table has one possible value, when all of it sums to `low` … `high`."""
    ranges = [_range(number) for number in table.values()]
    least, most = sum(a for a, _ in ranges), sum(b for _, b in ranges)
    for number, (smallest, largest) in zip(table.values(), ranges, strict=True):
        first = max(smallest, low - (most - largest))
        last = min(largest, high - (least - smallest))
        if number == FEW and first >= last:
            return True
    return False


def _range(number: Number) -> tuple[int, int]:
    """What a published number can have been."""
    if isinstance(number, str):
        return 1, FEWEST - 1
    return (max(FEWEST, number - 2), number + 2) if number else (0, 0)


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
