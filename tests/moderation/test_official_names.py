"""The names that the transparency report takes from the EU are the EU's (tests/vectors/dsa)."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from moderation.models.case import Concern
from moderation.models.decision import Ground, Kind
from moderation.transparency import DecisionFacts, report
from moderation.transparency_template import CATEGORIES, GROUNDS, RESTRICTIONS, as_template

OFFICIAL = json.loads((Path(__file__).parents[1] / "vectors" / "dsa" / "enumerations.json").read_text())


def form(decisions: list[DecisionFacts]) -> dict[str, Any]:
    return as_template(report("Harbour", date(2026, 1, 1), date(2026, 1, 31), [], decisions), "kindred.example")


@pytest.mark.parametrize(("concern", "row"), CATEGORIES.items())
def test_each_concern_has_a_category_and_a_keyword_of_that_category(concern: str, row: tuple[str, str | None]) -> None:
    category, keyword = row
    assert concern in Concern.values
    assert category in OFFICIAL["categories"]
    assert keyword in (OFFICIAL["keywords"][category] or [None])


def test_each_kind_of_decision_and_each_ground_has_a_row() -> None:
    assert sorted(RESTRICTIONS) == sorted(Kind.values)
    assert sorted(GROUNDS) == sorted(Ground.values)
    for official in filter(None, RESTRICTIONS.values()):
        attribute, value = official
        assert value in OFFICIAL["attributes"][attribute]
    assert set(GROUNDS.values()) == set(OFFICIAL["attributes"]["decision_ground"])
    told = [official for official in RESTRICTIONS.values() if official]
    assert len(set(told)) == len(told), "two kinds in one row would be summed"


def test_decisions_are_told_in_rows_with_the_official_value_beside_the_own_code() -> None:
    decisions = [DecisionFacts("ban", "law", True)] * 5 + [DecisionFacts("mute", "conduct", False)] * 10
    told = form(decisions)["restrictions"]
    assert told["by_type"] == [
        {
            "attribute": "decision_provision",
            "value": "DECISION_PROVISION_PARTIAL_SUSPENSION",
            "decision": "mute",
            "number": 10,
        },
        {"attribute": "decision_account", "value": "DECISION_ACCOUNT_TERMINATED", "decision": "ban", "number": 5},
    ]
    assert told["by_ground"] == [
        {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "ground": "law", "number": 5},
        {"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "ground": "conduct", "number": 10},
    ]


def test_what_is_withheld_from_the_report_is_withheld_from_its_rows() -> None:
    # 4 and 4 with a total of 10: both could be worked out.
    told = form([DecisionFacts("ban", "law", True)] * 4 + [DecisionFacts("mute", "conduct", True)] * 4)
    assert "decisions_by_kind" in told["withheld"]
    assert told["restrictions"]["by_type"] is None


def test_how_it_was_found_and_decided_is_told_in_official_values() -> None:
    told, attributes = form([]), OFFICIAL["attributes"]
    assert told["own_initiative"]["source_type"] in attributes["source_type"]
    assert told["own_initiative"]["automated_detection"] in attributes["automated_detection"]
    assert told["automated_content_moderation"]["automated_decision"] in attributes["automated_decision"]


def test_no_other_name_of_the_eus_is_used() -> None:
    known = {*OFFICIAL["categories"], *(name for names in OFFICIAL["keywords"].values() for name in names)}
    known |= {name for names in OFFICIAL["attributes"].values() for name in names}
    source = (Path(__file__).parents[2] / "moderation" / "transparency_template.py").read_text()
    used = set(re.findall(r'"((?:STATEMENT|KEYWORD|DECISION|SOURCE|AUTOMATED)_[A-Z_]+)"', source))
    assert len(used) > 10
    assert used <= known
