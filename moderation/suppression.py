"""How numbers are told without one that is small: rounded, hidden from 1 to 4, and left out where the rest would tell it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

FEWEST = 5
FEW = "<5"

Number = int | str
"""A multiple of 5, 0, or "<5"."""
Table = Mapping[str, Number]


def published(count: int) -> Number:
    """How a number of people or things is told."""
    if 0 < count < FEWEST:
        return FEW
    return 5 * round(count / 5)


def bounds(number: Number) -> tuple[int, int]:
    """What a published number can have been, at least and at most."""
    if isinstance(number, str):
        return 1, FEWEST - 1
    return (max(FEWEST, number - 2), number + 2) if number else (0, 0)


def withheld(total: Number, tables: Mapping[str, Table], most: float = math.inf) -> list[str]:
    """Tables of the same things that must be left out, so that no number behind "<5" can be worked out.

    `most`: how many there are by what else is published (transparency_links.py).
    """
    shown = dict(tables)
    out: list[str] = []
    while True:
        low, high = total_bounds(total, shown.values())
        telling = [name for name, table in shown.items() if _tells(table, low, min(high, most), most)]
        if not telling:
            return out
        out.append(telling[0])
        del shown[telling[0]]


def total_bounds(total: Number, tables: Iterable[Table]) -> tuple[int, int]:
    """What a published total can have been, by itself and by tables that each sum to it."""
    low, high = bounds(total)
    sums = [[bounds(number) for number in table.values()] for table in tables]
    low = max([low, *(sum(least for least, _ in each) for each in sums)])
    high = min([high, *(sum(most for _, most in each) for each in sums)])
    return low, high


def _tells(table: Table, low: int, high: float, most: float) -> bool:
    """Whether a hidden number of the table has one possible value, when all of it sums to `low` … `high`; or whether at least
    as many are in it as there can be, which would tell the hidden ones of what there are so many of.
    """
    ranges = [bounds(number) for number in table.values()]
    least, largest_sum = sum(a for a, _ in ranges), sum(b for _, b in ranges)
    if 0 < most <= least:
        return True
    for number, (smallest, largest) in zip(table.values(), ranges, strict=True):
        first = max(smallest, low - (largest_sum - largest))
        last = min(largest, high - (least - smallest))
        if number == FEW and first >= last:
            return True
    return False
