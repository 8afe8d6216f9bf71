"""Transparency reports: what moderation did in a period, in numbers that point at nobody.

Each number is rounded to the nearest 5 by itself, totals too, and one from 1 to 4 is only "fewer than 5". Where sums and
differences of all that is published would still give a small number away, its table is left out (suppression.py), or of what
follows from something earlier the number itself (transparency_links.py). Periods never overlap, and what was told of one
stays as it was (quarters.py). Objections, answers and early ends count when they happen, whenever it was decided.
Medians stand only over 5 or more cases.
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moderation.suppression import FEW, FEWEST, Number, Table, published, withheld
from moderation.transparency_links import FOLLOWS, TABLES_OF, Links


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
    """One decision that came into force."""

    kind: str
    ground: str
    on_report: bool


@dataclass(frozen=True)
class AnswerFacts:
    """One answer to an objection: `upheld` or `overturned`, why, and minutes since that was made."""

    outcome: str
    reason: str
    minutes: float | None


@dataclass(frozen=True)
class Followed:
    """What came in the period of decisions, also of earlier ones: how many objections, their answers, and why decisions
    ended early."""

    appeals: int = 0
    answers: Sequence[AnswerFacts] = ()
    lifted: Sequence[str] = ()


@dataclass(frozen=True)
class Passed:
    """What left the network or was made to: cases handed over to somebody outside, and cases of which evidence was
    sealed for no hand-over."""

    handed_over: int = 0
    exports: int = 0


NOTHING_FOLLOWED = Followed()
NOTHING_PASSED = Passed()
NO_STEPS: Mapping[str, int] = {}


@dataclass(frozen=True)
class Report:
    """Tables by name; each maps a code to a number. `withheld` names those left out, and totals that are.

    `start` and `end` are days.
    """

    network: str
    start: date
    end: date
    tables: dict[str, dict[str, Number]]
    medians: dict[str, int | None]
    withheld: list[str]


def report(
    network: str,
    start: date,
    end: date,
    cases: Sequence[CaseFacts],
    decisions: Sequence[DecisionFacts],
    followed: Followed = NOTHING_FOLLOWED,
    passed: Passed = NOTHING_PASSED,
    steps: Mapping[str, int] = NO_STEPS,
    earlier: Iterable[Mapping[str, Any]] = (),
) -> Report:
    """`steps` counts what else stands in the audit log, by action: nothing that is counted in another table, so that no sum
    joins the two. `earlier`: what was told of the quarters before, in their order (Links).
    """
    totals = _table(
        {
            "cases": len(cases),
            "decisions": len(decisions),
            "handed_over": passed.handed_over,
        }
    )
    tables = {
        "cases_by_concern": _count(item.concern for item in cases),
        "cases_by_urgency": _count(item.urgency for item in cases),
        "cases_by_outcome": _count(item.outcome or "open" for item in cases),
        "decisions_by_kind": _count(item.kind for item in decisions),
        "decisions_by_ground": _count(item.ground for item in decisions),
        "decisions_by_source": _count("report" if item.on_report else "own_initiative" for item in decisions),
        "appeals_by_outcome": _count(item.outcome for item in followed.answers),
        "appeals_by_reason": _count(item.reason for item in followed.answers),
        "lifted_by_reason": _count(followed.lifted),
    }
    left_out = _leave_out("cases", totals, tables) + _leave_out("decisions", totals, tables)
    links = Links(earlier)
    links.decided({"totals": totals, **tables})
    totals["exports"] = links.exported(passed.exports)
    counts = (followed.appeals, len(followed.answers), len(followed.lifted))
    for name, count in zip(FOLLOWS, counts, strict=True):
        most = links.room(name)
        told = links.told(name, count)
        if told is not None:
            totals[name] = told
        left_out += _leave_out(name, totals, tables, most)
    medians = {
        "minutes_to_claim": _median(item.claim_minutes for item in cases),
        "minutes_to_close": _median(item.close_minutes for item in cases),
        "minutes_to_answer_appeal": _median(item.minutes for item in followed.answers),
    }
    totals = dict(sorted(totals.items()))
    return Report(network, start, end, {"totals": totals, **tables, "steps": _table(steps)}, medians, left_out)


def _leave_out(
    name: str, totals: Mapping[str, Number], tables: dict[str, dict[str, Number]], most: float = math.inf
) -> list[str]:
    """Takes those of a total out of `tables` that would tell, or all where the total is not told. Returns what is left out.

    `most`: how many there are, by what else is published.
    """
    mine: dict[str, Table] = {each: tables[each] for each in TABLES_OF.get(name, ())}
    if name not in totals:
        out = list(mine)
    else:
        # Reasons are parts of outcomes: small ones could be worked out from these.
        finer = [each for each in mine if each == "appeals_by_reason" and FEW in mine[each].values()]
        rest = {each: table for each, table in mine.items() if each not in finer}
        out = finer + withheld(totals[name], rest, most)
    for each in out:
        del tables[each]
    return out if name in totals else [name, *out]


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
