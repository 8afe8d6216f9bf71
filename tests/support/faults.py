"""What came of the messages in tests of faults, added up over all of them and shown at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: Each kind of the totals, and which of `tests.delivery.member.judge` it is made of.
KINDS = {
    "acknowledged and lost": ("lost", "not shown"),
    "shown twice": ("told twice", "copies", "stored twice", "promised twice"),
    "out of order": ("out of order live", "out of order in a page", "own order", "gaps", "shown wrongly"),
    "left out live": ("left out live",),
    "rooms stuck": ("stuck",),
}
#: Not a fault and not added up: the longest (ms) that a server process took to bring what a client knew to be missing.
LONGEST = "ms until what was missing came"
#: The same of what was said before the trouble ended and was not with everybody by then: ms after its end for 99 of 100.
HELD_UP = "ms until what a fault held up was there"
#: What the protocol allows and is counted apart (tests/delivery/ear.py).
ALLOWED = ("copies of what was sent again", "copies before the answer", "answers after later entries", LONGEST, HELD_UP)
PROPERTY = "faults"


def totals(found: Mapping[str, int], acknowledged: int) -> dict[str, int]:
    """One outcome in the kinds of the totals."""
    counted = {kind: sum(found.get(part, 0) for part in parts) for kind, parts in KINDS.items()}
    allowed = {kind: found.get(kind, 0) for kind in ALLOWED}
    return {"outcomes": 1, "acknowledged": acknowledged, **allowed, **counted}


def summary(reports: Iterable[Any]) -> str:
    """One line for all tests that recorded an outcome; empty when none did."""
    total: Counter[str] = Counter()
    for outcome in _outcomes(reports):
        most = {kind: max(total[kind], outcome[kind]) for kind in (LONGEST, HELD_UP)}
        total.update(outcome)
        for kind, value in most.items():
            total[kind] = value
    if not total["outcomes"]:
        return ""
    kinds = ", ".join(f"{total[kind]} {kind}" for kind in KINDS)
    judged = f"faults: {total['outcomes']} outcomes judged, {total['acknowledged']} messages acknowledged: {kinds}"
    allowed = ", ".join(f"{total[kind]} {kind}" for kind in ALLOWED)
    return f"{judged} (beside {allowed})"


def _outcomes(reports: Iterable[Any]) -> Iterator[dict[str, int]]:
    for report in reports:
        if getattr(report, "when", "") == "call":
            for name, value in report.user_properties:
                if name == PROPERTY:
                    yield value
