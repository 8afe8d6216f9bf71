"""The transparency report after the EU's templates: Implementing Regulation (EU) 2024/2835, as far as they concern such a
network. Every number in it is one of the report's own, so that it says no more than the report.

Names of categories, keywords and values are those of annex II and, the same since 1 July 2025, of the DSA Transparency
Database's API, version 2 (https://transparency.dsa.ec.europa.eu/page/api-documentation); a test holds them against
tests/vectors/dsa. Which of them a concern or a decision is near to is this project's reading, and no lawyer's.
"""

from __future__ import annotations

from typing import Any

from moderation.transparency import Report

CATEGORIES: dict[str, tuple[str, str | None]] = {
    "danger": ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_OTHER"),
    "self_harm": ("STATEMENT_CATEGORY_SELF_HARM", "KEYWORD_OTHER"),
    "recruitment": ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_HUMAN_TRAFFICKING"),
    "threats": ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_BULLYING_INTIMIDATION"),
    "harassment": ("STATEMENT_CATEGORY_CYBER_VIOLENCE", "KEYWORD_CYBER_HARASSMENT"),
    "illegal_images": ("STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"),
    "other": ("STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", None),
}
"""Concerns as the templates' categories and subcategories. What a person asks about is no finding: it is the category that
comes closest to it. To recruit for exploitation is trafficking (Directive 2011/36/EU, article 2(1)), before anybody is
exploited. No two concerns share a row, so no sum tells of a small number."""

RESTRICTIONS: dict[str, tuple[str, str] | None] = {
    "warn": None,
    "remove_from_room": ("decision_provision", "DECISION_PROVISION_PARTIAL_TERMINATION"),
    "mute": ("decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
    "limit_reports": None,
    "suspend": ("decision_account", "DECISION_ACCOUNT_SUSPENDED"),
    "ban": ("decision_account", "DECISION_ACCOUNT_TERMINATED"),
}
"""Kinds of decisions as attribute and value. A warning restricts nothing (DSA article 17(1)), and not to be heard with
questions for a time is article 23(2)'s. No decision takes content away, so `decision_visibility` is never used."""

GROUNDS = {"law": "DECISION_GROUND_ILLEGAL_CONTENT", "conduct": "DECISION_GROUND_INCOMPATIBLE_CONTENT"}


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
            "source_type": "SOURCE_VOLUNTARY",
            "automated_detection": "No",
        },
        "restrictions": {
            "by_type": _by_type(found),
            "by_ground": _by_ground(found),
        },
        "internal_complaints": {
            "number_of_complaints": tables["totals"].get("appeals"),
            "number_of_decisions": tables["totals"].get("appeals_answered"),
            "by_outcome": tables.get("appeals_by_outcome"),
            "by_reason": tables.get("appeals_by_reason"),
            "median_time_to_take_decision_minutes": found.medians["minutes_to_answer_appeal"],
        },
        "automated_content_moderation": {"used": False, "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"},
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


def _by_type(found: Report) -> list[dict[str, Any]] | None:
    """One row a kind of decision; where the templates have no such restriction, attribute and value are null."""
    numbers = found.tables.get("decisions_by_kind")
    if numbers is None:
        return None
    rows = [(kind, *(official or (None, None))) for kind, official in RESTRICTIONS.items() if kind in numbers]
    return [
        {"attribute": attribute, "value": value, "decision": kind, "number": numbers[kind]}
        for kind, attribute, value in rows
    ]


def _by_ground(found: Report) -> list[dict[str, Any]] | None:
    numbers = found.tables.get("decisions_by_ground")
    if numbers is None:
        return None
    return [
        {"decision_ground": value, "ground": ground, "number": numbers[ground]}
        for ground, value in GROUNDS.items()
        if ground in numbers
    ]
