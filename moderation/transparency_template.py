"""The transparency report after the EU's templates: Implementing Regulation (EU) 2024/2835, as far as they concern such a
network. Every number in it is one of the report's own, so that it says no more than the report."""

from __future__ import annotations

from typing import Any

from moderation.transparency import Report

CATEGORIES: dict[str, tuple[str, str | None]] = {
    "danger": ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_OTHER"),
    "self_harm": ("STATEMENT_CATEGORY_SELF_HARM", "KEYWORD_OTHER"),
    "recruitment": ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_HUMAN_EXPLOITATION"),
    "threats": ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_BULLYING_INTIMIDATION"),
    "harassment": ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_HARASSMENT"),
    "illegal_images": ("STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"),
    "other": ("STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", None),
}
"""Concerns as the templates' categories and subcategories (annex II). What a person asks about is no finding: it is the
category that comes closest to it. No two concerns share a row, so no sum tells of a small number."""


def as_template(found: Report, domain: str) -> dict[str, Any]:
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
            "by_category": _by_category(found),
            "median_time_to_take_action_minutes": found.medians["minutes_to_close"],
        },
        "own_initiative": {
            "number_of_measures": tables.get("decisions_by_source", {}).get("own_initiative"),
            "automated_means": False,
        },
        "restrictions": {
            "by_type": tables.get("decisions_by_kind"),
            "by_ground": tables.get("decisions_by_ground"),
        },
        "internal_complaints": {
            "number_of_complaints": tables["totals"]["appeals"],
            "by_outcome": tables.get("appeals_by_outcome"),
            "by_reason": tables.get("appeals_by_reason"),
            "median_time_to_take_decision_minutes": found.medians["minutes_to_answer_appeal"],
        },
        "automated_content_moderation": {"used": False},
        "not_in_the_template": {
            "cases_handed_over_outside": tables["totals"]["handed_over"],
            "evidence_exports": tables["totals"]["exports"],
        },
        "rounding": "to the nearest 5; 1 to 4 as <5",
        "withheld": found.withheld,
    }


def _by_category(found: Report) -> list[dict[str, Any]] | None:
    """One row a concern, with the network's own code beside it."""
    numbers = found.tables.get("cases_by_concern")
    if numbers is None:
        return None
    return [
        {"category": category, "subcategory": keyword, "concern": concern, "number": numbers[concern]}
        for concern, (category, keyword) in CATEGORIES.items()
        if concern in numbers
    ]
