"""What may be told of objections, answers to them and early ends, beside what was told of this and of earlier quarters.

Each counts when it happens and follows from something before it, perhaps of an earlier quarter: an answer from an objection,
that and an early end from a decision. So up to the end of any quarter there are no more of them than of what they follow from.
Where the least that they can be by what is published reaches the most that those can be, every number behind "<5" among
them is known: four decisions and again four, each told as "<5", of which eight ended early, told as 10.

So that what is told never reaches it, a number is rounded down where the nearest would, and left out where no rounding helps.
Whether it is left out follows from what is published already, not from the number: that it is missing tells nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from moderation.suppression import FEWEST, Number, bounds, published, total_bounds

FOLLOWS = {"appeals": "decisions", "appeals_answered": "appeals", "lifted": "decisions"}
"""Each total with the one that it follows from, that one first."""
TABLES_OF: Mapping[str, tuple[str, ...]] = {
    "cases": ("cases_by_concern", "cases_by_urgency", "cases_by_outcome"),
    "decisions": ("decisions_by_kind", "decisions_by_ground", "decisions_by_source"),
    "appeals_answered": ("appeals_by_outcome", "appeals_by_reason"),
    "lifted": ("lifted_by_reason",),
}
"""Each total with the tables that sum to it."""


class Links:
    """How many of each there can have been and were at least, by all that is published so far, quarter after quarter."""

    def __init__(self, earlier: Iterable[Mapping[str, Any]]) -> None:
        """`earlier`: the `tables` and `withheld` of each quarter's report, as they were stored, in their order."""
        self._most: dict[str, float] = dict.fromkeys(("cases", "decisions", *FOLLOWS), 0)
        self._least: dict[str, int] = dict.fromkeys(FOLLOWS, 0)
        for report in earlier:
            tables = report["tables"]
            self.decided(tables)
            # Before answers were counted by themselves, all that follows was counted with its decision.
            by_day = "appeals_answered" in (*tables["totals"], *report["withheld"])
            for name in FOLLOWS:
                self._settle(name, *(_published(name, tables) if by_day else _UNKNOWN))

    def decided(self, tables: Mapping[str, Any]) -> None:
        """One more quarter begins: how many decisions, and cases, its report tells of."""
        for name in ("cases", "decisions"):
            self._most[name] += _published(name, tables)[1]

    def exported(self, count: int) -> Number:
        """How it is told of how many cases evidence was exported in the quarter that began last, of whichever quarter they are.

        One can count in several quarters, so only what all cases can be at most would tell; never as few as 1 or 5, it never
        has to be left out.
        """
        number = published(count)
        if isinstance(number, int) and number > FEWEST and bounds(number)[0] == self._most["cases"]:
            return number - 5
        return number

    def room(self, name: str) -> float:
        """How many there can be in the quarter that began last, once what they follow from is told."""
        return self._most[FOLLOWS[name]] - self._least[name]

    def told(self, name: str, count: int) -> Number | None:
        """How the number of the quarter is told; None: not at all. In the order of FOLLOWS."""
        room = self.room(name)
        number = None if room in (1, FEWEST) else published(count)
        if isinstance(number, int) and number > FEWEST and bounds(number)[0] == room:
            number -= 5
        self._settle(name, *(_UNKNOWN if number is None else bounds(number)))
        return number

    def _settle(self, name: str, least: int, most: float) -> None:
        # One more is rounded down when it is all there can be.
        most += most + 1 == self.room(name)
        self._least[name] += least
        self._most[name] = min(self._most[name] + most, self._most[FOLLOWS[name]])


_UNKNOWN = 0, math.inf


def _published(name: str, tables: Mapping[str, Any]) -> tuple[int, float]:
    """What a total was, at least and at most, by all that is told of it."""
    totals = tables["totals"]
    if name not in totals:
        return _UNKNOWN
    return total_bounds(totals[name], [tables[each] for each in TABLES_OF.get(name, ()) if each in tables])
