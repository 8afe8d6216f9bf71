"""Objections, answers and early ends count when they happen, and quarters taken together tell no small number of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions.decisions import Deciding, decide
from moderation.actions.ending import appeal, close_appeal, lift
from moderation.models import Appeal, Decision, StoredReport
from moderation.quarters import Quarter
from moderation.suppression import Number, published
from moderation.transparency import DecisionFacts, Followed, Report, report
from moderation.transparency_links import FOLLOWS, Links
from moderation.transparency_queries import transparency
from tests.moderation.conftest import Harbour, settle

QUARTERS = [(date(2025, 10, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 3, 31))]
Counts = tuple[int, ...]
"""Of one quarter: decisions, then each of FOLLOWS."""


def kept(totals: dict[str, Number], withheld: list[str]) -> dict[str, Any]:
    return {"tables": {"totals": totals}, "withheld": withheld}


def told(history: list[Counts]) -> tuple[dict[str, Number | None], ...]:
    """All that is published of a history, quarter by quarter."""
    reports: list[dict[str, Any]] = []
    shown: list[dict[str, Number | None]] = []
    for decisions, *counts in history:
        links = Links(reports)
        totals: dict[str, Number | None] = {"decisions": published(decisions)}
        links.decided({"totals": totals})
        for name, count in zip(FOLLOWS, counts, strict=True):
            totals[name] = links.told(name, count)
        shown.append(totals)
        known = {name: number for name, number in totals.items() if number is not None}
        reports.append(kept(known, [name for name in totals if name not in known]))
    return tuple(shown)


def possible(history: list[Counts]) -> bool:
    """Up to each quarter's end there are no more of anything than of what it follows from."""
    so_far = [tuple(sum(column) for column in zip(*history[: end + 1], strict=True)) for end in range(len(history))]
    return all(appeals <= made and answers <= appeals and lifted <= made for made, appeals, answers, lifted in so_far)


def histories(*of_each: list[Counts]) -> Iterator[list[Counts]]:
    return (list(history) for history in product(*of_each) if possible(list(history)))


def objections(decisions: int, most: int) -> list[Counts]:
    return [(made, asked, 0, 0) for made in range(decisions + 1) for asked in range(most + 1)]


def answers(asked: int, most: int) -> list[Counts]:
    """So many decisions that they bound nothing."""
    return [(100, made, answered, 0) for made in range(asked + 1) for answered in range(most + 1)]


def all_three(decisions: int, most: int) -> list[Counts]:
    return [(*made, answered, 0) for *made, _, _ in objections(decisions, most) for answered in range(most + 1)]


# Decisions, and objections to what has no bound, go to the end of what is told alike: 4, 7 or 12.
WAYS = {
    "two quarters of objections": [objections(7, 14)] * 2,
    "three quarters of objections": [objections(4, 4), objections(4, 8), objections(4, 12)],
    "four quarters of objections": [objections(4, 4), *[objections(0, 4)] * 3],
    "two quarters of answers": [answers(7, 14)] * 2,
    "three quarters of answers": [answers(4, 4), answers(4, 8), answers(0, 8)],
    "two quarters of all three": [all_three(4, 4), all_three(4, 8)],
}


@pytest.mark.parametrize("way", WAYS)
def test_who_knows_how_it_is_done_and_reads_all_quarters_works_out_no_small_number(way: str) -> None:
    """Every history there can have been is told in the same way as one in which that number is another."""
    by_what_is_told = defaultdict[str, list[list[Counts]]](list)
    for history in histories(*WAYS[way]):
        by_what_is_told[str(told(history))].append(history)
    for alike in by_what_is_told.values():
        for quarter, totals in enumerate(told(alike[0])):
            for place, number in enumerate(totals.values()):
                assert number != "<5" or len({history[quarter][place] for history in alike}) > 1, alike[0]


def test_what_would_tell_is_rounded_down_or_left_out() -> None:
    four = (4, 0, 0, 0)
    assert told([four, (4, 8, 0, 8)])[1] == {"decisions": "<5", "appeals": 5, "appeals_answered": 0, "lifted": 5}
    assert told([four, (4, 7, 0, 8)])[1]["appeals"] == 5
    # Four decisions, and in each of three quarters one objection or more: a fourth time would tell that it was one each time.
    once = (0, 1, 0, 0)
    assert [shown["appeals"] for shown in told([(4, 1, 0, 0), once, once, once])] == ["<5", "<5", "<5", None]
    # Whether it is left out tells nothing: it is also where there was none.
    assert told([(4, 1, 0, 0), once, once, (0, 0, 0, 0)])[3]["appeals"] is None
    # With more decisions there is room again.
    assert told([(4, 1, 0, 0), once, once, once, (7, 1, 0, 0)])[4]["appeals"] == "<5"


def test_as_many_exports_as_there_can_be_cases_tell_no_small_number_of_cases() -> None:
    """All are exported that were opened up to then, or some: whoever adds it up knows of no quarter how few it had."""
    behind: dict[tuple[Number, ...], list[tuple[int, int]]] = defaultdict(list)
    for first, second in product(range(13), repeat=2):
        for exported in range(first + second + 1):
            earlier = kept({"cases": published(first)}, [])
            links = Links([earlier])
            links.decided({"totals": {"cases": published(second)}})
            behind[published(first), published(second), links.exported(exported)].append((first, second))
    assert (("<5", "<5", 5) in behind, ("<5", "<5", 10) in behind) == (True, False)
    for shown, cases in behind.items():
        for number, possible_ones in zip(shown, zip(*cases, strict=True), strict=False):
            assert number != "<5" or len(set(possible_ones)) > 1


def test_what_was_told_when_it_was_counted_by_decision_bounds_nothing() -> None:
    old = kept({"decisions": "<5", "appeals": "<5", "lifted": "<5"}, [])
    links = Links([old] * 4)
    links.decided({"totals": {"decisions": 0}})
    assert (links.room("appeals"), links.room("lifted")) == (16, 16)
    assert (links.told("appeals", 3), links.room("appeals_answered")) == ("<5", 16)


@st.composite
def a_history(draw: st.DrawFn) -> list[Counts]:
    """One that can have been."""
    history: list[Counts] = []
    left = dict.fromkeys(FOLLOWS, 0)
    for _ in range(draw(st.integers(1, 6))):
        counts = {"decisions": draw(st.integers(0, 30))}
        for name in left:
            left[name] += counts["decisions"] if FOLLOWS[name] == "decisions" else 0
        for name in FOLLOWS:
            counts[name] = draw(st.integers(0, left[name]))
            left[name] -= counts[name]
            left["appeals_answered"] += counts[name] if name == "appeals" else 0
        history.append(tuple(counts.values()))
    return history


@given(a_history())
def test_numbers_are_near_what_they_count(history: list[Counts]) -> None:
    assert possible(history)
    for counts, shown in zip(history, told(history), strict=True):
        for count, number in zip(counts, shown.values(), strict=True):
            if isinstance(number, int):
                assert number - 2 <= count <= number + 3
                assert (number == 0) == (count == 0)
            else:
                assert number is None or 0 < count < 5


def test_tables_tell_nothing_that_the_number_does_not() -> None:
    """Ten at most can have ended, by what was told before: two fives would say that it was ten, and one of those before."""
    before = [kept({"decisions": "<5", "appeals": 0, "appeals_answered": 0, "lifted": "<5"}, [])]
    decisions = [DecisionFacts("warn", "conduct", True)] * 7
    found = report(
        "Harbour", *QUARTERS[1], [], decisions, Followed(lifted=["heard"] * 5 + ["mistake"] * 5), earlier=before
    )
    assert (found.tables["totals"]["lifted"], found.withheld) == (10, ["lifted_by_reason"])
    other = report("Harbour", *QUARTERS[1], [], decisions, Followed(lifted=["heard"] * 9), earlier=before)
    assert (other.tables["lifted_by_reason"], other.withheld) == ({"heard": 10}, [])


def at(quarter: Quarter, days: int = 20) -> datetime:
    return datetime.combine(quarter[0], time(12), UTC) + timedelta(days=days)


@pytest.fixture
def harbour(either_database: None) -> Harbour:
    return settle()


def warned(harbour: Harbour, when: datetime) -> Decision:
    deciding = Deciding(uuid4(), "warn", "conduct", 1, None, "other")
    subject = harbour.account(harbour.infiltrator)
    made = decide(harbour.account(harbour.moderator), subject, deciding, room=None, case=None)
    Decision.objects.filter(id=made.id).update(in_force_at=when)
    return made


def totals(found: Report) -> dict[str, Number]:
    wanted = ("decisions", "appeals", "appeals_answered", "lifted")
    return {name: found.tables["totals"][name] for name in wanted}


def test_an_objection_counts_in_the_quarter_in_which_it_came_also_after_the_decisions_was_kept(
    harbour: Harbour,
) -> None:
    """It may come for half a year: after its decision was told, it would be in no report ever."""
    before, after = QUARTERS
    made = [warned(harbour, at(before)) for _ in range(12)]
    first = transparency(harbour.network, before)
    assert totals(first) == {"decisions": 10, "appeals": 0, "appeals_answered": 0, "lifted": 0}
    colleague = harbour.account(harbour.colleague)
    for one in made[:6]:
        appeal(one)
    for one in made[:5]:
        close_appeal(one, colleague, "overturned", "too_much")
    for one in made[6:]:
        lift(one, harbour.account(harbour.moderator), "heard")
    Decision.objects.filter(ended_at__isnull=False).update(ended_at=at(after))
    Appeal.objects.update(made_at=at(after))
    Appeal.objects.filter(closed_at__isnull=False).update(closed_at=at(after, 21))
    second = transparency(harbour.network, after)
    assert totals(second) == {"decisions": 0, "appeals": 5, "appeals_answered": 5, "lifted": 5}
    assert second.tables["appeals_by_outcome"] == {"overturned": 5}
    assert second.tables["appeals_by_reason"] == {"too_much": 5}
    assert second.tables["lifted_by_reason"] == {"heard": 5}
    assert second.medians["minutes_to_answer_appeal"] == 24 * 60
    assert transparency(harbour.network, before) == first


def test_quarters_are_kept_in_their_order_whichever_is_asked_for_first(harbour: Harbour) -> None:
    """Else what is told of the first could not look at what the second told."""
    before, after = QUARTERS
    made = [warned(harbour, at(quarter)) for quarter in QUARTERS for _ in range(4)]
    for one in made:
        lift(one, harbour.account(harbour.moderator), "heard")
    Decision.objects.update(ended_at=at(after))
    assert totals(transparency(harbour.network, after))["lifted"] == 5
    assert list(StoredReport.objects.order_by("start").values_list("start", flat=True)) == [before[0], after[0]]


def test_what_was_lifted_and_then_taken_back_ended_once(harbour: Harbour) -> None:
    made = warned(harbour, datetime.now(UTC))
    lift(made, harbour.account(harbour.moderator), "heard")
    Decision.objects.update(ended_at=at(QUARTERS[0]))
    appeal(made)
    close_appeal(made, harbour.account(harbour.colleague), "overturned", "too_much")
    made.refresh_from_db()
    assert (made.state, made.ended_at) == ("overturned", at(QUARTERS[0]))
